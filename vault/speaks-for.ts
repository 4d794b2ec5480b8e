import { namesOf } from '../platform/tls.ts';
import { ALL_ACQUIRERS, ACQUIRER_NAMES_END } from './contract.ts';

/**
 * Whose grants an acquirer worker may use: those of the acquirers that its certificate names, or all; null = it
 * names none.
 */
export type SpeaksFor = ReadonlySet<string> | 'all' | null;

/** What a certificate's alternative names say about that. */
export function speaksForOf(subjectAltName: string | undefined): SpeaksFor {
  const acquirers = namesOf(subjectAltName, 'DNS')
    .filter((name) => name.endsWith(ACQUIRER_NAMES_END))
    .map((name) => name.slice(0, -ACQUIRER_NAMES_END.length));
  if (acquirers.length === 0) return null;
  return acquirers.includes(ALL_ACQUIRERS) ? 'all' : new Set(acquirers);
}
