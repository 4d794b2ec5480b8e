import { change, concluded, type Change } from './change.ts';
import { concludeAttempt } from './conclude.ts';
import {
  attemptOf,
  operationOf,
  type Attempt,
  type Command,
  type Operation,
  type PaymentState,
  type ResolutionBody,
} from './payment.ts';
import { returnRefund } from './refund-funds.ts';
import { refuse } from './refusals.ts';
import type { TermsInForce } from './settlement.ts';

/** Where an operation must stand for a person to say what became of it. */
const OPEN_PHASES: readonly Operation['phase'][] = ['unknown', 'reversing', 'waiting', 'case'];

/**
 * A person says what became of an operation that machines do not know, with evidence (payment-rules:
 * second person; the database lets only what two people signed come here as not executed). The
 * operation ends by it, the attempt does not: it stays open, so that failover is blocked, its case
 * stays open too, and machine truth is taken whenever it comes (late-answer.ts).
 */
export function takeResolution(
  state: PaymentState,
  command: Command,
  body: ResolutionBody,
  now: number,
  terms: TermsInForce | undefined,
): Change {
  const operation = operationOf(state, body.resolves);
  const attempt = attemptOf(state, operation?.currentAttempt ?? null);
  const named = attempt?.id === body.attempt || attempt?.original === body.attempt;
  if (
    operation?.state !== 'pending' ||
    attempt === null ||
    !named ||
    !OPEN_PHASES.includes(operation.phase)
  ) {
    const found = operation === null ? 'not one of its operations' : `${operation.state}, ${operation.phase}`;
    const detail = `${body.resolves} of ${state.payment.id} is ${found}: nothing about attempt ${body.attempt} is open`;
    return refuse(command, 'operation_not_unknown', detail);
  }
  const made =
    body.outcome === 'executed'
      ? saidExecuted(state, operation, terms, now)
      : saidNotExecuted(state, operation, attempt, now);
  if (made === null) {
    const detail = `${operation.kind} ${operation.id} cannot be called ${body.outcome} by a person: the acquirer is asked, or it is undone`;
    return refuse(command, 'operation_not_unknown', detail);
  }
  return {
    ...made,
    cause: `resolve:${command.id}`,
    event: `${operation.kind}_resolved_${body.outcome}`,
    operations: made.operations.map((one) =>
      one.id === operation.id ? { ...one, resolution: body.outcome } : one,
    ),
    taken: [command.id],
    // Until a machine agrees it is a person's word.
    answers: [],
    cases: [
      ...made.cases,
      {
        kind: 'unknown_too_long',
        operation: operation.id,
        attempt: attempt.id,
        detail: `called ${body.outcome} by a person (${body.evidence}); the acquirer has not said so`,
      },
    ],
  };
}

function saidExecuted(
  state: PaymentState,
  operation: Operation,
  terms: TermsInForce | undefined,
  now: number,
): Change | null {
  switch (operation.kind) {
    case 'capture':
    case 'release':
    case 'void':
    case 'expiry':
    case 'refund':
    case 'undo':
      return concludeAttempt(state, operation, {
        outcome: 'approved',
        reason: null,
        now,
        captureBefore: state.payment.captureBefore ?? now,
        terms,
      });
    // Without the acquirer's own approval it could never be captured, nor undone.
    case 'authorize':
    case 'reauthorize':
    case 'increment':
    case 'chargeback':
    case 'chargeback_reversal':
    case 'withdrawal':
      return null;
  }
}

function saidNotExecuted(
  state: PaymentState,
  operation: Operation,
  attempt: Attempt,
  now: number,
): Change | null {
  const base = change(`resolve:${operation.id}`, 'resolved');
  const failed = concluded(operation, 'failed', now, { failureCode: 'not_executed' });
  switch (operation.kind) {
    case 'capture':
      return {
        ...base,
        operations: [failed],
        events: [{ type: 'payment.capture_failed', operation: operation.id }],
      };
    case 'void':
      return { ...base, operations: [failed] };
    case 'refund': {
      const { captures, postings } = returnRefund(state, operation, 'refund_refused', attempt.id);
      return {
        ...base,
        payment: { amountRefundPending: state.payment.amountRefundPending - operation.amount },
        operations: [failed, ...captures],
        postings,
        events: [{ type: 'refund.failed', operation: operation.id }],
      };
    }
    // An authorization is asked about and undone until the acquirer knows of it: a word that ended it would
    // end that too, and be the only thing that makes it true. Nobody waits for the others.
    case 'authorize':
    case 'reauthorize':
    case 'increment':
    case 'release':
    case 'expiry':
    case 'undo':
    case 'chargeback':
    case 'chargeback_reversal':
    case 'withdrawal':
      return null;
  }
}
