import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import type { KmsSigningKey } from '../../platform/kms-signing.ts';
import type { Logger } from '../../platform/logger.ts';
import {
  joinGrant,
  signedBytes,
  type Delegation,
  type Grant,
  type SignedText,
} from '../../vault/grants/form.ts';

/** Makes grants: the right of one attempt to have its card's number, for a short time. */
export interface GrantSigner {
  /**
   * Sees to it that a key is at hand.
   * @throws KmsUnavailable, KmsRefused or UnknownKey when there is none and none can be had.
   */
  ready(): Promise<void>;
  /** Throws as `ready`. */
  sign(grant: Omit<Grant, 'issued' | 'expires'>): Promise<string>;
  close(): void;
}

export interface GrantSignerOptions {
  readonly kms: KmsSigningKey;
  readonly logger: Logger;
  /** Names this process in every grant, with a few random characters after it. */
  readonly worker: string;
  /** How long a grant is good (ms). */
  readonly lifetimeMs: number;
  /** Epoch ms. */
  readonly now: () => number;
}

/** How long the key service certifies a process's key (ms): as long as cached data keys outlive its absence. */
const DELEGATION_LIFE_MS = 4 * 3_600_000;
/** After this another key is made, and certified, behind what goes on (ms): one call of the key service an hour. */
const RENEW_AFTER_MS = 3_600_000;
/** A renewal that failed is not tried again before (ms). */
const RENEWAL_PAUSE_MS = 5_000;
/** A delegation begins a little earlier, for a vault whose clock is behind (ms). */
const BACKDATED_MS = 5_000;

interface Held {
  readonly key: KeyObject;
  readonly delegation: SignedText;
  readonly made: number;
  readonly notAfter: number;
}

/**
 * Signs with an Ed25519 key of this process alone, which the key service certified: so that the key
 * service is asked once an hour and not once a payment (docs/decisions/013-grants.md).
 */
export function createGrantSigner({ kms, logger, worker, lifetimeMs, now }: GrantSignerOptions): GrantSigner {
  const name = `${worker}-${randomBytes(4).toString('hex')}`;
  let held: Held | null = null;
  let making: Promise<Held> | null = null;
  let renewNotBefore = 0;

  async function make(): Promise<Held> {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const made = now();
    const said: Delegation = {
      key: publicKey.export({ format: 'der', type: 'spki' }).toString('base64url'),
      worker: name,
      notBefore: made - BACKDATED_MS,
      notAfter: made + DELEGATION_LIFE_MS,
    };
    const text = JSON.stringify(said);
    const signature = await kms.sign(signedBytes('delegation', text));
    logger.info('grant_key_certified', { worker: name, not_after: new Date(said.notAfter).toISOString() });
    return { key: privateKey, delegation: { text, signature }, made, notAfter: said.notAfter };
  }

  /** One at a time; whoever comes meanwhile waits for the same. */
  async function renew(): Promise<Held> {
    making ??= make().finally(() => {
      making = null;
    });
    held = await making;
    return held;
  }

  async function usable(): Promise<Held> {
    // A grant must not outlive what its key is certified for.
    if (held === null || held.notAfter - now() < lifetimeMs) return renew();
    if (now() - held.made >= RENEW_AFTER_MS && now() >= renewNotBefore) {
      renewNotBefore = now() + RENEWAL_PAUSE_MS;
      renew().catch((error: unknown) => {
        logger.warn('grant_key_renewal_failed', { worker: name, error });
      });
    }
    return held;
  }

  return {
    async ready() {
      await usable();
    },
    async sign(about) {
      const { key, delegation } = await usable();
      const issued = now();
      const grant: Grant = { ...about, issued, expires: issued + lifetimeMs };
      const text = JSON.stringify(grant);
      return joinGrant(delegation, { text, signature: sign(null, signedBytes('grant', text), key) });
    },
    close() {
      held = null;
    },
  };
}
