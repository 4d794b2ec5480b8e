import type { AcquirerActivities, AttemptRef } from '../../../workflows/ports/acquirer.ts';
import type { AttemptRecord } from '../attempts.ts';
import { createAcquirerActivities, type CallDependencies } from '../calls.ts';
import { NotReady, type AcquirerWire, type Exchange, type WireCard } from '../wire.ts';
import { SAME_KEY_FOR_MS } from './capabilities.ts';
import type { KeyedRequest, Reply, StripeClient } from './client.ts';
import type { Judged } from '../answers.ts';
import { askAbout, isAbsent } from './inquiry.ts';
import { judgeAuthorization, judgeFollowUp, judgeRefund } from './judge.ts';
import type { Intent } from './objects.ts';
import { planned, readStripeWire, type StripeWire } from './plan.ts';
import { classifyProblem, judgeProblem, storedFailureAt } from './problems.ts';
import { undo } from './undo.ts';

export { createStripeClient } from './client.ts';
export { createStripePlanner } from './plan.ts';

export interface StripeDependencies extends CallDependencies {
  /** The API of the acquirer these activities are for. */
  readonly client: StripeClient;
}

/** A request that is ready to be made. */
interface StripeMessage {
  readonly ref: AttemptRef;
  readonly attempt: AttemptRecord;
  readonly wire: StripeWire;
  readonly repeated: boolean;
  /** Of a confirmation: the committed intent and the card. */
  readonly confirm: { readonly intent: string; readonly card: WireCard } | null;
}

/**
 * The acquirer port over Stripe. An authorization takes two requests: the intent, which moves nothing
 * and whose id is committed, and its confirmation, the first byte of which is past `sending`. All that
 * moves money carries the attempt's id as its idempotency key.
 */
export function createStripeActivities(deps: StripeDependencies): AcquirerActivities {
  return createAcquirerActivities(createStripeWire(deps), deps);
}

const never = (): null => null;

function createStripeWire({ client, store, logger }: StripeDependencies): AcquirerWire<StripeMessage> {
  /** Of what is read or asked: no attempt of ours is in danger from it. */
  const reading = (attempt: AttemptRecord) => ({
    account: attempt.account.merchantAccount,
    refuseWrite: never,
  });

  function exchangeOf(ref: AttemptRef, attempt: AttemptRecord, judged: Judged): Exchange {
    if (judged.alarm !== null)
      logger.error('acquirer_answer_not_understood', { ...ref, wire: 'stripe', reason: judged.alarm });
    // That a failure is stored under the key must outlive what is learned later and is no answer either.
    const keeps = judged.answer.outcome === 'ambiguous' && storedFailureAt(attempt.reason) !== null;
    const answer = keeps ? { ...judged.answer, reason: attempt.reason } : judged.answer;
    return { type: 'answered', answer };
  }

  async function ask(ref: AttemptRef, attempt: AttemptRecord): Promise<Exchange> {
    const found = await askAbout(client, attempt, ref.attempt, reading(attempt));
    return found.type === 'judged' ? exchangeOf(ref, attempt, found.judged) : found;
  }

  /** The id of the attempt's intent: the committed one, or a new one that is committed now. */
  async function intentOf(
    ref: AttemptRef,
    attempt: AttemptRecord,
    wire: StripeWire,
    refuseWrite: () => string | null,
  ): Promise<string> {
    if (attempt.acquirerReference !== null) return attempt.acquirerReference;
    const reply = await client.createIntent(
      {
        amount: Number(wire.amount),
        currency: wire.currency,
        capture: wire.request === 'confirm_automatic' ? 'automatic' : 'manual',
        metadata: { payment: ref.payment, attempt: ref.attempt },
      },
      { account: attempt.account.merchantAccount, refuseWrite, idempotencyKey: `${ref.attempt}:intent` },
    );
    // An intent that is not confirmed holds nothing, and nobody else can confirm it: whatever went
    // wrong here, nothing was executed. The next attempt makes its own.
    if (reply.type !== 'object') throw new NotReady(`no payment intent: ${unmade(ref, reply)}`);
    const { id } = reply.value;
    if (!(await store.noteReference(ref, id)))
      throw new NotReady(`the attempt was moved on before its intent ${id} was kept`);
    return id;
  }

  function unmade(ref: AttemptRef, reply: Exclude<Reply<Intent>, { type: 'object' }>): string {
    if (reply.type !== 'problem') return reply.reason;
    const { problem } = reply;
    const found = classifyProblem(problem);
    const passing = found.class === 'not_begun' && !found.ours;
    if (!passing && found.class !== 'stored_failure')
      logger.error('acquirer_refuses_the_plan', { ...ref, wire: 'stripe', ...problem });
    return `HTTP ${problem.status} ${problem.code ?? problem.type}: ${problem.message}`;
  }

  return {
    async prepare(ref, attempt, { repeated, card, refuseWrite }) {
      const wire = readStripeWire(attempt.wire);
      const confirms = wire.request === 'confirm_manual' || wire.request === 'confirm_automatic';
      if (!confirms) return { ref, attempt, wire, repeated, confirm: null };
      const intent = await intentOf(ref, attempt, wire, refuseWrite);
      return { ref, attempt, wire, repeated, confirm: { intent, card: await card() } };
    },

    async exchange(message, { refuseWrite }) {
      const { ref, attempt, wire, repeated, confirm } = message;
      const request: KeyedRequest = {
        account: attempt.account.merchantAccount,
        refuseWrite,
        idempotencyKey: ref.attempt,
      };
      if (wire.request === 'undo') {
        const undone = await undo(client, attempt, ref.attempt, { request, repeated });
        return undone.type === 'judged' ? exchangeOf(ref, attempt, undone.judged) : undone;
      }
      // Past half of the key's life, or with a failure stored under it, only reading tells anything.
      if (repeated && !mayRepeat(attempt)) return ask(ref, attempt);
      const reply = await send(client, message, request);
      switch (reply.type) {
        case 'unsent':
        case 'unknown':
          return reply;
        case 'problem': {
          const ageMs = attempt.sentForMs ?? 0;
          const judged = judgeProblem(attempt.kind, reply.problem, { repeated, ageMs });
          // It may be one that is confirmed, captured or canceled already: by us.
          return judged === null
            ? ask(ref, { ...attempt, acquirerReference: confirm?.intent ?? attempt.acquirerReference })
            : exchangeOf(ref, attempt, judged);
        }
        case 'judged':
          return exchangeOf(ref, attempt, reply.judged);
      }
    },

    inquire: ask,
  };
}

/** Whether the same key is still known to be the same request, and would be worked on. */
function mayRepeat({ sentForMs, reason }: AttemptRecord): boolean {
  return (sentForMs ?? 0) < SAME_KEY_FOR_MS && storedFailureAt(reason) === null;
}

type Sent = Exclude<Reply<never>, { type: 'object' }> | { readonly type: 'judged'; readonly judged: Judged };

/** Makes the request of a message, and judges the object that it answers with. */
async function send(client: StripeClient, message: StripeMessage, request: KeyedRequest): Promise<Sent> {
  const { ref, attempt, wire, confirm } = message;
  const absent = isAbsent(attempt);
  const judgedBy = <T>(reply: Reply<T>, judge: (value: T) => Judged): Sent =>
    reply.type === 'object' ? { type: 'judged', judged: judge(reply.value) } : reply;
  switch (wire.request) {
    case 'confirm_manual':
    case 'confirm_automatic': {
      if (confirm === null) throw new RangeError('a confirmation needs its intent and its card');
      const reply = await client.confirm(confirm.intent, confirm.card, request);
      return judgedBy(reply, (intent) => judgeAuthorization(attempt, intent, absent));
    }
    case 'capture': {
      const capture = { amount: Number(wire.amount), final: planned(wire, 'final') === 'true' };
      const reply = await client.capture(planned(wire, 'intent'), capture, request);
      return judgedBy(reply, (intent) => judgeFollowUp(attempt, intent, absent));
    }
    case 'release': {
      const nothing = { amount: 0, final: true };
      const reply = await client.capture(planned(wire, 'intent'), nothing, request);
      return judgedBy(reply, (intent) => judgeFollowUp(attempt, intent, absent));
    }
    case 'cancel': {
      const reply = await client.cancel(planned(wire, 'intent'), request);
      return judgedBy(reply, (intent) => judgeFollowUp(attempt, intent, absent));
    }
    case 'refund': {
      const refund = {
        amount: Number(wire.amount),
        metadata: { payment: ref.payment, attempt: ref.attempt },
      };
      const reply = await client.refund(planned(wire, 'intent'), refund, request);
      return judgedBy(reply, (made) => judgeRefund(attempt, made, attempt.amount));
    }
    case 'undo':
      throw new RangeError('an undoing takes more than one request');
  }
}
