import { randomBytes } from 'node:crypto';
import { open as openEnvelope, seal as sealEnvelope } from '../platform/envelope.ts';
import type { Keyring, Sealed } from '../platform/keyring.ts';
import type { CardToken, MerchantId, StagingId } from '../workflows/domain/ids.ts';
import type { VaultKeyPurpose } from './data-keys.ts';

export type VaultKeyring = Keyring<VaultKeyPurpose>;

/** A security code under a key of its own; that key sealed under a data key. All of it dies with the row. */
export interface SealedCode {
  readonly dataKey: string;
  readonly sealedKey: Buffer;
  readonly sealed: Buffer;
}

/** What each sealed value belongs to. A row copied to another merchant, token or staging id does not open. */
const CONTEXT = {
  card: (merchant: MerchantId, token: CardToken) => ['card', merchant, token],
  staged: (merchant: MerchantId, staging: StagingId) => ['staged_card', merchant, staging],
  codeKey: (merchant: MerchantId, staging: StagingId) => ['security_code_key', merchant, staging],
  code: (merchant: MerchantId, staging: StagingId) => ['security_code', merchant, staging],
} as const;

/** In place of a data-key id in what a security code is bound to: its key has no row. */
const OWN_KEY = 'own';
const KEY_BYTES = 32;

/** Lends the bytes of `text` and wipes them after. */
async function lend<T>(text: string, use: (bytes: Buffer) => Promise<T>): Promise<T> {
  const bytes = Buffer.from(text, 'ascii');
  try {
    return await use(bytes);
  } finally {
    bytes.fill(0);
  }
}

function takeText(bytes: Buffer): string {
  const text = bytes.toString('ascii');
  bytes.fill(0);
  return text;
}

/** Seals and opens what the vault keeps. Throws as {@link Keyring}. */
export function createSealing(keyring: VaultKeyring) {
  return {
    sealCard: (merchant: MerchantId, token: CardToken, number: string): Promise<Sealed> =>
      lend(number, (bytes) => keyring.seal('card', CONTEXT.card(merchant, token), bytes)),

    openCard: async (merchant: MerchantId, token: CardToken, { dataKey, sealed }: Sealed): Promise<string> =>
      takeText(await keyring.open(dataKey, CONTEXT.card(merchant, token), sealed)),

    sealStaged: (merchant: MerchantId, staging: StagingId, number: string): Promise<Sealed> =>
      lend(number, (bytes) => keyring.seal('staging', CONTEXT.staged(merchant, staging), bytes)),

    openStaged: async (
      merchant: MerchantId,
      staging: StagingId,
      { dataKey, sealed }: Sealed,
    ): Promise<string> => takeText(await keyring.open(dataKey, CONTEXT.staged(merchant, staging), sealed)),

    sealCode: (merchant: MerchantId, staging: StagingId, cvv: string): Promise<SealedCode> =>
      lend(cvv, async (bytes) => {
        const key = randomBytes(KEY_BYTES);
        try {
          const sealed = sealEnvelope(key, OWN_KEY, CONTEXT.code(merchant, staging), bytes);
          const own = await keyring.seal('staging', CONTEXT.codeKey(merchant, staging), key);
          return { dataKey: own.dataKey, sealedKey: own.sealed, sealed };
        } finally {
          key.fill(0);
        }
      }),

    openCode: async (merchant: MerchantId, staging: StagingId, code: SealedCode): Promise<string> => {
      const key = await keyring.open(code.dataKey, CONTEXT.codeKey(merchant, staging), code.sealedKey);
      try {
        return takeText(openEnvelope(key, OWN_KEY, CONTEXT.code(merchant, staging), code.sealed));
      } finally {
        key.fill(0);
      }
    },
  };
}

export type Sealing = ReturnType<typeof createSealing>;
