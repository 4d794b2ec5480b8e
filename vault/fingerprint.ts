import { createHmac } from 'node:crypto';
import type { Kms } from '../platform/kms.ts';
import type { MerchantId } from '../workflows/domain/ids.ts';
import type { VaultDataKeys } from './data-keys.ts';
import { newDataKeyId } from './new-token.ts';

/**
 * Tells whether two cards are the same without keeping them: HMAC-SHA-256 over merchant and whole
 * number. Never a bare hash: with BIN and last four known, a bare hash falls in a second. Two merchants
 * see two values for one card.
 */
export interface Fingerprinter {
  /** 64 hex digits. Throws as {@link Kms} and the database while the key is not yet in memory. */
  fingerprint(merchant: MerchantId, number: string): Promise<string>;
  /** Gets the key now, if it is not in memory yet. */
  ready(): Promise<void>;
  /** Wipes the key. */
  close(): void;
}

/**
 * The key is made once per vault, wrapped by the KMS, and kept in memory while the process lives: every
 * stage needs it, and unlike a data key it cannot be replaced.
 */
export function createFingerprinter(kms: Kms, dataKeys: VaultDataKeys): Fingerprinter {
  let held: Buffer | null = null;
  let loading: Promise<Buffer> | null = null;

  async function load(): Promise<Buffer> {
    let stored = await dataKeys.findFingerprintKey();
    if (stored === null) {
      const id = newDataKeyId();
      const { plaintext, wrapped, masterKey } = await kms.generateDataKey({
        purpose: 'fingerprint',
        data_key: id,
      });
      plaintext.fill(0);
      // Two vaults may start at once: whichever row is there afterwards is the key.
      await dataKeys.insert({ id, purpose: 'fingerprint', masterKey, wrapped });
      stored = await dataKeys.findFingerprintKey();
      if (stored === null)
        throw new Error('the fingerprint key that was just inserted is not in vault.data_keys');
    }
    return kms.unwrap(stored.wrapped, stored.masterKey, { purpose: 'fingerprint', data_key: stored.id });
  }

  async function key(): Promise<Buffer> {
    if (held !== null) return held;
    loading ??= load().finally(() => {
      loading = null;
    });
    held = await loading;
    return held;
  }

  return {
    async fingerprint(merchant, number) {
      return createHmac('sha256', await key())
        .update(`${merchant}\n${number}`)
        .digest('hex');
    },
    async ready() {
      await key();
    },
    close() {
      held?.fill(0);
      held = null;
    },
  };
}
