import { SEND_WITHIN_MS } from '../../../workflows/domain/attempt-plan.ts';
import type { AttemptId } from '../../../workflows/domain/ids.ts';
import type { AttemptRecord } from '../attempts.ts';
import { doubt, notExecuted, type Judged } from '../answers.ts';
import { SAME_KEY_FOR_MS } from './capabilities.ts';
import type { Reply, Request, StripeClient } from './client.ts';
import { judgeAuthorization, judgeFollowUp, judgeRefund } from './judge.ts';
import { planned, readStripeWire } from './plan.ts';
import { storedFailureAt } from './problems.ts';

/** What reading told: an answer, or that there was none. */
export type Asked =
  | { readonly type: 'judged'; readonly judged: Judged }
  | { readonly type: 'unknown'; readonly reason: string };

/**
 * Whether nothing that was sent for the attempt can still be under way, so that "not there" is proof
 * (payment-rules: proof of non-execution). What is sent once is past it an in-flight age after its
 * send-by. What is repeated with one key is past it that long after the last repeat could have been
 * made, or after a failure was stored under the key, for from then on nothing is executed under it. A
 * repeat is written within SEND_WITHIN_MS of its decision, or not at all (calls.ts).
 */
export function isAbsent({ onUnknown, sentForMs, sendWithinMs, inFlightMs, reason }: AttemptRecord): boolean {
  if (onUnknown !== 'repeat') return -sendWithinMs > inFlightMs;
  if (sentForMs === null) return false;
  const lastSend = storedFailureAt(reason) ?? SAME_KEY_FOR_MS;
  return sentForMs > lastSend + SEND_WITHIN_MS + inFlightMs;
}

/** Asks what became of an attempt, by the names that are committed with it. Changes nothing, never searches. */
export async function askAbout(
  client: StripeClient,
  attempt: AttemptRecord,
  id: AttemptId,
  request: Request,
): Promise<Asked> {
  const wire = readStripeWire(attempt.wire);
  const absent = isAbsent(attempt);
  switch (wire.request) {
    case 'confirm_manual':
    case 'confirm_automatic': {
      const { acquirerReference } = attempt;
      if (acquirerReference === null)
        return {
          type: 'judged',
          judged: doubt('it was sent, and no payment intent was kept before that', true),
        };
      const reply = await client.intent(acquirerReference, request);
      return read(reply, (intent) => judgeAuthorization(attempt, intent, absent));
    }
    case 'capture':
    case 'cancel':
    case 'release': {
      const reply = await client.intent(planned(wire, 'intent'), request);
      return read(reply, (intent) => judgeFollowUp(attempt, intent, absent));
    }
    case 'refund': {
      if (attempt.acquirerReference !== null) {
        const reply = await client.readRefund(attempt.acquirerReference, request);
        return read(reply, (refund) => judgeRefund(attempt, refund, attempt.amount));
      }
      const reply = await client.refunds(planned(wire, 'intent'), request);
      return read(reply, ({ data, has_more: more }) => {
        const ours = data.find(({ metadata }) => metadata?.['attempt'] === id);
        if (ours !== undefined) return judgeRefund(attempt, ours, attempt.amount);
        if (more) return doubt('it has more refunds than one page, and ours is not on it', true);
        return absent ? notExecuted('there is no refund of ours') : doubt('there is no refund of ours yet');
      });
    }
    case 'undo':
      return { type: 'judged', judged: doubt('an undoing is repeated, not asked about', true) };
  }
}

function read<T>(reply: Reply<T>, judge: (value: T) => Judged): Asked {
  switch (reply.type) {
    case 'object':
      return { type: 'judged', judged: judge(reply.value) };
    case 'problem': {
      const { status, type, code } = reply.problem;
      const reason = `asking was answered with HTTP ${status} ${code ?? type}`;
      // What we hold the name of must be there: a wrong account, a wrong key, another host.
      if (status === 404) return { type: 'judged', judged: doubt(reason, true) };
      return { type: 'unknown', reason };
    }
    case 'unsent':
    case 'unknown':
      return { type: 'unknown', reason: reply.reason };
  }
}
