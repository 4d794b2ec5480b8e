import { settleCapture } from './capture-funds.ts';
import { change, concluded, newOperation, type Change, type OpenedCase } from './change.ts';
import type { ExchangeRate } from './fx.ts';
import { formatMoney } from './money.ts';
import {
  capturable,
  pendingOperations,
  refundable,
  type AdoptionBody,
  type Command,
  type Operation,
  type PaymentState,
} from './payment.ts';
import { settleRefund, takeRefund } from './refund-funds.ts';
import { contradict, endedReview, refuseOtherReviews } from './refusals.ts';
import type { TermsInForce } from './settlement.ts';

/** What is agreed about money, for what is adopted. */
export interface Agreed {
  readonly rates: readonly ExchangeRate[];
  readonly terms: TermsInForce | undefined;
}

/**
 * Takes over what the acquirer's side did by itself (a refund at its counter, a capture by its support):
 * it has happened, so it is posted, and counts against what can still be refunded or captured
 * (payment-rules: events from acquirers). What our amounts cannot say is refused, with a case, and so is what was
 * done to another authorization than the one that the payment stands on.
 */
export function adopt(
  state: PaymentState,
  command: Command,
  body: AdoptionBody,
  now: number,
  agreed: Agreed,
): Change {
  const { authorizationAttempt } = state.payment;
  if (body.of !== null && body.of !== authorizationAttempt) {
    const stands = authorizationAttempt === null ? 'none' : `on ${authorizationAttempt}`;
    const facts = `a ${body.what} of ${body.of} that is none of ours is told of ${state.payment.id}, which stands ${stands}`;
    return contradict(command, body, 'payment_not_adoptable', facts);
  }
  switch (body.what) {
    case 'refund':
      return adoptRefund(state, command, body, now, agreed);
    case 'capture':
      return adoptCapture(state, command, body, now, agreed);
    case 'void':
      return adoptVoid(state, command, body, now);
  }
}

function adoptRefund(
  state: PaymentState,
  command: Command,
  body: AdoptionBody,
  now: number,
  { rates }: Agreed,
): Change {
  const { payment } = state;
  const left = refundable(payment);
  const amount = body.amount ?? left;
  if (amount <= 0n || amount > left) {
    const facts = `a refund of ${money(state, amount)} that is none of ours exceeds the ${money(state, left)} still refundable on ${payment.id}`;
    return contradict(command, body, 'payment_not_adoptable', facts);
  }
  const taken = takeRefund(state, command.operation, amount, rates);
  const refund = adopted(command, body, 'refund', amount, now, taken.operation);
  const moved = new Map(taken.captures.map((capture) => [capture.id, capture]));
  const between = { ...state, operations: state.operations.map((one) => moved.get(one.id) ?? one) };
  const settled = settleRefund(between, refund, null);
  for (const capture of settled.captures) moved.set(capture.id, capture);
  return {
    ...begun(command, body),
    payment: { amountRefunded: payment.amountRefunded + amount },
    operations: [{ ...refund, ...settled.operation }, ...moved.values()],
    postings: [
      ...taken.postings,
      { event: 'refund_succeeded', amount, operation: refund.id, attempt: null },
      ...settled.postings,
    ],
    events: [{ type: 'refund.succeeded', operation: refund.id }],
  };
}

function adoptCapture(
  state: PaymentState,
  command: Command,
  body: AdoptionBody,
  now: number,
  { terms }: Agreed,
): Change {
  const { payment } = state;
  const left = capturable(payment);
  const amount = body.amount ?? left;
  const [pending] = pendingOperations(state);
  if (pending !== undefined || amount <= 0n || amount > left) {
    const facts =
      `a capture of ${money(state, amount)} that is none of ours is told of ${payment.id}, on which ${money(state, left)} can be captured` +
      (pending === undefined ? '' : ` and ${pending.kind} ${pending.id} is not finished`);
    return contradict(command, body, 'payment_not_adoptable', facts);
  }
  const id = command.operation;
  const taken = { operation: id, attempt: null, amount, currency: payment.currency };
  const accounted = settleCapture(taken, terms, now);
  const whole = amount === left;
  return {
    ...begun(command, body),
    payment: {
      amountCaptured: payment.amountCaptured + amount,
      ...(whole ? { authorizationState: 'released' } : {}),
    },
    operations: [adopted(command, body, 'capture', amount, now, accounted.operation)],
    postings: [{ event: 'captured', amount, operation: id, attempt: null }, ...accounted.postings],
    events: [{ type: whole ? 'payment.captured' : 'payment.partially_captured', operation: id }],
  };
}

function adoptVoid(state: PaymentState, command: Command, body: AdoptionBody, now: number): Change {
  const { payment } = state;
  const amount = capturable(payment);
  const [pending] = pendingOperations(state);
  if (pending !== undefined || amount === 0n) {
    const facts =
      pending === undefined
        ? `${payment.id} is told to be released, and holds nothing`
        : `${payment.id} is told to be released while ${pending.kind} ${pending.id} is not finished`;
    return contradict(command, body, 'payment_not_adoptable', facts);
  }
  const operation = adopted(command, body, 'void', amount, now, {});
  return {
    ...begun(command, body),
    payment: {
      authorizationState: 'released',
      ...endedReview(state),
    },
    refusals: refuseOtherReviews(state, 'ended by the release of its hold', null),
    operations: [operation],
    postings: [{ event: 'released', amount, operation: operation.id, attempt: null }],
    events: [{ type: 'payment.voided', operation: operation.id }],
  };
}

function begun(command: Command, body: AdoptionBody): Change {
  const opened: OpenedCase = {
    kind: 'adopted',
    operation: command.operation,
    attempt: null,
    detail: `${body.what} ${body.acquirerReference} is no attempt of ours; it was taken over (${body.reason ?? 'no reason given'})`,
  };
  return {
    ...change(`begin:${command.operation}`, `${body.what}_adopted`),
    taken: [command.id],
    cases: [opened],
  };
}

/** The row of what was done without us: it has an acquirer's reference and no attempts. */
function adopted(
  command: Command,
  { acquirerReference, reason }: AdoptionBody,
  kind: AdoptionBody['what'],
  amount: bigint,
  now: number,
  rest: Partial<Operation>,
): Operation {
  const operation = newOperation(command.operation, kind, amount, now, {
    origin: 'acquirer',
    acquirerReference,
    reason,
    ...rest,
  });
  return concluded(operation, 'succeeded', now);
}

function money({ payment: { currency } }: PaymentState, minor: bigint): string {
  return formatMoney({ minor, currency });
}
