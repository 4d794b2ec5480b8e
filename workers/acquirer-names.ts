import { X509Certificate } from 'node:crypto';
import { namesOf } from '../platform/tls.ts';
import { ACQUIRER_NAMES_END, ALL_ACQUIRERS } from '../vault/contract.ts';

/**
 * Those of `acquirers` that the certificate does not name: the vault gives a worker with it no card for them, so
 * none of their payments is sent.
 * @param certificate PEM; the first one counts.
 */
export function unnamedAcquirers(certificate: string, acquirers: readonly string[]): readonly string[] {
  const named = new Set(namesOf(new X509Certificate(certificate).subjectAltName, 'DNS'));
  if (named.has(`${ALL_ACQUIRERS}${ACQUIRER_NAMES_END}`)) return [];
  return acquirers.filter((acquirer) => !named.has(`${acquirer}${ACQUIRER_NAMES_END}`));
}
