import { adopt } from './adoption.ts';
import { change, type Change, type OpenedCase } from './change.ts';
import type { ExchangeRate } from './fx.ts';
import {
  attemptOf,
  operationOf,
  type Attempt,
  type Command,
  type LateAnswerBody,
  type Operation,
  type PaymentState,
} from './payment.ts';
import { refuse } from './refusals.ts';
import { beginUndo } from './undo.ts';
import { takeWithdrawal } from './withdrawal.ts';

/**
 * What an acquirer said of a message of ours after its call was over. The database has written it
 * where it belongs (take_late_answer): in the attempt's row if nothing was known of it, else beside it.
 * Here it is decided what follows; never by when it came:
 *
 * - nothing was known: the loop concludes the operation with it, as with any answer
 * - it is being reversed, or is reversed: it stays so (payment-rules: proof of non-execution)
 * - a release that was given up with its hold is acknowledged after all: its case is closed
 * - approved, and called something else before: undone, or, what cannot be undone, taken over
 * - it agrees with what a person had said: the case is closed; it does not: a new case, and machine
 *   truth counts
 */
export function takeLateAnswer(
  state: PaymentState,
  command: Command,
  body: LateAnswerBody,
  now: number,
  rates: readonly ExchangeRate[],
): Change {
  const attempt = attemptOf(state, body.attempt);
  const operation = attempt === null ? null : operationOf(state, attempt.operation);
  if (attempt === null || operation === null) {
    const detail = `${state.payment.id} has no attempt ${body.attempt}`;
    return refuse(command, 'operation_not_unknown', detail);
  }
  const kept: Change = {
    ...change(`late:${command.id}`, 'late_answer_kept'),
    taken: [command.id],
    answers: [],
  };
  // A reversal's answer concludes its own operation, whenever it comes.
  if (attempt.kind === 'reversal') return kept;
  // Given up unacknowledged, it counts as gone already: now somebody says so.
  const releases = attempt.kind === 'void' || attempt.kind === 'partial_void';
  if (releases && operation.failureCode === 'not_acknowledged' && body.outcome === 'approved')
    return { ...kept, answers: [operation.id] };
  const isTheAnswer = attempt.state === 'answered' && attempt.outcome === body.outcome;
  if (isTheAnswer && operation.state === 'pending') return kept;
  if (isTheAnswer) return compare(state, command, body, { operation, attempt, kept, now, rates });
  if (body.outcome === 'approved') {
    return isOwned(state, attempt)
      ? kept
      : disown(state, command, body, { operation, attempt, kept, now, rates });
  }
  if (attempt.state !== 'answered' || attempt.outcome !== 'approved') return kept;
  const detail = `approved before, ${body.outcome} now (${body.reason ?? 'no reason given'}): ask the acquirer`;
  return {
    ...kept,
    cases: [{ kind: 'answer_mismatch', operation: operation.id, attempt: attempt.id, detail }],
  };
}

interface Facts {
  readonly operation: Operation;
  readonly attempt: Attempt;
  readonly kept: Change;
  readonly now: number;
  readonly rates: readonly ExchangeRate[];
}

/** Whether an approval of it is being undone, or was: then it is nobody's to undo again. */
function isOwned({ attempts }: PaymentState, { id, state }: Attempt): boolean {
  if (state === 'reversing' || state === 'planned' || state === 'sending') return true;
  if (state !== 'reversed') return false;
  // "Not found" was taken as proof that it was never there; it is there after all.
  return attempts.some(
    ({ kind, original, outcome }) => kind === 'reversal' && original === id && outcome === 'approved',
  );
}

/** The answer of an operation that was ended without it: by a person. */
function compare(state: PaymentState, command: Command, body: LateAnswerBody, facts: Facts): Change {
  const { operation, kept, now } = facts;
  const executed = body.outcome === 'approved';
  if (executed === (operation.state === 'succeeded')) return { ...kept, answers: [operation.id] };
  if (executed) return disown(state, command, body, facts);
  const contradicted = contradictionOf(facts, body);
  if (operation.kind !== 'capture' && operation.kind !== 'refund') return { ...kept, cases: [contradicted] };
  const withdrawal = {
    kind: 'withdrawal',
    withdraws: operation.id,
    acquirerReference: body.acquirerReference,
    reason: body.reason,
  } as const;
  const made = takeWithdrawal(state, command, withdrawal, now);
  return { ...made, taken: kept.taken, answers: [], cases: [...made.cases, contradicted] };
}

function contradictionOf({ operation, attempt }: Facts, { outcome }: LateAnswerBody): OpenedCase {
  return {
    kind: 'resolution_contradicted',
    operation: operation.id,
    attempt: attempt.id,
    detail: `a person said ${operation.resolution ?? operation.state}, the acquirer says ${outcome}`,
  };
}

/** An approval that the payment does not stand on: undone where that can be said, else taken over. */
function disown(state: PaymentState, command: Command, body: LateAnswerBody, facts: Facts): Change {
  const { operation, attempt, kept, now, rates } = facts;
  const called = attempt.state === 'answered' ? (operation.resolution ?? attempt.outcome) : attempt.state;
  const cases: readonly OpenedCase[] = [
    {
      kind: 'late_answer',
      operation: operation.id,
      attempt: attempt.id,
      detail: `approved after it was called ${called ?? 'something else'}`,
    },
    ...(operation.resolution === null ? [] : [contradictionOf(facts, body)]),
  ];
  const made = follow();
  return { ...made, taken: kept.taken, answers: [], cases: [...made.cases, ...cases] };

  function follow(): Change {
    const adopted = (what: 'refund' | 'void', amount: bigint | null): Change => {
      const { acquirerReference, reason } = body;
      const adoption = { kind: 'adoption', what, amount, of: null, acquirerReference, reason } as const;
      return adopt(state, command, adoption, now, { rates, terms: undefined });
    };
    switch (attempt.kind) {
      case 'authorization':
      case 'sale':
      case 'increment':
      case 'capture':
        return beginUndo(state, command, { ...attempt, kind: attempt.kind }, body, now) ?? kept;
      case 'refund':
        // The cardholder has the money, and is never charged for it again.
        return adopted('refund', body.approvedAmount ?? attempt.amount);
      case 'void':
      case 'partial_void':
        // Of an authorization that was renewed since: what is held now is another one.
        return attempt.original === state.payment.authorizationAttempt ? adopted('void', null) : kept;
      case 'reversal':
        return kept;
    }
  }
}
