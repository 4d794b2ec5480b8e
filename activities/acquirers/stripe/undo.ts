import { randomUUID } from 'node:crypto';
import type { AttemptId } from '../../../workflows/domain/ids.ts';
import type { AttemptRecord } from '../attempts.ts';
import { approved, doubt, type Judged } from '../answers.ts';
import type { KeyedRequest, Reply, StripeClient } from './client.ts';
import { judgeRefund } from './judge.ts';
import type { Intent } from './objects.ts';
import { planned, readStripeWire } from './plan.ts';
import { classifyProblem, judgeProblem } from './problems.ts';
import { INTENT_STATUSES, isIntentStatus } from './reply-table.ts';

/** How an undoing went. */
type Undone =
  | { readonly type: 'judged'; readonly judged: Judged }
  | { readonly type: 'unsent' | 'unknown'; readonly reason: string };

/**
 * Undoes an authorization or sale: its intent is canceled, which also keeps one that was never
 * confirmed from ever being; what was taken already is given back whole. Both can be done only once by
 * their nature (a canceled intent stays canceled, more than all cannot be refunded), so a repeat
 * needs no old key: it takes a new one, under which no failure is stored.
 */
export async function undo(
  client: StripeClient,
  attempt: AttemptRecord,
  id: AttemptId,
  { request, repeated }: { readonly request: KeyedRequest; readonly repeated: boolean },
): Promise<Undone> {
  const intent = planned(readStripeWire(attempt.wire), 'intent');
  const fresh = repeated ? { ...request, idempotencyKey: `${id}:${randomUUID()}` } : request;
  const canceled = await client.cancel(intent, fresh);
  if (canceled.type === 'object') return judged(judgeCanceled(canceled.value));
  if (canceled.type !== 'problem') return canceled;
  if (classifyProblem(canceled.problem).class !== 'state') {
    const found = judgeProblem(attempt.kind, canceled.problem, { repeated: true, ageMs: 0 });
    return judged(settledOnly(found));
  }

  const standing = await client.intent(intent, request);
  if (standing.type !== 'object') return unreadable(standing);
  if (statusOf(standing.value) !== 'taken') return judged(judgeCanceled(standing.value));
  return giveBack(client, attempt, id, { request: fresh, taken: standing.value });
}

async function giveBack(
  client: StripeClient,
  attempt: AttemptRecord,
  id: AttemptId,
  { request, taken }: { readonly request: KeyedRequest; readonly taken: Intent },
): Promise<Undone> {
  const earlier = await client.refunds(taken.id, request);
  if (earlier.type !== 'object') return unreadable(earlier);
  const made = earlier.value.data.find(({ metadata }) => metadata?.['attempt'] === id);
  if (made !== undefined) return judged(settledOnly(judgeRefund(attempt, made, null)));
  const refund = await client.refund(
    taken.id,
    { amount: taken.amount_received, metadata: { attempt: id } },
    { ...request, idempotencyKey: `${request.idempotencyKey}:refund` },
  );
  if (refund.type === 'object') return judged(settledOnly(judgeRefund(attempt, refund.value, null)));
  if (refund.type !== 'problem') return { type: 'unknown', reason: refund.reason };
  if (refund.problem.code === 'charge_already_refunded')
    return judged(approved({ responseCode: refund.problem.code }));
  return judged(settledOnly(judgeProblem(attempt.kind, refund.problem, { repeated: true, ageMs: 0 })));
}

const judged = (one: Judged): Undone => ({ type: 'judged', judged: one });

function unreadable(reply: Exclude<Reply<unknown>, { type: 'object' }>): Undone {
  return {
    type: 'unknown',
    reason: reply.type === 'problem' ? `HTTP ${reply.problem.status}` : reply.reason,
  };
}

function statusOf({ status }: Intent): (typeof INTENT_STATUSES)[keyof typeof INTENT_STATUSES] | null {
  return isIntentStatus(status) ? INTENT_STATUSES[status] : null;
}

function judgeCanceled(intent: Intent): Judged {
  return statusOf(intent) === 'canceled'
    ? approved({ responseCode: intent.status })
    : doubt(`${intent.id} was to be canceled and is ${intent.status}`, true);
}

/** An undoing is done, or it is repeated: no refusal ends it. */
function settledOnly(found: Judged | null): Judged {
  if (found === null) return doubt('not in a state to be undone', true);
  if (found.answer.outcome === 'approved') return found;
  return doubt(found.answer.reason ?? found.answer.responseCode ?? 'not undone', found.alarm !== null);
}
