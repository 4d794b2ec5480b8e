import type { AttemptKind, Remedy } from '../../../workflows/domain/outcome.ts';
import { declined, doubt, notExecuted, type Judged } from '../answers.ts';
import type { StripeProblem } from './client.ts';
import { DECLINE_CODES, ERROR_CODES } from './reply-table.ts';

/** What a problem says about the request that it answers. */
export type ProblemClass =
  | { readonly class: 'declined'; readonly code: string; readonly remedy: Remedy; readonly text: string }
  /** Certainly not executed; `ours` = only we can mend it. */
  | { readonly class: 'not_begun'; readonly text: string; readonly ours: boolean }
  | { readonly class: 'in_progress'; readonly text: string }
  | { readonly class: 'mismatch'; readonly text: string }
  /** The object is not in a state for it: ask what state it is in. */
  | { readonly class: 'state'; readonly text: string }
  /** May have been executed; the answer is kept under the key, and repeated for as long as the key lives. */
  | { readonly class: 'stored_failure'; readonly text: string }
  | { readonly class: 'not_known'; readonly text: string };

/** The class of a problem: total, for every code there is or may come to be. */
export function classifyProblem({ status, type, code, declineCode, message }: StripeProblem): ProblemClass {
  const said = declineCode ?? code ?? type;
  if (status >= 500) return { class: 'stored_failure', text: `HTTP ${status} ${said}` };
  if (type === 'idempotency_error' && code !== 'idempotency_key_in_use')
    return { class: 'mismatch', text: 'the key was used with another body' };
  // Not authenticated, not allowed, too often: turned away before anything was looked at.
  if (status === 401 || status === 403)
    return { class: 'not_begun', text: `HTTP ${status}: ${message}`, ours: true };
  if (status === 429) return { class: 'not_begun', text: `HTTP 429 ${said}`, ours: false };
  const row =
    (declineCode === null ? undefined : rowOf(DECLINE_CODES.rows, declineCode)) ??
    (code === null || declineCode !== null ? undefined : rowOf(ERROR_CODES.rows, code));
  if (row === undefined) return { class: 'not_known', text: `HTTP ${status} ${type} ${said}` };
  switch (row.meaning) {
    case 'declined':
      return { class: 'declined', code: said, remedy: row.remedy, text: row.text };
    case 'not_begun':
      return { class: 'not_begun', text: row.text, ours: false };
    case 'in_progress':
    case 'mismatch':
    case 'state':
      return { class: row.meaning, text: row.text };
  }
}

function rowOf<Row>(rows: Readonly<Record<string, Row>>, code: string): Row | undefined {
  return Object.hasOwn(rows, code) ? rows[code] : undefined;
}

/** Starts the reason of an attempt whose key holds a stored failure; the number is its age then (ms). */
const STORED_FAILURE = /^stored_failure at (\d+) ms/;

/** How old the attempt was when a failure was stored under its key (ms); null = none was. */
export function storedFailureAt(reason: string | null): number | null {
  const found = STORED_FAILURE.exec(reason ?? '');
  return found === null ? null : Number(found[1]);
}

/**
 * What an attempt's answer is when it is a problem; null when the state of the object has to be asked.
 * @param repeated an earlier send is unknown: nothing said about this one says that it was not executed.
 * @param ageMs since the attempt was first sent.
 */
export function judgeProblem(
  kind: AttemptKind,
  problem: StripeProblem,
  { repeated, ageMs }: { readonly repeated: boolean; readonly ageMs: number },
): Judged | null {
  const found = classifyProblem(problem);
  switch (found.class) {
    case 'declined':
      return declined(found.code, found.remedy, kind === 'capture' ? 'advice_refused' : found.text);
    case 'not_begun': {
      const judged = repeated ? doubt(found.text) : notExecuted(found.text);
      return found.ours ? { ...judged, alarm: found.text } : judged;
    }
    case 'in_progress':
      return doubt(found.text);
    case 'stored_failure':
      return doubt(`stored_failure at ${Math.round(ageMs)} ms: ${found.text}`);
    case 'mismatch':
    case 'not_known':
      return doubt(found.text, true);
    case 'state':
      return null;
  }
}
