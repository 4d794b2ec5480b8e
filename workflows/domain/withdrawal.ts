import { change, concluded, type Change } from './change.ts';
import { reported } from './dispute.ts';
import { unsettleCapture } from './failed-capture.ts';
import { formatMoney } from './money.ts';
import {
  operationOf,
  type Command,
  type Operation,
  type PaymentState,
  type WithdrawalBody,
} from './payment.ts';
import { returnRefund } from './refund-funds.ts';
import { contradict } from './refusals.ts';

/**
 * A success that the acquirer takes back, up to 180 days later (payment-rules: outcome classes; status
 * is a fold): the capture or refund fails after all, whole, with the opposite legs. It is taken
 * whatever else is under way. What our record says cannot be (of such an operation there is no
 * success; what was captured is refunded or charged back already) is not posted: the amounts could
 * not say it without a lie. It is refused and put before a person with the facts.
 */
export function takeWithdrawal(
  state: PaymentState,
  command: Command,
  body: WithdrawalBody,
  now: number,
): Change {
  const target = operationOf(state, body.withdraws);
  if (target?.state !== 'succeeded') {
    const found = target === null ? 'which it does not have' : `which is ${target.state}`;
    const facts = `${state.payment.id} is told that ${body.withdraws} failed, ${found}`;
    return contradict(command, body, 'operation_not_withdrawable', facts);
  }
  switch (target.kind) {
    case 'capture':
      return failCapture(state, command, body, target, now);
    case 'refund':
      return failRefund(state, command, body, target, now);
    case 'authorize':
    case 'reauthorize':
    case 'increment':
    case 'release':
    case 'void':
    case 'undo':
    case 'expiry':
    case 'chargeback':
    case 'chargeback_reversal':
    case 'withdrawal': {
      const facts = `${target.kind} ${target.id} of ${state.payment.id}: only a capture or a refund can fail after it succeeded`;
      return contradict(command, body, 'operation_not_withdrawable', facts);
    }
  }
}

function failCapture(
  state: PaymentState,
  command: Command,
  body: WithdrawalBody,
  capture: Operation,
  now: number,
): Change {
  const { payment } = state;
  const { id, currency, amountRefunded, amountRefundPending, amountDisputed } = payment;
  const left = payment.amountCaptured - capture.amount;
  if (amountRefunded + amountRefundPending > left || amountDisputed > left) {
    const money = (minor: bigint): string => formatMoney({ minor, currency });
    const facts =
      `capture ${capture.id} of ${money(capture.amount)} would leave ${money(left)} captured on ${id}, ` +
      `of which ${money(amountRefunded)} are refunded, ${money(amountRefundPending)} are being refunded and ${money(amountDisputed)} are charged back`;
    return contradict(command, body, 'operation_not_withdrawable', facts);
  }
  const unsettled = unsettleCapture(capture, now);
  if (unsettled === null) {
    const facts = `of capture ${capture.id} of ${id} some was given back already, under terms`;
    return contradict(command, body, 'operation_not_withdrawable', facts);
  }
  const held = payment.authorizationState === 'held';
  const about = { amount: capture.amount, operation: capture.id, attempt: null };
  return {
    ...change(`begin:${command.operation}`, 'capture_failed'),
    payment: {
      amountCaptured: left,
      // Not released by anybody's wish: with nothing taken and nothing held, the payment has failed.
      ...(left === 0n && !held ? { authorizationState: 'withdrawn', failureCode: 'capture_failed' } : {}),
    },
    operations: [
      concluded(capture, 'failed', now, {
        failureCode: 'capture_failed',
        reason: body.reason,
        ...unsettled.operation,
      }),
      { ...reported(command, body, 'withdrawal', capture.amount, now), withdraws: capture.id },
    ],
    postings: [
      ...unsettled.postings,
      { event: 'capture_failed', ...about },
      // What is still held is held whole again: it can be captured, until it runs out.
      ...(held ? [{ event: 'hold_restored' as const, ...about }] : []),
    ],
    events: [{ type: 'payment.capture_failed', operation: capture.id }],
  };
}

function failRefund(
  state: PaymentState,
  command: Command,
  body: WithdrawalBody,
  refund: Operation,
  now: number,
): Change {
  const { payment } = state;
  const returned = returnRefund(state, refund, 'refund_failed', null);
  return {
    ...change(`begin:${command.operation}`, 'refund_failed'),
    payment: { amountRefunded: payment.amountRefunded - refund.amount },
    operations: [
      // Its reason is the merchant's text and stays; the acquirer's is on the withdrawal.
      concluded(refund, 'failed', now, { failureCode: 'refund_failed', ...returned.operation }),
      ...returned.captures,
      { ...reported(command, body, 'withdrawal', refund.amount, now), withdraws: refund.id },
    ],
    postings: returned.postings,
    events: [{ type: 'refund.failed', operation: refund.id }],
  };
}
