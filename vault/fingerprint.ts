import { createHmac } from 'node:crypto';
import type { Kms } from '../platform/kms.ts';
import type { MerchantId } from '../workflows/domain/ids.ts';
import { RetiredMasterKey, UnknownKey } from '../platform/key-errors.ts';
import { unwrapStored } from '../platform/unwrap-stored.ts';
import type { CardMode } from './contract.ts';
import type { VaultDataKeys } from './data-keys.ts';
import { newDataKeyId } from './new-token.ts';

/**
 * Tells whether two cards are the same without keeping them: HMAC-SHA-256 over merchant and whole
 * number. Never a bare hash: with BIN and last four known, a bare hash falls in a second. Two merchants
 * see two values for one card, and so do the two modes of one.
 */
export interface Fingerprinter {
  /** 64 hex digits. Throws as {@link Kms} and the database while the key is not yet in memory. */
  fingerprint(merchant: MerchantId, mode: CardMode, number: string): Promise<string>;
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

  async function make(): Promise<void> {
    const id = newDataKeyId();
    const { plaintext, wrapped, masterKey } = await kms.generateDataKey({
      purpose: 'fingerprint',
      data_key: id,
    });
    plaintext.fill(0);
    // Two vaults may start at once: whichever row is there afterwards is the key.
    await dataKeys.insert({ id, purpose: 'fingerprint', masterKey, wrapped });
  }

  async function load(): Promise<Buffer> {
    if ((await dataKeys.findFingerprintKey()) === null)
      await make().catch((error: unknown) => {
        // The master key was rotated in between: the second one is of the new one.
        if (error instanceof RetiredMasterKey) return make();
        throw error;
      });
    const { key } = await unwrapStored(kms, async () => {
      const stored = await dataKeys.findFingerprintKey();
      if (stored === null)
        throw new UnknownKey('the fingerprint key that was just inserted is not in vault.data_keys');
      return stored;
    });
    return key;
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
    async fingerprint(merchant, mode, number) {
      // Live as it was before there were modes: the cards of then are live, and known again.
      const said = mode === 'live' ? `${merchant}\n${number}` : `${merchant}\n${mode}\n${number}`;
      return createHmac('sha256', await key())
        .update(said)
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
