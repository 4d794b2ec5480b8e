import { randomUUID } from 'node:crypto';
import {
  isProcessing,
  ProblemError,
  StillProcessingError,
  type Payment,
  type Quittance,
} from '../../../clients/typescript/index.ts';
import type { Order } from './page.ts';

/** What the customer is told. unknown = neither yes nor no: whoever asks again asks for the same try. */
export interface OrderAnswer {
  readonly end: 'paid' | 'refused' | 'unknown';
  readonly text: string;
}

export interface OrderPaymentOptions {
  readonly client: Quittance;
  readonly order: Order;
  /** How long an outcome is waited for (ms). */
  readonly waitMs: number;
  /** Told of each payment whose outcome is looked at. */
  readonly tried: (payment: Payment) => void;
}

/** One try to pay the order: its request is the same however often it is sent. */
interface Try {
  readonly token: string;
  readonly idempotencyKey: string;
  /** The payment it became; null = not known to us. */
  payment: string | null;
}

/**
 * Pays one order at most once. A token is no name of a try: the page makes a new one for each click. So
 * the order has one open try, which everybody who asks meanwhile gets (another click, another tab, another
 * card), until it is definitely refused; only then a new token is a new try. This shop keeps it in memory,
 * as it keeps the order; one that outlives its process writes it down before it asks.
 */
export function createOrderPayment({ client, order, waitMs, tried }: OrderPaymentOptions) {
  let open: Try | null = null;
  let asking: Promise<OrderAnswer> | null = null;
  let paid: OrderAnswer | null = null;

  async function outcomeOf(one: Try): Promise<Payment> {
    if (one.payment !== null) return client.payments.wait(one.payment, { deadlineMs: waitMs });
    const { id, amount, currency, description } = order;
    const made = await client.payments.create(
      {
        amount,
        currency,
        card_token: one.token,
        order_reference: id,
        ...(description === null ? {} : { description }),
      },
      { idempotencyKey: one.idempotencyKey },
    );
    one.payment = made.id;
    return isProcessing(made) ? client.payments.wait(made, { deadlineMs: waitMs }) : made;
  }

  async function ask(one: Try): Promise<OrderAnswer> {
    try {
      const payment = await outcomeOf(one);
      tried(payment);
      const answer = answerOf(payment);
      if (answer.end === 'refused') open = null;
      if (answer.end === 'paid') paid = answer;
      return answer;
    } catch (error) {
      if (one.payment === null && isRefusal(error)) {
        open = null;
        return { end: 'refused', text: `Not paid: ${error.problem.detail}` };
      }
      return { end: 'unknown', text: error instanceof StillProcessingError ? STILL_PROCESSING : UNANSWERED };
    }
  }

  /** Pays with that token, or says what became of the try that is open. Never throws. */
  return function pay(token: string): Promise<OrderAnswer> {
    if (paid !== null) return Promise.resolve(paid);
    open ??= { token, idempotencyKey: randomUUID(), payment: null };
    asking ??= ask(open).finally(() => {
      asking = null;
    });
    return asking;
  };
}

const STILL_PROCESSING =
  'The bank has not answered yet: you may have paid. Ask again in a moment: you do not pay twice.';
const UNANSWERED =
  'It is not known whether you have paid. Ask again in a moment: it is the same try, and you do not pay twice.';

/**
 * Whether nothing was made: the request itself is refused. Not so a refusal of the caller or of the moment
 * (401, 403, 409, 429, 5xx): an earlier attempt at the same try may have been taken.
 */
function isRefusal(error: unknown): error is ProblemError {
  return error instanceof ProblemError && (error.status === 400 || error.status === 422);
}

const ENDS = {
  processing: 'unknown',
  in_review: 'unknown',
  authorized: 'paid',
  partially_captured: 'paid',
  captured: 'paid',
  partially_refunded: 'paid',
  refunded: 'paid',
  voided: 'refused',
  declined: 'refused',
  blocked: 'refused',
  expired: 'refused',
  failed: 'refused',
} as const satisfies Record<Payment['status'], OrderAnswer['end']>;

function answerOf({ status, remedy }: Payment): OrderAnswer {
  const end = ENDS[status];
  if (end === 'paid') return { end, text: 'Paid. Thank you.' };
  if (end === 'unknown')
    return {
      end,
      text:
        status === 'in_review'
          ? 'A person looks at this payment: ask again later. You do not pay twice.'
          : STILL_PROCESSING,
    };
  const hint =
    remedy === 'fix_data'
      ? 'check the card’s details'
      : remedy === 'later'
        ? 'try again later, or another card'
        : 'try another card';
  return { end, text: `Not paid (${status}): ${hint}.` };
}
