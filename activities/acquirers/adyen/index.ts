/* eslint-disable @typescript-eslint/no-unsafe-class-instance-assignment -- the library's requests are classes in name only: it writes them field by field */
import { AuthenticationData } from '@adyen/api-library/lib/src/typings/checkout/authenticationData.js';
import { CardDetails } from '@adyen/api-library/lib/src/typings/checkout/cardDetails.js';
import { PaymentRequest } from '@adyen/api-library/lib/src/typings/checkout/paymentRequest.js';
import type { AcquirerActivities, AttemptRef } from '../../../workflows/ports/acquirer.ts';
import { doubt, held, type Judged } from '../answers.ts';
import type { AttemptRecord } from '../attempts.ts';
import { createAcquirerActivities, type CallDependencies } from '../calls.ts';
import type { AcquirerWire, Exchange, WireCard } from '../wire.ts';
import type { AdyenAmount } from './amounts.ts';
import { AUTHORIZATION_REPEATED_FOR_MS, SAME_KEY_FOR_MS } from './capabilities.ts';
import type { AdyenClient, KeyedRequest, Reply } from './client.ts';
import { judgeModification, judgePayment } from './judge.ts';
import { plannedPayment, readAdyenWire, type AdyenWire } from './plan.ts';
import { judgeProblem } from './problems.ts';

export { createAdyenClient } from './client.ts';
export { createAdyenPlanner } from './plan.ts';

export interface AdyenDependencies extends CallDependencies {
  /** The API of the acquirer these activities are for. */
  readonly client: AdyenClient;
}

/** A request that is ready to be made. */
interface AdyenMessage {
  readonly ref: AttemptRef;
  readonly attempt: AttemptRecord;
  readonly wire: AdyenWire;
  readonly repeated: boolean;
  /** Of a payment. */
  readonly card: WireCard | null;
}

/**
 * The acquirer port over Adyen. Everything carries the attempt's id, as its reference and as its
 * idempotency key. A payment is answered at once; a capture, cancel, refund or reversal is answered
 * `received`, and what became of it comes as an event (events.ts). There is no reading: what is unknown
 * is asked for again with its key, and what was received is only waited for.
 */
export function createAdyenActivities(deps: AdyenDependencies): AcquirerActivities {
  return createAcquirerActivities(createAdyenWire(deps), deps);
}

function createAdyenWire({ client, logger }: AdyenDependencies): AcquirerWire<AdyenMessage> {
  function exchangeOf(ref: AttemptRef, judged: Judged): Exchange {
    if (judged.alarm !== null)
      logger.error('acquirer_answer_not_understood', { ...ref, wire: 'adyen', reason: judged.alarm });
    return { type: 'answered', answer: judged.answer };
  }

  return {
    async prepare(ref, attempt, { repeated, card }) {
      const wire = readAdyenWire(attempt.wire);
      const pays = wire.request === 'pay_manual' || wire.request === 'pay_automatic';
      // What will not be asked for again needs no card.
      const asks = pays && !(repeated && whyNotAgain(attempt) !== null);
      return { ref, attempt, wire, repeated, card: asks ? await card() : null };
    },

    async exchange(message, { refuseWrite }) {
      const { ref, attempt, repeated } = message;
      const known = repeated ? whyNotAgain(attempt) : null;
      if (known !== null) return exchangeOf(ref, known);
      const request: KeyedRequest = {
        merchantAccount: attempt.account.merchantAccount,
        reference: ref.attempt,
        idempotencyKey: ref.attempt,
        refuseWrite,
      };
      const reply = await send(client, message, request);
      switch (reply.type) {
        case 'unsent':
        case 'unknown':
          return reply;
        case 'problem': {
          const judged = judgeProblem(attempt.kind, reply.problem, { repeated });
          return exchangeOf(ref, attempt.kind === 'reversal' ? unlessDone(judged) : judged);
        }
        case 'judged':
          return exchangeOf(ref, reply.judged);
      }
    },

    inquire: async (ref, attempt) => exchangeOf(ref, whyNotAgain(attempt) ?? doubt('Adyen cannot be asked')),
  };
}

/** What is said about a sent attempt without asking: it is held, or it is too late to ask; null = ask. */
function whyNotAgain(attempt: AttemptRecord): Judged | null {
  const { kind, acquirerReference, sentForMs } = attempt;
  if (acquirerReference !== null) return held('pending', 'received; Adyen reports the result', null);
  const authorizing = kind === 'authorization' || kind === 'sale';
  if ((sentForMs ?? 0) < (authorizing ? AUTHORIZATION_REPEATED_FOR_MS : SAME_KEY_FOR_MS)) return null;
  return doubt('too old to be asked for again under its key: only Adyen’s report tells');
}

/** An undoing is done, or it is repeated: no refusal ends it. */
function unlessDone({ answer, alarm }: Judged): Judged {
  return doubt(answer.reason ?? answer.responseCode ?? 'not undone', alarm !== null);
}

type Sent = Exclude<Reply<never>, { type: 'object' }> | { readonly type: 'judged'; readonly judged: Judged };

/** Makes the request of a message, and judges what it is answered with. */
async function send(client: AdyenClient, message: AdyenMessage, request: KeyedRequest): Promise<Sent> {
  const { ref, attempt, wire, card } = message;
  const amount: AdyenAmount = { value: Number(wire.amount), currency: wire.currency };
  const judgedBy = <T>(reply: Reply<T>, judge: (value: T) => Judged): Sent =>
    reply.type === 'object' ? { type: 'judged', judged: judge(reply.value) } : reply;
  const modified = (about: string | null) => (modification: Parameters<typeof judgeModification>[1]) =>
    judgeModification(attempt, modification, { reference: ref.attempt, about });
  switch (wire.request) {
    case 'pay_manual':
    case 'pay_automatic': {
      if (card === null) throw new RangeError('a payment needs its card');
      const reply = await client.pay(paymentOf(wire, amount, card, attempt.account.mcc), request);
      return judgedBy(reply, (payment) => judgePayment(attempt, payment, ref.attempt));
    }
    case 'capture': {
      const payment = plannedPayment(wire);
      return judgedBy(await client.capture(payment, amount, request), modified(payment));
    }
    case 'cancel': {
      const payment = plannedPayment(wire);
      return judgedBy(await client.cancel(payment, request), modified(payment));
    }
    case 'refund': {
      const payment = plannedPayment(wire);
      return judgedBy(await client.refund(payment, amount, request), modified(payment));
    }
    case 'undo': {
      const { payment } = wire;
      if (payment !== undefined) return judgedBy(await client.reverse(payment, request), modified(payment));
      // What Adyen was told is our name of what is undone. A plan of before it was written into plans is a
      // reversal that is named after it (reversalIdOf).
      const original = wire.reference ?? ref.attempt.replace(/_reversal$/, '');
      return judgedBy(await client.cancelByReference(original, request), modified(null));
    }
  }
}

type PaymentParts = Omit<PaymentRequest, 'merchantAccount' | 'reference'>;

/**
 * A payment as Adyen is asked for it. A sale is captured at once by Adyen (`captureDelayHours` 0), an
 * authorization only when it is told (`manualCapture`): what the account has as its default decides
 * nothing. The security code is on the first try only: it is gone when the request is repeated.
 */
function paymentOf(
  { request, authorisationType }: AdyenWire,
  amount: AdyenAmount,
  { number, expiryMonth, expiryYear, cvv }: WireCard,
  mcc: string,
): PaymentParts {
  const captured = request === 'pay_automatic';
  return {
    amount: { ...amount },
    mcc,
    paymentMethod: {
      type: CardDetails.TypeEnum.Scheme,
      number,
      expiryMonth: String(expiryMonth).padStart(2, '0'),
      expiryYear: String(expiryYear),
      ...(cvv === null ? {} : { cvc: cvv }),
    },
    // Where the shopper would come back to from 3-D Secure, which is not carried through.
    returnUrl: 'https://return.invalid/',
    authenticationData: {
      attemptAuthentication: AuthenticationData.AttemptAuthenticationEnum.Never,
    },
    shopperInteraction: PaymentRequest.ShopperInteractionEnum.Ecommerce,
    ...(captured ? { captureDelayHours: 0 } : {}),
    additionalData: {
      ...(captured ? {} : { manualCapture: 'true' }),
      ...(authorisationType === undefined ? {} : { authorisationType }),
    },
  };
}
