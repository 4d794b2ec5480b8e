import { activityInfo, ApplicationFailure } from '@temporalio/activity';
import type pg from 'pg';
import { isRefusedData } from '../../platform/database.ts';
import { idOfUuid, newId } from '../../platform/new-id.ts';
import { loadPayment } from '../../schema/load-payment.ts';
import {
  beginAuthorization,
  beginExpiry,
  beginFollowUp,
  planNext,
  retryAuthorization,
} from '../../workflows/domain/begin.ts';
import type { Change } from '../../workflows/domain/change.ts';
import { deferAuthorization } from '../../workflows/domain/defer.ts';
import { endedAttempt, type EndedAttempt } from '../../workflows/domain/ended-attempt.ts';
import { concludeRetryRefused } from '../../workflows/domain/retry-guard.ts';
import { concludeAttempt } from '../../workflows/domain/conclude.ts';
import { lapseHold } from '../../workflows/domain/lapse.ts';
import { lapseReview } from '../../workflows/domain/review.ts';
import { concludeUnsent, endHeldBack, voidUnsent } from '../../workflows/domain/unsent.ts';
import { refuse } from '../../workflows/domain/refusals.ts';
import { beginReversal } from '../../workflows/domain/reversal.ts';
import { authorizationIdOf, type AcquirerAccountId } from '../../workflows/domain/ids.ts';
import {
  attemptOf,
  authorizationAttempt,
  operationOf,
  type PaymentState,
} from '../../workflows/domain/payment.ts';
import { captureBeforeIfApproved } from '../../workflows/domain/validity.ts';
import { viewOf, type PaymentView } from '../../workflows/domain/view.ts';
import type { LedgerActivities, PaymentRef, Step } from '../../workflows/ports/ledger.ts';
import type { WirePlanner } from '../../workflows/ports/wire.ts';
import { fenceAttempt } from './fence.ts';
import { guarded } from './retry-guard.ts';
import { movesMoney } from './moves-money.ts';
import { placeAttempt } from './place.ts';
import type { RecordContext } from './record.ts';
import { createRecorder, RECORDING } from './recorder.ts';
import type { Retries } from './retries.ts';
import { createTermsReader, type RateSource } from './terms.ts';

export interface LedgerDependencies {
  readonly pool: pg.Pool;
  /** Wire references by acquirer wire (acquirers.wire). */
  readonly planners: Readonly<Record<string, WirePlanner>>;
  /** Exchange rates, for merchants that are settled in another currency than cardholders pay in. */
  readonly rates: RateSource;
  /** Development only: see configuration. */
  readonly authorizationValidityMs: number | null;
  /** Runs a step again when its transaction may run again, and counts it. */
  readonly retries: Retries;
  /** Told of every call that has ended, once it is written; it must not throw, and nobody waits for it. */
  readonly onConcluded: (ended: EndedAttempt) => void;
}

/** How often a step is decided again when somebody else changed the payment first. */
const STALE_LIMIT = 5;

/**
 * The payment's record (workflows/ports/ledger.ts): loads the state, lets the pure domain decide,
 * writes the change in one transaction, and answers the view that is committed.
 */
export function createLedgerActivities({
  pool,
  planners,
  rates,
  authorizationValidityMs,
  retries: { run: retried },
  onConcluded,
}: LedgerDependencies): LedgerActivities {
  const record = createRecorder({ pool, ...RECORDING });
  const terms = createTermsReader(pool, rates);

  async function loaded({ merchant, payment }: PaymentRef): Promise<PaymentState> {
    const state = await loadPayment(pool, merchant, payment);
    if (state === null) {
      throw ApplicationFailure.nonRetryable(
        `payment ${payment} of ${merchant} does not exist`,
        'PaymentNotFound',
      );
    }
    return state;
  }

  interface Decision {
    readonly made: Change | null;
    readonly account?: AcquirerAccountId;
    readonly route?: unknown;
    /** Instead, when the acquirer cannot be asked for it. Without one the step pauses. */
    readonly unsayable?: (why: string) => Change;
  }

  async function place(
    state: PaymentState,
    made: Change,
    { account, unsayable }: Decision,
    now: number,
  ): Promise<{ readonly made: Change; readonly placed: RecordContext['placed'] }> {
    try {
      return { made, placed: await placeAttempt(pool, planners, state, made, account ?? null, now) };
    } catch (error) {
      if (!(error instanceof RangeError) || unsayable === undefined) throw error;
      return { made: unsayable(error.message), placed: null };
    }
  }

  /** Decide on what is committed, write it; decide again if it was not committed any more. */
  async function step(
    ref: Step,
    decide: (state: PaymentState, now: number) => Decision | Promise<Decision>,
  ): Promise<PaymentView> {
    return retried(ref.payment, async () => {
      for (let tries = 0; tries < STALE_LIMIT; tries += 1) {
        const state = await loaded(ref);
        // What is due in the workflow is due here, even if this clock is behind the server's.
        const now = Math.max(ref.at, Date.now());
        const decision = await decide(state, now);
        if (decision.made === null) return viewOf(state, now);
        const { made, placed } = await place(state, decision.made, decision, now);
        const { workflowExecution, activityType, attempt } = activityInfo();
        const context: RecordContext = {
          at: now,
          workflowRunId: workflowExecution?.runId ?? 'none',
          activity: `${activityType} ${attempt}`,
          placed,
          route: decision.route ?? null,
        };
        if ((await record(state, made, context)) === 'applied') return viewOf(await loaded(ref), now);
      }
      throw new Error(
        `payment ${ref.payment}: changed by somebody else ${STALE_LIMIT} times in a row; the step is tried again`,
      );
    }).catch((error: unknown) => {
      if (error instanceof RangeError)
        throw ApplicationFailure.nonRetryable(`the step cannot be made: ${error.message}`, 'StepRefused');
      if (!isRefusedData(error)) throw error;
      // Trying the same again cannot help: the run pauses, and the payment stays reachable.
      // Of the ledger's tables the row is named, which says whose account it is; of others it could hold a merchant's text.
      const row = error.table?.startsWith('ledger_') === true ? ` ${error.detail ?? ''}` : '';
      throw ApplicationFailure.nonRetryable(
        `PostgreSQL refused the step: ${error.message}${row}`,
        'StepRefused',
      );
    });
  }

  return {
    load: (ref) => retried(ref.payment, async () => viewOf(await loaded(ref), Date.now())),

    beginAuthorization: ({ command, card, risk, route, ...ref }) =>
      guarded(
        step(ref, (state, now) => {
          const asked = state.commands.find(({ id }) => id === command);
          const plan = { card, risk, singleMessage: route.singleMessage };
          return {
            made: asked === undefined ? null : beginAuthorization(state, asked, plan, now),
            account: route.account,
            route: route.decision,
          };
        }),
        (refusal) =>
          step(ref, (state, now) => ({ made: concludeRetryRefused(state, refusal, { card, risk }, now) })),
      ),

    deferAuthorization: ({ card, risk, until, decision, ...ref }) =>
      step(ref, (state, now) => {
        const known = operationOf(state, authorizationIdOf(ref.payment));
        const unsent = known === null ? null : voidUnsent(state, known, now);
        return {
          made: unsent ?? deferAuthorization(state, { card, risk, until }, now),
          route: decision,
        };
      }),

    beginFollowUp: ({ command, ...ref }) =>
      step(ref, async (state, now) => {
        const asked = state.commands.find(({ id }) => id === command);
        if (asked === undefined) return { made: null };
        const { refunds, captures } = movesMoney(asked.body, state);
        const rates = refunds ? await terms.forRefund(state, now) : [];
        const account = authorizationAttempt(state)?.account;
        const agreed =
          captures && account !== undefined ? await terms.forCapture(state, account, now) : undefined;
        return {
          made: beginFollowUp(state, asked, now, rates, agreed),
          unsayable: (why) =>
            refuse(
              asked,
              'not_possible_at_acquirer',
              `${asked.body.kind} of ${ref.payment}: ${why} where it was authorized; nothing was sent, ask for another amount`,
            ),
        };
      }),

    planNext: ({ operation: id, route, ...ref }) =>
      guarded(
        step(ref, (state, now) => {
          const operation = operationOf(state, id);
          if (operation === null) return { made: null };
          const unsent = voidUnsent(state, operation, now) ?? endHeldBack(state, operation, now);
          if (unsent !== null) return { made: unsent };
          const { card } = state.payment;
          if (operation.kind !== 'authorize') {
            // A new authorization follows nothing, and goes all the same where the old one went.
            const account = authorizationAttempt(state)?.account;
            return {
              made: planNext(state, operation, now),
              ...(account === undefined ? {} : { account }),
            };
          }
          if (route === null || card === null || state.risk === null) return { made: null };
          const plan = { card, risk: state.risk, singleMessage: route.singleMessage };
          const made = retryAuthorization(state, operation, plan, now);
          return {
            made: made !== null && route.elsewhere ? { ...made, event: 'authorization_failed_over' } : made,
            account: route.account,
            route: route.decision,
          };
        }),
        (refusal) => step(ref, (state, now) => ({ made: concludeRetryRefused(state, refusal, null, now) })),
      ),

    concludeUnsent: ({ code, known, decision, ...ref }) =>
      step(ref, (state, now) => ({ made: concludeUnsent(state, code, known, now), route: decision })),

    conclude: async ({
      operation: id,
      attempt,
      inquiries,
      outcome,
      reason,
      askedAt = null,
      ours = false,
      ...ref
    }) => {
      const told: { ended: EndedAttempt | null } = { ended: null };
      const view = await step(ref, async (state, now) => {
        told.ended = null;
        const operation = operationOf(state, id);
        // Asked about an attempt that is not the current one any more: this step has run before.
        if (operation === null || operation.currentAttempt !== attempt || operation.inquiries !== inquiries)
          return { made: null };
        const called = attemptOf(state, operation.currentAttempt);
        const captureBefore = captureBeforeIfApproved(state, called, now, authorizationValidityMs);
        const takesMoney = called?.kind === 'capture' || called?.kind === 'sale';
        const agreed =
          takesMoney && outcome === 'approved'
            ? await terms.forCapture(state, called.account, now)
            : undefined;
        const conclusion = { outcome, reason, now, askedAt, captureBefore, terms: agreed };
        told.ended = endedAttempt(state, operation, outcome, ours);
        return { made: concludeAttempt(state, operation, conclusion) };
      });
      if (told.ended !== null) onConcluded(told.ended);
      return view;
    },

    beginReversal: ({ operation: id, ...ref }) =>
      step(ref, (state, now) => {
        const operation = operationOf(state, id);
        const account = attemptOf(state, operation?.currentAttempt ?? null)?.account;
        return {
          made: operation === null ? null : beginReversal(state, operation, now),
          ...(account === undefined ? {} : { account }),
        };
      }),

    beginExpiry: (ref) => step(ref, (state, now) => ({ made: beginExpiry(state, now) })),
    lapseHold: (ref) => step(ref, (state, now) => ({ made: lapseHold(state, now) })),
    lapseReview: (ref) => step(ref, (state, now) => ({ made: lapseReview(state, now) })),
    fence: ({ merchant, payment, attempt }) => retried(payment, () => fenceAttempt(pool, merchant, attempt)),

    async requestVoid({ workflowRunId, ...ref }) {
      // One per cancelled run; the operation id is derived from it, so a second asking is the same one.
      await pool.query(
        `insert into commands (merchant_id, id, payment_id, kind, origin, operation_id, body)
         select $1, $2, $3, 'void', 'operator', $4, '{}'
         where exists (select from payments where merchant_id = $1 and id = $3)
         on conflict on constraint commands_once_per_operation do nothing`,
        [ref.merchant, newId('cmd'), ref.payment, idOfUuid('void', workflowRunId)],
      );
      return viewOf(await loaded(ref), Date.now());
    },
  };
}
