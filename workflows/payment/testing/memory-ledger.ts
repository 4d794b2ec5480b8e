import {
  beginAuthorization,
  beginExpiry,
  beginFollowUp,
  planNext,
  retryAuthorization,
} from '../../domain/begin.ts';
import type { Change } from '../../domain/change.ts';
import { concludeAttempt } from '../../domain/conclude.ts';
import { lapseHold } from '../../domain/lapse.ts';
import { lapseReview } from '../../domain/review.ts';
import { concludeUnsent, endHeldBack, voidUnsent } from '../../domain/unsent.ts';
import { beginReversal } from '../../domain/reversal.ts';
import { deferAuthorization } from '../../domain/defer.ts';
import { authorizationIdOf, type CommandId, type OperationId } from '../../domain/ids.ts';
import { attemptOf, operationOf, type Attempt, type PaymentState } from '../../domain/payment.ts';
import type { RouteRecord } from '../../domain/route/types.ts';
import { captureBeforeIfApproved } from '../../domain/validity.ts';
import { viewOf, type PaymentView } from '../../domain/view.ts';
import type { LedgerActivities, PaymentRef, Step } from '../../ports/ledger.ts';
import type { BenchPayment } from './bench-payment.ts';

/** The ledger port over records in memory: the same decisions as activities/ledger, no database. */
export function createMemoryLedger(find: (ref: PaymentRef) => BenchPayment): LedgerActivities {
  function step(
    ref: Step,
    decide: (state: PaymentState, now: number) => Change | null,
    decision: RouteRecord | null = null,
  ): Promise<PaymentView> {
    const payment = find(ref);
    // What is due in the workflow is due here: its clock skips, this one does not.
    const now = Math.max(ref.at, Date.now());
    const made = decide(payment.state, now);
    if (made !== null) payment.record(made, now);
    if (made !== null && decision !== null) payment.state = { ...payment.state, route: decision.left };
    return Promise.resolve(viewOf(payment.state, now));
  }

  return {
    load: (ref) => Promise.resolve(viewOf(find(ref).state, Date.now())),

    beginAuthorization: ({ command, card, risk, route, ...ref }) => {
      find(ref).account = route.account;
      return step(
        ref,
        (state, now) => {
          const asked = state.commands.find(({ id }) => id === command);
          const plan = { card, risk, singleMessage: route.singleMessage };
          return asked === undefined ? null : beginAuthorization(state, asked, plan, now);
        },
        route.decision,
      );
    },

    deferAuthorization: ({ card, risk, until, decision, ...ref }) =>
      step(
        ref,
        (state, now) => {
          const known = operationOf(state, authorizationIdOf(ref.payment));
          return (
            (known === null ? null : voidUnsent(state, known, now)) ??
            deferAuthorization(state, { card, risk, until }, now)
          );
        },
        decision,
      ),

    beginFollowUp: ({ command, ...ref }) =>
      step(ref, (state, now) => {
        const asked = state.commands.find(({ id }) => id === command);
        return asked === undefined ? null : beginFollowUp(state, asked, now);
      }),

    planNext: ({ operation: id, route, ...ref }) => {
      if (route !== null) find(ref).account = route.account;
      return step(
        ref,
        (state, now) => {
          const operation = operationOf(state, id);
          if (operation === null) return null;
          const unsent = voidUnsent(state, operation, now) ?? endHeldBack(state, operation, now);
          if (unsent !== null) return unsent;
          if (operation.kind !== 'authorize') return planNext(state, operation, now);
          const { card } = state.payment;
          if (route === null || card === null || state.risk === null) return null;
          const plan = { card, risk: state.risk, singleMessage: route.singleMessage };
          return retryAuthorization(state, operation, plan, now);
        },
        route?.decision ?? null,
      );
    },

    concludeUnsent: ({ code, known, ...ref }) =>
      step(ref, (state, now) => concludeUnsent(state, code, known, now)),

    conclude: ({
      operation: id,
      attempt,
      inquiries,
      outcome,
      reason,
      askedAt = null,
      ours = false,
      ...ref
    }) =>
      step(ref, (state, now) => {
        const operation = operationOf(state, id);
        if (operation?.currentAttempt !== attempt || operation.inquiries !== inquiries) return null;
        if (ours) find(ref).ours.push(attempt);
        const captureBefore = captureBeforeIfApproved(state, attemptOf(state, attempt), now, null);
        return concludeAttempt(state, operation, { outcome, reason, now, askedAt, captureBefore });
      }),

    beginReversal: ({ operation: id, ...ref }) =>
      step(ref, (state, now) => {
        const operation = operationOf(state, id);
        return operation === null ? null : beginReversal(state, operation, now);
      }),

    beginExpiry: (ref) => step(ref, beginExpiry),
    lapseReview: (ref) => step(ref, lapseReview),
    lapseHold: (ref) => step(ref, lapseHold),

    async fence({ attempt: id, ...ref }) {
      const payment = find(ref);
      const { state, kind } = payment.attempt(id);
      // A reversal is never fenced: it must go out in the end.
      if (state === 'planned' && kind !== 'reversal') payment.writeAttempt(id, { state: 'fenced' });
      return knownOf(payment.attempt(id));
    },

    async requestVoid({ workflowRunId, ...ref }) {
      const payment = find(ref);
      const operation = `void_${workflowRunId}` as OperationId;
      payment.accept({
        id: `cmd_${workflowRunId}` as CommandId,
        operation,
        body: { kind: 'void', asOperator: true },
      });
      return viewOf(payment.state, Date.now());
    },
  };
}

function knownOf({ state, outcome }: Attempt): Awaited<ReturnType<LedgerActivities['fence']>> {
  switch (state) {
    case 'fenced':
      return { outcome: 'retryable', reason: 'never begun: fenced', sent: false };
    case 'answered':
      return { outcome: outcome ?? 'ambiguous', reason: 'answered; its worker was lost', sent: true };
    case 'planned':
    case 'sending':
    case 'reversing':
    case 'reversed':
      return { outcome: 'ambiguous', reason: `its worker was lost while it was ${state}`, sent: true };
  }
}
