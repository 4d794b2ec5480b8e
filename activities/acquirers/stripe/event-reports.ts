import { pendingKinds } from '../events-standing.ts';
import type { EventItem, EventReader, EventSubject, KnownAttempt, Standing, Told } from '../events.ts';
import { fromStripe } from './amounts.ts';
import { isReadKind, readItem, readObject, type EventObject } from './events.ts';
import { judgeAuthorization, judgeFollowUp, judgeRefund } from './judge.ts';
import type { Intent, Refund } from './objects.ts';
import { readStripeWire } from './plan.ts';
import { INTENT_STATUSES, isIntentStatus, isRefundStatus, REFUND_STATUSES } from './reply-table.ts';

type Dispute = Extract<EventObject, { object: 'dispute' }>;

/**
 * Reads events of Stripe. Each carries its object as it stood when it was made, and it is judged by the
 * same tables as an answer: what was approved stays approved whichever snapshot comes first. A refund
 * that failed never succeeds afterwards, so an older "succeeded" says nothing.
 */
export const stripeEventReader: EventReader = {
  subjectOf(item) {
    const read = readItem(item);
    const object = readObject(read);
    if (object === null) {
      if (isReadKind(read.object.object))
        throw new RangeError(`${read.type} of ${read.object.id} cannot be read`);
      return null;
    }
    return { account: read.account, ...namesOf(object) };
  },

  tell(item, standing) {
    const read = readItem(item);
    const object = readObject(read);
    if (object === null) return [];
    switch (object.object) {
      case 'payment_intent':
        return [...ofOurs(object, standing), ...ofOthers(object, standing)];
      case 'refund':
        return ofRefund(object, standing);
      case 'dispute':
        return ofDispute(read.type, object, standing);
    }
  },
};

function namesOf(object: EventObject): Pick<EventSubject, 'references' | 'attempts'> {
  switch (object.object) {
    case 'payment_intent':
      return { references: [object.id], attempts: named(object.metadata) };
    case 'refund':
      return { references: [object.id, ...given(object.payment_intent)], attempts: named(object.metadata) };
    case 'dispute':
      return { references: given(object.payment_intent), attempts: [] };
  }
}

function named(metadata: Readonly<Record<string, string>> | null | undefined): readonly string[] {
  return given(metadata?.['attempt']);
}

function given(text: string | null | undefined): readonly string[] {
  return text == null || text === '' ? [] : [text];
}

/** What an intent says of the attempts of ours that are about it. */
function ofOurs(intent: Intent, { attempts }: Standing): readonly Told[] {
  return attempts.flatMap((attempt) => {
    const judged = judgeSnapshot(attempt, intent);
    if (judged === null) return [];
    const { outcome } = judged.answer;
    const told: Told = { type: 'answer', attempt: attempt.id, answer: judged.answer };
    if (attempt.state === 'sending') return outcome === 'approved' || outcome === 'declined' ? [told] : [];
    // Past its sending only that it was approved, and called something else, is news.
    const isNews = outcome === 'approved' && attempt.outcome !== 'approved' && attempt.state !== 'planned';
    return isNews && !attempts.some((other) => explains(other, attempt)) ? [told] : [];
  });
}

/**
 * Whether what an intent shows of a capture, void or release is the work of another attempt: an intent
 * says what was done to it, and not by whom. Undone in the name of a first try that was turned away, the
 * second one's money would be given back.
 */
function explains(other: KnownAttempt, attempt: KnownAttempt): boolean {
  if (other.id === attempt.id) return false;
  const [theirs, its] = [readStripeWire(other.wire), readStripeWire(attempt.wire)];
  const same = theirs.request === its.request && theirs['intent'] === its['intent'];
  if (!same || its['intent'] === undefined || theirs['capturedBefore'] !== its['capturedBefore'])
    return false;
  return other.state === 'planned' || other.state === 'sending' || other.outcome === 'approved';
}

function judgeSnapshot(attempt: KnownAttempt, intent: Intent): ReturnType<typeof judgeAuthorization> | null {
  const wire = readStripeWire(attempt.wire);
  switch (wire.request) {
    case 'confirm_manual':
      // Held once, and taken or let go since, by whoever: of the hold itself it says nothing any more.
      if (!isIntentStatus(intent.status) || INTENT_STATUSES[intent.status] === 'taken') return null;
      return attempt.acquirerReference === intent.id ? judgeAuthorization(attempt, intent, false) : null;
    case 'confirm_automatic':
      return attempt.acquirerReference === intent.id ? judgeAuthorization(attempt, intent, false) : null;
    case 'capture':
    case 'cancel':
    case 'release':
      return wire['intent'] === intent.id ? judgeFollowUp(attempt, intent, false) : null;
    // A refund has events of its own; an undoing is repeated until it is acknowledged.
    case 'refund':
    case 'undo':
      return null;
  }
}

/** What an intent says of things that nobody here asked for: more was taken, or what is held was let go. */
function ofOthers(intent: Intent, standing: Standing): readonly Told[] {
  const { attempts, holding, captured, undone, currency } = standing;
  const held = attempts.find(({ id }) => id === holding);
  if (held?.acquirerReference !== intent.id) return [];
  const received = fromStripe({ amount: intent.amount_received, currency: intent.currency }, currency);
  if (received === null)
    return [
      { type: 'alarm', reason: `${intent.id} has received ${intent.amount_received} ${intent.currency}` },
    ];
  const pending = pendingKinds(standing);
  // What was received is not made less by what was given back of it.
  const known = captured + undone;
  if (received > known && !pending.has('capture')) {
    const reference = `${intent.id}:received:${received}`;
    const amount = received - known;
    return [
      {
        type: 'adoption',
        what: 'capture',
        amount,
        of: held.id,
        reference,
        reason: 'captured outside of this system',
      },
    ];
  }
  if (intent.status !== 'canceled' || pending.size > 0) return [];
  const reason = 'canceled outside of this system';
  const reference = `${intent.id}:canceled`;
  return [{ type: 'adoption', what: 'void', amount: null, of: held.id, reference, reason }];
}

function ofRefund(refund: Refund, standing: Standing): readonly Told[] {
  const { attempts, operations, currency } = standing;
  const { id, status, failure_reason: reason = null } = refund;
  const ours = attempts.find(
    (attempt) => attempt.acquirerReference === id || named(refund.metadata).includes(attempt.id),
  );
  if (ours?.kind === 'refund') return ofOurRefund(refund, ours, standing);
  // The other half of an undoing, which asks for itself.
  if (ours !== undefined) return [];
  if (status === null || !isRefundStatus(status))
    return [{ type: 'alarm', reason: `${id} is in an unknown status ${status ?? '(none)'}` }];
  const adopted = operations.find(({ acquirerReference }) => acquirerReference === id);
  switch (REFUND_STATUSES[status]) {
    case 'pending':
      return [];
    case 'declined':
      return adopted?.state === 'succeeded'
        ? [{ type: 'withdrawal', withdraws: adopted.id, reference: `${id}:failed`, reason }]
        : [];
    case 'approved': {
      if (adopted !== undefined || hasFailed(id, standing.told)) return [];
      const amount = fromStripe(refund, currency);
      if (amount === null || amount <= 0n)
        return [{ type: 'alarm', reason: `${id} is of ${refund.amount} ${refund.currency}` }];
      return [
        {
          type: 'adoption',
          what: 'refund',
          amount,
          of:
            attempts.find(({ acquirerReference }) => acquirerReference === refund.payment_intent)?.id ?? null,
          reference: id,
          reason: 'refunded outside of this system',
        },
      ];
    }
  }
}

function ofOurRefund(refund: Refund, attempt: KnownAttempt, { operations, told }: Standing): readonly Told[] {
  const { answer, alarm } = judgeRefund(attempt, refund, attempt.amount);
  const answered: Told = { type: 'answer', attempt: attempt.id, answer };
  switch (answer.outcome) {
    case 'approved':
      // Declined is final at Stripe: this is older news.
      return attempt.outcome === 'declined' || hasFailed(refund.id, told) ? [] : [answered];
    case 'declined': {
      const operation = operations.find(({ id }) => id === attempt.operation);
      if (attempt.outcome !== 'approved' || operation?.state !== 'succeeded') return [answered];
      const reason = refund.failure_reason ?? null;
      return [{ type: 'withdrawal', withdraws: operation.id, reference: `${refund.id}:failed`, reason }];
    }
    case 'pending':
    case 'action_required':
    case 'retryable':
    case 'ambiguous':
      return alarm === null ? [] : [{ type: 'alarm', reason: alarm }];
  }
}

/** Whether some event has told that it failed, before or after the one that is read now. */
function hasFailed(refund: string, told: readonly EventItem[]): boolean {
  return told.some((item) => {
    const object = readObject(readItem(item));
    if (object?.object !== 'refund' || object.id !== refund || object.status === null) return false;
    return isRefundStatus(object.status) && REFUND_STATUSES[object.status] === 'declined';
  });
}

function ofDispute(type: string, dispute: Dispute, { currency }: Standing): readonly Told[] {
  const moved =
    type === 'charge.dispute.funds_withdrawn'
      ? ({ type: 'chargeback', reference: `${dispute.id}:withdrawn` } as const)
      : type === 'charge.dispute.funds_reinstated'
        ? ({ type: 'chargeback_reversal', reference: `${dispute.id}:reinstated` } as const)
        : null;
  if (moved === null) return [];
  const amount = fromStripe(dispute, currency);
  if (amount === null)
    return [{ type: 'alarm', reason: `${dispute.id} is of ${dispute.amount} ${dispute.currency}` }];
  const reason = dispute.network_reason_code ?? dispute.reason ?? null;
  return [{ ...moved, amount, fee: feeOf(dispute, currency), reason }];
}

/** What Stripe takes for it, where it says so in the payment's currency. */
function feeOf({ balance_transactions: lines }: Dispute, currency: string): bigint | null {
  const fees = (lines ?? []).map(({ fee, currency: of }) =>
    fromStripe({ amount: fee, currency: of }, currency),
  );
  const sum = fees.reduce<bigint | null>(
    (total, fee) => (total === null || fee === null ? null : total + fee),
    0n,
  );
  return sum === null || sum <= 0n ? null : sum;
}
