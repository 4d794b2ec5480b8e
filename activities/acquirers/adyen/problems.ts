import type { AttemptKind, Remedy } from '../../../workflows/domain/outcome.ts';
import { declined, doubt, notExecuted, type Judged } from '../answers.ts';
import type { AdyenProblem } from './client.ts';
import { ERROR_CODES, rowOf } from './reply-table.ts';

/** What a problem says about the request that it answers. */
export type ProblemClass =
  | { readonly class: 'declined'; readonly code: string; readonly remedy: Remedy; readonly text: string }
  /** Certainly not executed; `ours` = only we can mend it. */
  | { readonly class: 'not_begun'; readonly text: string; readonly ours: boolean }
  /** Nothing is kept under the key: the same is asked again. */
  | { readonly class: 'in_progress'; readonly text: string }
  /** May have been executed; the key may answer it for as long as it lives. */
  | { readonly class: 'failure'; readonly text: string }
  | { readonly class: 'not_known'; readonly text: string };

/** The class of a problem: total, for every code there is or may come to be. */
export function classifyProblem({ status, errorCode, transient, message }: AdyenProblem): ProblemClass {
  const said = `HTTP ${status} ${errorCode ?? '(no code)'}`;
  // Whatever it is about, it is not the end of the request with this key.
  if (transient) return { class: 'in_progress', text: `${said}, transient` };
  if (status >= 500) return { class: 'failure', text: said };
  // Not authenticated, not allowed, too often: turned away before anything was looked at.
  if (status === 401 || status === 403)
    return { class: 'not_begun', text: `${said}: ${message}`, ours: true };
  if (status === 429) return { class: 'not_begun', text: said, ours: false };
  const row = errorCode === null ? null : rowOf(ERROR_CODES, errorCode);
  if (row === null || errorCode === null) return { class: 'not_known', text: `${said}: ${message}` };
  switch (row.meaning) {
    case 'declined':
      return { class: 'declined', code: errorCode, remedy: row.remedy, text: row.text };
    case 'ours':
      return { class: 'not_begun', text: `${said}: ${row.text}`, ours: true };
    case 'in_progress':
      return { class: 'in_progress', text: row.text };
  }
}

/**
 * What an attempt's answer is when it is a problem.
 * @param repeated an earlier send is unknown: nothing said about this one says that it was not executed.
 */
export function judgeProblem(
  kind: AttemptKind,
  problem: AdyenProblem,
  { repeated }: { readonly repeated: boolean },
): Judged {
  const found = classifyProblem(problem);
  switch (found.class) {
    case 'declined':
      // Nothing of what is turned away is kept under a key: this is said of the repeat alone, which lacks the
      // security code. The first may be under way; a result of it, or Adyen's report, tells.
      if (repeated && (kind === 'authorization' || kind === 'sale')) return doubt(found.text);
      return declined(found.code, found.remedy, kind === 'capture' ? 'advice_refused' : found.text);
    case 'not_begun': {
      const judged = repeated ? doubt(found.text) : notExecuted(found.text);
      return found.ours ? { ...judged, alarm: found.text } : judged;
    }
    case 'in_progress':
    case 'failure':
      return doubt(found.text);
    case 'not_known':
      return doubt(found.text, true);
  }
}
