import { randomInt } from 'node:crypto';
import { isProcessing, type EventType, type Quittance } from '../../clients/typescript/index.ts';
import { EXIT, Failure } from './failure.ts';

/** What leads to an event on a development stack. Answers the payment. */
type Trigger = (client: Quittance, say: (what: string) => void) => Promise<string>;

/** Numbers of docs/test-cards.md that do something else than approve. */
const CARDS = {
  declined: '4000000000000002',
  answerLost: '4000000000000119',
  validForDays: '4012888888881881',
  noIncrements: '5105105105105100',
} as const;

const AMOUNT = 4_200;
/** From this many payments with one card within a minute the next is blocked (docs/test-cards.md). */
const TOO_OFTEN = 7;

/**
 * A number of the test range 4242 42 that is approved, hardly ever the same: the risk rules watch each card.
 */
function approvedCard(): string {
  const body = `424242${String(randomInt(1_000_000_000)).padStart(9, '0')}`;
  const sum = Array.from(body, Number)
    .reverse()
    .map((digit, place) => digit * (place % 2 === 0 ? 2 : 1))
    .reduce((total, value) => total + (value > 9 ? value - 9 : value), 0);
  return `${body}${(10 - (sum % 10)) % 10}`;
}

async function create(
  client: Quittance,
  {
    number = approvedCard(),
    ...rest
  }: { number?: string; capture?: 'manual'; authorization_type?: 'pre' } = {},
): Promise<string> {
  const card = { number, expiry_month: 12, expiry_year: new Date().getUTCFullYear() + 3, cvv: '123' };
  const made = await client.payments.create({ amount: AMOUNT, currency: 'EUR', card, ...rest });
  if (isProcessing(made)) await client.payments.wait(made);
  return made.id;
}
const hold = (client: Quittance, number?: string): Promise<string> =>
  create(client, { capture: 'manual', ...(number === undefined ? {} : { number }) });
const estimate = (client: Quittance, number?: string): Promise<string> =>
  create(client, {
    capture: 'manual',
    authorization_type: 'pre',
    ...(number === undefined ? {} : { number }),
  });

/** What comes of a payment is asked for after the payment; that it is processing changes nothing. */
const then = (made: Promise<string>, ask: (payment: string) => Promise<unknown>): Promise<string> =>
  made.then(async (payment) => {
    await ask(payment);
    return payment;
  });

/** Null = nothing that a merchant asks for leads there, with why. */
export const TRIGGERS = {
  'payment.authorized': (client) => hold(client),
  'payment.captured': (client) => create(client),
  'payment.declined': (client) => create(client, { number: CARDS.declined }),
  'payment.failed': (client, say) => {
    say('the answer is lost; it is known after 8 s');
    return create(client, { number: CARDS.answerLost });
  },
  'payment.blocked': async (client, say) => {
    const number = approvedCard();
    // At once: all of them have to fall into one minute.
    say(`${TOO_OFTEN - 1} payments with one card, and then one more`);
    await Promise.all(Array.from({ length: TOO_OFTEN - 1 }, () => create(client, { number })));
    return create(client, { number });
  },
  'payment.voided': (client) => then(hold(client), (id) => client.payments.void(id)),
  'payment.partially_captured': (client) =>
    then(hold(client), (id) => client.payments.capturePart(id, { amount: AMOUNT / 2 })),
  'payment.incremented': (client) =>
    then(estimate(client), (id) => client.payments.increment(id, { amount: 700 })),
  'payment.increment_failed': (client) =>
    then(estimate(client, CARDS.noIncrements), (id) => client.payments.increment(id, { amount: 700 })),
  'payment.reauthorized': (client) =>
    then(hold(client, CARDS.validForDays), (id) => client.payments.reauthorize(id)),
  'refund.succeeded': (client) => then(create(client), (id) => client.payments.refund(id)),
  'refund.failed': 'an acquirer refuses it',
  'payment.reauthorization_failed': 'the issuer refuses it at its second look',
  'payment.in_review': 'a rule of the merchant’s wants a person to look',
  'payment.expired': 'its authorization ends after days',
  'payment.capture_failed': 'an acquirer takes a capture back',
  'payment.disputed': 'a cardholder disputes it',
  'payment.dispute_reversed': 'a dispute is won',
  'card_verification.completed': 'POST /v1/card-verifications, with any card, leads to it',
  'endpoint.test': 'POST /v1/webhook-endpoints/{id}/test sends it',
  'webhook_endpoint.failing': 'an endpoint has taken nothing for a day',
  'webhook_endpoint.disabled': 'an endpoint has taken nothing for five days',
} as const satisfies Record<EventType, Trigger | string>;

export const TRIGGERABLE = Object.entries(TRIGGERS).flatMap(([type, trigger]) =>
  typeof trigger === 'string' ? [] : [type],
);

/** @throws Failure when it is no event, or none that can be made. */
export function triggerOf(type: string): Trigger {
  const trigger = (TRIGGERS as Readonly<Record<string, Trigger | string>>)[type];
  const known = `one of ${TRIGGERABLE.join(', ')}`;
  if (trigger === undefined) throw new Failure(`there is no event ${type}: ${known}`, EXIT.misused);
  if (typeof trigger === 'string')
    throw new Failure(`${type} comes when ${trigger}, which no request makes happen; ${known}`, EXIT.misused);
  return trigger;
}
