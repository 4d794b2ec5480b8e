import { change, concluded, newOperation, type Change } from './change.ts';
import { formatMoney } from './money.ts';
import type {
  ChargebackBody,
  ChargebackReversalBody,
  Command,
  Operation,
  PaymentState,
  ReportBody,
} from './payment.ts';
import { contradict } from './refusals.ts';

/**
 * A chargeback: the network has taken the money already, so it is posted whatever else is under way,
 * also on a payment that was refunded whole (both happen, and then the merchant has paid twice: so
 * the books must say it). The status stays what it was: a dispute is an attribute beside it. A second
 * chargeback is one more of these.
 */
export function takeChargeback(
  state: PaymentState,
  command: Command,
  body: ChargebackBody,
  now: number,
): Change {
  const { payment } = state;
  const { id, currency, amountCaptured, amountDisputed } = payment;
  const money = (minor: bigint): string => formatMoney({ minor, currency });
  if (amountCaptured === 0n) {
    const facts = `${id} is ${payment.status}: nothing was captured`;
    return contradict(command, body, 'payment_not_disputable', facts);
  }
  if (amountDisputed + body.amount > amountCaptured) {
    const facts =
      `chargeback of ${money(body.amount)} exceeds the ${money(amountCaptured - amountDisputed)} of ${id} that are not charged back ` +
      `(captured ${money(amountCaptured)}, disputed ${money(amountDisputed)})`;
    return contradict(command, body, 'dispute_exceeds_captured', facts);
  }
  const operation = reported(command, body, 'chargeback', body.amount, now);
  const about = { operation: operation.id, attempt: null };
  return {
    ...change(`begin:${operation.id}`, 'charged_back'),
    payment: { amountDisputed: amountDisputed + body.amount },
    operations: [operation],
    postings: [
      { event: 'charged_back', amount: body.amount, ...about },
      ...(body.fee === null ? [] : [{ event: 'dispute_fee' as const, amount: body.fee, ...about }]),
      ...(body.feeRecharged === null
        ? []
        : [{ event: 'dispute_fee_recharged' as const, amount: body.feeRecharged, ...about }]),
    ],
    events: [{ type: 'payment.disputed', operation: operation.id }],
  };
}

/** The money of a chargeback comes back: it was represented, or the dispute was won. Fees stay. */
export function takeChargebackReversal(
  state: PaymentState,
  command: Command,
  body: ChargebackReversalBody,
  now: number,
): Change {
  const { id, currency, amountDisputed } = state.payment;
  const money = (minor: bigint): string => formatMoney({ minor, currency });
  if (body.amount > amountDisputed) {
    const facts = `reversal of ${money(body.amount)} exceeds the ${money(amountDisputed)} that are charged back on ${id}`;
    return contradict(command, body, 'reversal_exceeds_disputed', facts);
  }
  const operation = reported(command, body, 'chargeback_reversal', body.amount, now);
  return {
    ...change(`begin:${operation.id}`, 'chargeback_reversed'),
    payment: { amountDisputed: amountDisputed - body.amount },
    operations: [operation],
    postings: [{ event: 'chargeback_reversed', amount: body.amount, operation: operation.id, attempt: null }],
    events: [{ type: 'payment.dispute_reversed', operation: operation.id }],
  };
}

/** The row of what an acquirer reports: it has happened before we hear of it, so it is never pending. */
export function reported(
  command: Command,
  { acquirerReference, reason }: ReportBody,
  kind: ReportBody['kind'],
  amount: bigint,
  now: number,
): Operation {
  const operation = newOperation(command.operation, kind, amount, now, { acquirerReference, reason });
  return concluded(operation, 'succeeded', now);
}
