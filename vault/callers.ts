import type { TLSSocket } from 'node:tls';
import { uriOf } from '../platform/tls.ts';
import type { VaultOperation } from './contract.ts';
import { VaultProblem } from './problem.ts';
import { speaksForOf, type SpeaksFor } from './speaks-for.ts';

/** The four kinds of process that may speak to the vault. */
const CALLERS = ['api', 'payments', 'acquirers', 'back-office'] as const;
export type Caller = (typeof CALLERS)[number];

/** By what a caller's certificate names it: its one URI. */
const NAME_OF = {
  api: 'spiffe://quittance/api',
  payments: 'spiffe://quittance/payments',
  acquirers: 'spiffe://quittance/acquirers',
  'back-office': 'spiffe://quittance/back-office',
} as const satisfies Record<Caller, string>;

/** Who may do what. Only the acquirer workers ever get a number back. */
const MAY = {
  stage: ['api'],
  claim: ['api'],
  tokenize: ['payments'],
  detokenize: ['acquirers'],
  // The payments worker releases for an acquirer worker that died before it sent anything.
  release: ['payments', 'acquirers'],
  burn: ['payments', 'acquirers'],
  rekey: ['back-office'],
  // What a merchant stored, without a number, and that it wants it no more.
  card: ['api'],
  cards: ['api'],
  cardToken: ['api'],
  forget: ['api', 'back-office'],
  // It knows which payments are over.
  forgotten: ['back-office'],
  destroy: ['back-office'],
  // Merchants make and revoke them there.
  publish: ['api'],
} as const satisfies Record<VaultOperation, readonly Caller[]>;

export function mayCall(caller: Caller, operation: VaultOperation): boolean {
  const allowed: readonly Caller[] = MAY[operation];
  return allowed.includes(caller);
}

/** Who is at the other end of a connection. */
export interface Peer {
  readonly caller: Caller;
  /** Of an acquirer worker. */
  readonly speaksFor: SpeaksFor;
}

/** Tells who is at the other end of a connection. @throws VaultProblem that says why it is nobody we know. */
export type Identify = (socket: TLSSocket) => Peer;

interface Known extends Peer {
  /** Epoch ms. */
  readonly validTo: number;
}

/** What OpenSSL calls a certificate that is out of its time. */
const OUT_OF_TIME: ReadonlySet<string> = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);
const NOT_FOR_THIS: ReadonlySet<string> = new Set(['INVALID_PURPOSE', 'CERT_SIGNATURE_FAILURE']);

/**
 * Callers known by their certificates. The handshake lets everybody in, so that whoever is refused hears
 * why; nothing is read of a request before this has said who sends it. A connection outlives its
 * certificate in no case: its end is looked at for every request.
 */
export function createIdentify(now: () => number): Identify {
  const known = new WeakMap<TLSSocket, Known>();

  function meet(socket: TLSSocket): Known {
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined)
      throw new VaultProblem('no_certificate', 'the vault speaks only to those who show a certificate');
    if (!socket.authorized) throw refusalOf(String(socket.authorizationError));
    const name = uriOf(certificate.subjectAltName);
    const caller = CALLERS.find((one) => NAME_OF[one] === name);
    if (caller === undefined)
      throw new VaultProblem(
        'unknown_caller',
        `no caller of the vault has a certificate of ${name ?? 'no name'}`,
      );
    const speaksFor = speaksForOf(certificate.subjectAltName);
    return { caller, speaksFor, validTo: Date.parse(certificate.validTo) };
  }

  return (socket) => {
    let peer = known.get(socket);
    if (peer === undefined) {
      peer = meet(socket);
      known.set(socket, peer);
    }
    if (peer.validTo <= now())
      throw new VaultProblem(
        'certificate_expired',
        `the certificate of ${peer.caller} has expired; renew it`,
      );
    return peer;
  };
}

/** OpenSSL's reason, as the problem that the caller is told. */
function refusalOf(reason: string): VaultProblem {
  if (OUT_OF_TIME.has(reason))
    return new VaultProblem(
      'certificate_expired',
      `the caller’s certificate is out of its time (${reason}); renew it`,
    );
  if (NOT_FOR_THIS.has(reason))
    return new VaultProblem(
      'certificate_unusable',
      `the caller’s certificate is not for a client (${reason})`,
    );
  return new VaultProblem(
    'unknown_authority',
    `the caller’s certificate comes from no authority that the vault believes (${reason})`,
  );
}
