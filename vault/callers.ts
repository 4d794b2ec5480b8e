import { createHash, timingSafeEqual } from 'node:crypto';
import type { VaultOperation } from './contract.ts';

/** The three kinds of process that may speak to the vault. */
const CALLERS = ['api', 'payments', 'acquirers'] as const;
export type Caller = (typeof CALLERS)[number];

/** Who may do what. Only the acquirer workers ever get a number back. */
const MAY = {
  stage: ['api'],
  tokenize: ['payments'],
  detokenize: ['acquirers'],
  // The payments worker releases for an acquirer worker that died before it sent anything.
  release: ['payments', 'acquirers'],
  burn: ['payments', 'acquirers'],
} as const satisfies Record<VaultOperation, readonly Caller[]>;

export function mayCall(caller: Caller, operation: VaultOperation): boolean {
  const allowed: readonly Caller[] = MAY[operation];
  return allowed.includes(caller);
}

/** Tells who presents an `Authorization` header; null = nobody we know. */
export type Identify = (authorization: string | undefined) => Caller | null;

/**
 * Callers known by a shared secret. Digests are compared, all of them, in constant time: neither the
 * length nor the first wrong byte of a guess can be measured.
 */
export function createIdentify(secrets: Readonly<Record<Caller, string>>): Identify {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const known = CALLERS.map((caller) => ({ caller, expected: digest(`Bearer ${secrets[caller]}`) }));
  return (authorization) => {
    const presented = digest(authorization ?? '');
    let found: Caller | null = null;
    for (const { caller, expected } of known) if (timingSafeEqual(presented, expected)) found = caller;
    return found;
  };
}
