import { Webhook } from 'standardwebhooks';
import { KmsUnavailable } from '../../platform/key-errors.ts';
import type { SecretOwner } from '../../platform/sealed-secret.ts';

export interface SignersOptions {
  /** Opens a sealed secret; throws as {@link openSecret} of the platform. */
  readonly open: (owner: SecretOwner, sealed: unknown) => Promise<string>;
  /** An opened secret older than this is opened again (ms), so that a revoked key takes effect. */
  readonly maxAgeMs: number;
  /** How long beyond its age it is still used while the key service does not answer (ms). */
  readonly graceMs: number;
  /** Opened secrets held at once. */
  readonly capacity: number;
  /** Monotonic, in ms. */
  readonly now: () => number;
}

/** The signer of an endpoint, from its sealed secret. Throws what `open` throws. */
export type Signers = (
  owner: SecretOwner,
  sealed: unknown,
  which?: 'current' | 'previous',
) => Promise<Webhook>;

interface Held {
  readonly sealed: string;
  readonly since: number;
  readonly signer: Webhook;
}

/** Signers by endpoint, kept in memory so that a delivery does not cost a call of the key service. */
export function createSigners({ open, maxAgeMs, graceMs, capacity, now }: SignersOptions): Signers {
  const held = new Map<string, Held>();
  const opening = new Map<string, Promise<Webhook>>();

  async function openNew(key: string, owner: SecretOwner, sealed: unknown, text: string): Promise<Webhook> {
    const signer = new Webhook(await open(owner, sealed));
    held.delete(key);
    held.set(key, { sealed: text, since: now(), signer });
    for (const oldest of held.keys()) {
      if (held.size <= capacity) break;
      held.delete(oldest);
    }
    return signer;
  }

  return async (owner, sealed, which = 'current') => {
    const key = `${owner.merchant}|${owner.id}|${which}`;
    const text = JSON.stringify(sealed);
    const known = held.get(key);
    const age = known?.sealed === text ? now() - known.since : Infinity;
    if (known !== undefined && age < maxAgeMs) return known.signer;
    // Whoever comes meanwhile waits for the same opening, of the same secret.
    const subject = `${key}|${text}`;
    let under = opening.get(subject);
    if (under === undefined) {
      under = openNew(key, owner, sealed, text).finally(() => opening.delete(subject));
      opening.set(subject, under);
    }
    try {
      return await under;
    } catch (error) {
      if (error instanceof KmsUnavailable && known !== undefined && age < maxAgeMs + graceMs)
        return known.signer;
      throw error;
    }
  };
}
