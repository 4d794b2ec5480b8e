import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Canaries } from './canaries.ts';
import type { CanaryClient } from './client.ts';

type Scheme = 'visa' | 'amex';

/** Requests of one merchant that carry canaries, each with a number of its own. */
export interface CanaryShop {
  /** A body for a new payment; what is in `rest` goes over it. */
  body(scheme: Scheme, rest?: Readonly<Record<string, unknown>>): Record<string, unknown>;
  pay(scheme: Scheme, rest?: Readonly<Record<string, unknown>>): Promise<string | null>;
  readonly client: CanaryClient;
  readonly canaries: Canaries;
  /** Payments that were taken. */
  readonly ids: string[];
}

export function openShop(client: CanaryClient, canaries: Canaries): CanaryShop {
  const ids: string[] = [];
  let used = 0;
  const body = (scheme: Scheme, rest: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => {
    used += 1;
    const number = canaries.number(scheme, used % 100);
    return {
      amount: 1_000 + randomInt(9_000),
      currency: 'EUR',
      card: { number, expiry_month: 11, expiry_year: 2031, cvv: canaries.codes[scheme] },
      ...rest,
    };
  };
  return {
    body,
    client,
    canaries,
    ids,
    async pay(scheme, rest) {
      const answer = await client.send('/v1/payments', body(scheme, rest));
      const id = answer?.['id'];
      if (typeof id !== 'string') return null;
      ids.push(id);
      return id;
    },
  };
}

/** What goes well: in one message and in several, given back, let go. */
export async function payWell(shop: CanaryShop, payments: number): Promise<void> {
  for (let index = 0; index < payments; index += 1) {
    const id = await shop.pay(
      index % 2 === 0 ? 'visa' : 'amex',
      index % 3 === 0 ? {} : { capture: 'manual' },
    );
    if (id === null) continue;
    const act = ['refunds', 'void', 'captures'][index % 3] ?? 'void';
    await shop.client.send(`/v1/payments/${id}/${act}`, {});
    await shop.client.get(`/v1/payments/${id}`);
  }
}

/** Requests that are wrong, with the card where it belongs and where it does not. */
export async function payWrongly(shop: CanaryShop): Promise<void> {
  const { client, canaries } = shop;
  const asked: Promise<unknown>[] = [];
  const send = (body: unknown, headers?: Readonly<Record<string, string>>, path = '/v1/payments'): void => {
    asked.push(client.send(path, body, headers));
  };
  for (const scheme of ['visa', 'amex'] as const) {
    const number = canaries.number(scheme, 50);
    const cvv = canaries.codes[scheme];
    const wrong = String((Number(number.at(-1)) + 1) % 10);
    const whole = shop.body(scheme);
    const card = whole['card'] as Record<string, unknown>;
    const text = JSON.stringify(whole);
    send({ ...whole, amount: 'x' });
    send({ ...whole, card: { ...card, number: number.slice(0, -1) + wrong } });
    send({ ...whole, card: { ...card, number: number.replace(/(\d{4})(?=\d)/g, '$1 ') } });
    send({ ...whole, card: { ...card, number: Number(number) } });
    send({ ...whole, card: { ...card, number: [number] } });
    send({ ...whole, card: { ...card, cvv: Number(cvv) } });
    send({ ...whole, card: { ...card, cvv: `${cvv}${cvv}` } });
    send({ ...whole, card: { ...card, expiry_year: 2001 } });
    send({ ...whole, card: number });
    send({ ...whole, card: `number=${number}&cvv=${cvv}` });
    send({ ...whole, card: { ...card, pan: number, [number]: cvv } });
    send({ ...whole, description: `my card is ${number}` });
    send({ ...whole, description: Buffer.from(number).toString('hex') });
    send({ ...whole, order_reference: number.replace(/(\d{4})(?=\d)/g, '$1-') });
    send({ ...whole, metadata: { card: number, [number]: 'x' } });
    send({ ...whole, metadata: { note: Array.from(number).join('.') } });
    send({ ...whole, metadata: { cvv } });
    send({ ...whole, description: `cvv ${cvv}` });
    send({ ...whole, customer_reference: number, ip_address: number, authorize_by: number });
    send(text.slice(0, -3));
    send(`${text}${text}`);
    send(
      text.replaceAll(number, Array.from(number, (digit) => `\\u003${digit}`).join('')).replace('"EUR"', '1'),
    );
    send(`{"card":"${'x'.repeat(70_000)}","number":"${number}"}`);
    send(whole, { 'content-type': 'application/x-www-form-urlencoded' });
    send(whole, { 'content-type': `text/${number}` });
    send(whole, { 'idempotency-key': number });
    send(whole, { authorization: `Bearer ${number}` });
    send(whole, { authorization: `Bearer sk_test_${number}${number}` });
    send(whole, { prefer: `wait=${number}`, 'x-card': number, cookie: `card=${number}` });
    send(whole, {}, `/v1/payments/${number}/capture`);
    send(whole, {}, `/v1/cards/${number}?cvv=${cvv}`);
    asked.push(client.get(`/v1/payments?card=${number}&cvv=${cvv}`));
    asked.push(client.get(`/v1/balances?at=${number}`));
    asked.push(client.raw(`POST /v1/payments?card=${number} HTTP/9.9\r\nCard: ${number}\r\n\r\n${text}`));
    asked.push(client.raw(`${number} ${cvv}\r\n\r\n`));
    // A body that is cut off half way.
    asked.push(
      client.raw(
        `POST /v1/payments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n${text}`,
      ),
    );
  }
  await Promise.all(asked);
}

/** Where a page gives a card to the vault, by a key that everybody may see. */
export interface CardTokens {
  readonly url: string;
  readonly publishableKey: string;
  readonly origin: string;
}

/** A card that a page gave to the vault, then the same card by the token that its payment left. */
export async function payByTokens(shop: CanaryShop, at: CardTokens): Promise<void> {
  const { client } = shop;
  const { card, ...rest } = shop.body('visa');
  const headers = { authorization: `Bearer ${at.publishableKey}`, origin: at.origin };
  const made = await client.send(`${at.url}/v1/card-tokens`, { card }, headers);
  await client.send(`${at.url}/v1/card-tokens`, { card, metadata: card }, headers);
  const first = await client.send('/v1/payments', { ...rest, card_token: made?.['id'] });
  const id = taken(shop, first, 'a card token');
  const stored = await storedCardOf(shop, id);
  taken(shop, await client.send('/v1/payments', { ...rest, card_token: stored }), 'a stored card');
}

const STORED_WITHIN_MS = 30_000;

/** The token of a payment's card, once the vault has it. @throws Error when it has none in time */
async function storedCardOf({ client }: CanaryShop, id: string): Promise<string> {
  const until = performance.now() + STORED_WITHIN_MS;
  for (;;) {
    const answer = (await client.get(`/v1/payments/${id}`)) as { card?: { token: string } | null } | null;
    if (answer?.card != null) return answer.card.token;
    if (performance.now() > until) throw new Error(`${id} has no stored card after ${STORED_WITHIN_MS} ms`);
    await delay(200);
  }
}

/** @throws Error when it was not taken: what did not happen proves nothing. */
function taken(shop: CanaryShop, answer: Readonly<Record<string, unknown>> | null, by: string): string {
  const id = answer?.['id'];
  if (typeof id !== 'string')
    throw new Error(`the payment by ${by} was not taken: ${JSON.stringify(answer)}`);
  shop.ids.push(id);
  return id;
}

/** Secrets where none belongs. */
export async function tellSecrets(shop: CanaryShop, apiKey: string): Promise<void> {
  const { client } = shop;
  await client.get(`/v1/payments?api_key=${apiKey}`);
  await client.send('/v1/payments', { ...shop.body('visa'), amount: apiKey, [apiKey]: 1 });
  await client.send(`/v1/payments/${apiKey}/void`, {});
  await client.send('/v1/payments', shop.body('visa'), { authorization: `Basic ${btoa(`${apiKey}:`)}` });
  await client.raw(`GET /${apiKey} HTTP/1.1\r\nAuthorization: Bearer ${apiKey}\r\n`);
}
