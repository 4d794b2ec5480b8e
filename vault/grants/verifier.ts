import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';
import { CARD_PURPOSES } from '../../workflows/domain/outcome.ts';
import type { DetokenizeRequest, VaultProblemCode } from '../contract.ts';
import { CLOCK_SKEW_MS, DELEGATION_LIFE_MAX_MS, GRANT_LIFE_MAX_MS, signedBytes, splitGrant } from './form.ts';
import type { SpeaksFor } from '../speaks-for.ts';
import type { GrantKeys } from './keys.ts';

const delegationSchema = z.strictObject({
  key: z.string().max(200),
  worker: z.string().min(1).max(100),
  notBefore: z.int(),
  notAfter: z.int(),
});
const grantSchema = z.strictObject({
  merchant: z.string(),
  payment: z.string(),
  attempt: z.string(),
  account: z.string(),
  // Payments workers from before acquirers were named sign without it.
  acquirer: z.string().optional(),
  purpose: z.enum(CARD_PURPOSES),
  issued: z.int(),
  expires: z.int(),
});

interface Believed {
  readonly key: KeyObject;
  readonly worker: string;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** What a grant comes to. `signer` is the process that signed it; null when that is not proven. */
export type GrantCheck =
  | { readonly refused: null; readonly signer: string }
  | {
      readonly refused: GrantRefusal;
      readonly message: string;
      readonly signer: string | null;
    };

export type GrantRefusal = Extract<VaultProblemCode, `grant_${string}` | 'certificate_unnamed'>;

/** A worker has one delegation at a time, and a new one every hour. */
const DELEGATIONS_HELD = 256;

export interface GrantVerifier {
  /**
   * Whether the request's grant allows exactly that request now, to who shows it. Never throws for what is in it.
   * @param speaksFor as the certificate of who shows it says.
   */
  check(request: DetokenizeRequest, speaksFor: SpeaksFor): Promise<GrantCheck>;
}

/**
 * Checks grants against the pinned public keys of the key service; asks nobody. A delegation is verified
 * once and remembered, a grant each time.
 * @param now epoch ms.
 * @param allowsUnnamed whether certificates and grants that name no acquirer are taken, as before they had to.
 */
export function createGrantVerifier(
  keys: GrantKeys,
  now: () => number,
  allowsUnnamed: boolean,
): GrantVerifier {
  /** Oldest first. */
  let believed = new Map<string, Believed>();
  keys.onChange(() => {
    believed = new Map();
  });

  async function believe(text: string, signature: Buffer): Promise<Believed | null> {
    const name = `${signature.toString('base64')} ${text}`;
    const known = believed.get(name);
    if (known !== undefined) return known;
    const message = signedBytes('delegation', text);
    const pinned = keys.current();
    const signed = await Promise.all(pinned.map((key) => isSigned('sha256', message, key, signature)));
    if (!signed.includes(true)) return null;
    const parsed = parse(delegationSchema, text);
    if (parsed === null || parsed.notAfter - parsed.notBefore > DELEGATION_LIFE_MAX_MS) return null;
    const key = createPublicKey({ key: Buffer.from(parsed.key, 'base64url'), format: 'der', type: 'spki' });
    if (key.asymmetricKeyType !== 'ed25519') return null;
    const entry = { ...parsed, key };
    // Other keys were pinned meanwhile: then this one is looked at anew the next time.
    if (keys.current() === pinned) believed.set(name, entry);
    for (const oldest of believed.keys()) {
      if (believed.size <= DELEGATIONS_HELD) break;
      believed.delete(oldest);
    }
    return entry;
  }

  return {
    async check(request, speaksFor) {
      const refuse = (refused: GrantRefusal, message: string, signer: string | null = null): GrantCheck => ({
        refused,
        message,
        signer,
      });
      const { attempt, grant: joined } = request;
      if (joined === null)
        return refuse('grant_missing', `attempt ${attempt} brings no grant; the payments worker makes them`);
      const parts = splitGrant(joined);
      const by = parts === null ? null : await believe(parts.delegation.text, parts.delegation.signature);
      if (parts === null || by === null)
        return refuse(
          'grant_invalid',
          `the grant of ${attempt} is signed by nobody whom the key service named`,
        );
      const { text, signature } = parts.grant;
      if (!(await isSigned(null, signedBytes('grant', text), by.key, signature)))
        return refuse('grant_invalid', `the grant of ${attempt} is not what ${by.worker} signed`);
      const grant = parse(grantSchema, text);
      if (grant === null || grant.expires - grant.issued > GRANT_LIFE_MAX_MS)
        return refuse('grant_invalid', `the grant of ${attempt} has no form that is known here`, by.worker);
      const at = now();
      const latest = Math.min(grant.expires, by.notAfter) + CLOCK_SKEW_MS;
      if (at > latest)
        return refuse(
          'grant_expired',
          `the grant of ${attempt} expired ${at - latest + CLOCK_SKEW_MS} ms ago; ask for a new one`,
          by.worker,
        );
      if (at < Math.max(grant.issued, by.notBefore) - CLOCK_SKEW_MS)
        return refuse(
          'grant_not_yet_valid',
          `the grant of ${attempt} begins later than now; compare the clocks`,
          by.worker,
        );
      for (const [what, code] of MUST_AGREE) {
        if (grant[what] !== request[what])
          return refuse(code, `the grant of ${attempt} is for ${what} ${grant[what]}`, by.worker);
      }
      const stranger = strangerTo(grant.acquirer, speaksFor, allowsUnnamed);
      if (stranger !== null)
        return refuse(stranger, `the grant of ${attempt} ${STRANGERS[stranger]}`, by.worker);
      return { refused: null, signer: by.worker };
    },
  };
}

const STRANGERS = {
  certificate_unnamed:
    'is shown with a certificate that names no acquirer; issue one that does (docs/operating.md)',
  grant_unnamed: 'names no acquirer: an older payments worker signed it; ask a newer one',
  grant_wrong_acquirer: 'is for an acquirer that the certificate of who shows it does not name',
} as const satisfies Partial<Record<GrantRefusal, string>>;

/** Why whoever speaks for those acquirers may not use a grant for this one (undefined = it names none); null = it may. */
function strangerTo(
  acquirer: string | undefined,
  speaksFor: SpeaksFor,
  allowsUnnamed: boolean,
): keyof typeof STRANGERS | null {
  if (speaksFor === 'all') return null;
  if (speaksFor === null) return allowsUnnamed ? null : 'certificate_unnamed';
  if (acquirer === undefined) return allowsUnnamed ? null : 'grant_unnamed';
  return speaksFor.has(acquirer) ? null : 'grant_wrong_acquirer';
}

const MUST_AGREE = [
  ['merchant', 'grant_wrong_merchant'],
  ['payment', 'grant_wrong_payment'],
  ['attempt', 'grant_wrong_attempt'],
  ['account', 'grant_wrong_account'],
  ['purpose', 'grant_wrong_purpose'],
] as const satisfies readonly (readonly [keyof z.infer<typeof grantSchema>, GrantRefusal])[];

/** With a callback Node verifies in its pool of threads: it is a fifth of a detokenization, and others go on. */
const verifyAside = promisify(
  (
    algorithm: 'sha256' | null,
    bytes: Buffer,
    key: KeyObject,
    signature: Buffer,
    done: (error: Error | null, signed: boolean) => void,
  ) => {
    verify(algorithm, bytes, key, signature, done);
  },
);

async function isSigned(
  algorithm: 'sha256' | null,
  bytes: Buffer,
  key: KeyObject,
  signature: Buffer,
): Promise<boolean> {
  try {
    return await verifyAside(algorithm, bytes, key, signature);
  } catch {
    return false;
  }
}

function parse<T>(schema: z.ZodType<T>, text: string): T | null {
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
