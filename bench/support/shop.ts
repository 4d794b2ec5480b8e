import { randomBytes, randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { Pool } from 'undici';
import { passesLuhn } from '../../platform/scrub.ts';
import type { RunFile } from '../../temporal-dev/run-file.ts';
import { seedEndpoint, seedMerchant } from '../../temporal-dev/seed.ts';
import type { Send } from './load.ts';

/** A merchant of its own on a running stack, with a webhook endpoint, and buyers who each have another card. */
export interface Shop {
  readonly merchant: string;
  /** A purchase of 50.00 EUR in one message. @throws Error unless it is answered as captured. */
  readonly pay: Send;
  /** GET of one of the payments made so far. */
  readonly read: Send;
  /** GET of its newest payments, a page as long as it is unless told. */
  readonly list: Send;
  /** Ids of the last payments, newest last. */
  readonly recent: (count: number) => readonly string[];
  /** Resolves when every event so far was delivered. @throws Error after `limitMs`. */
  quiet(limitMs: number): Promise<void>;
  close(): Promise<void>;
}

export interface ShopOptions {
  readonly run: RunFile;
  /** Where its webhooks go; null = it has no endpoint. */
  readonly webhooks: string | null;
  /** Sockets to the api. */
  readonly connections: number;
  /** Where its payments go: ids of acquirers, in the order in which they are tried. */
  readonly acquirers: readonly string[];
}

const REQUEST_MS = 30_000;
/** How many ids are remembered: whoever reads, reads what is recent. */
const REMEMBERED = 10_000;
const POLL_MS = 25;

export async function openShop({ run, webhooks, connections, acquirers }: ShopOptions): Promise<Shop> {
  const apiKey = `sk_test_${randomBytes(32).toString('hex')}`;
  const merchant = await seedMerchant({
    ownerUrl: run.postgres.urls.owner,
    apiKey,
    name: 'Bench shop',
    acquirers,
  });
  if (webhooks !== null) await seedEndpoint({ run, merchant, url: webhooks });
  const database = new pg.Pool({
    connectionString: run.postgres.urls.owner,
    max: 1,
    connectionTimeoutMillis: 5_000,
  });
  const api = new Pool(run.api, { connections, headersTimeout: REQUEST_MS, bodyTimeout: REQUEST_MS });
  const authorization = `Bearer ${apiKey}`;
  // Letters alone: digits that meet those of a buyer can look like a card number, which is refused in a key.
  const keys = randomBytes(8)
    .toString('hex')
    .replaceAll(/\d/g, (digit) => 'ghijklmnop'.charAt(Number(digit)));
  const ids: string[] = [];
  // Another shop's buyers have other cards: the risk rules watch each card.
  let buyers = randomInt(9_000) * 100_000;
  let reads = 0;

  async function get(path: string): Promise<void> {
    const { statusCode, body } = await api.request({ method: 'GET', path, headers: { authorization } });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`GET ${path} was answered ${statusCode} ${text.slice(0, 300)}`);
  }

  return {
    merchant,
    async pay() {
      buyers += 1;
      const { statusCode, body } = await api.request({
        method: 'POST',
        path: '/v1/payments',
        headers: {
          authorization,
          'content-type': 'application/json',
          'idempotency-key': `${keys}-${buyers}`,
        },
        body: JSON.stringify({
          amount: 5_000,
          currency: 'EUR',
          card: { number: cardNumber(buyers), expiry_month: 12, expiry_year: 2030, cvv: '123' },
        }),
      });
      const text = await body.text();
      const { id, status } = JSON.parse(text) as { id?: string; status?: string };
      if (statusCode !== 201 || status !== 'captured' || id === undefined)
        throw new Error(
          statusCode < 300
            ? `a purchase was answered ${statusCode}, ${status ?? 'no status'}`
            : `a purchase was answered ${statusCode} ${text.slice(0, 300)}`,
        );
      if (ids.push(id) > REMEMBERED) ids.shift();
    },
    read: () => get(`/v1/payments/${ids[(reads += 7_919) % ids.length] ?? ''}`),
    list: () => get('/v1/payments'),
    recent: (count) => ids.slice(-count),
    async quiet(limitMs) {
      const until = Date.now() + limitMs;
      for (;;) {
        const { rows } = await database.query<{ waiting: string }>(
          "select count(*)::text as waiting from deliveries where merchant_id = $1 and state in ('pending', 'retrying')",
          [merchant],
        );
        const waiting = Number(rows[0]?.waiting ?? 0);
        if (waiting === 0) return;
        if (Date.now() > until)
          throw new Error(`${waiting} events of ${merchant} were not delivered within ${limitMs} ms`);
        await delay(POLL_MS);
      }
    },
    async close() {
      await Promise.all([api.close(), database.end()]);
    },
  };
}

/** A number of the schemes' test range 4242 42 that no simulator gives a meaning of its own. */
function cardNumber(buyer: number): string {
  // Far from the last one's (the factor and 9e8 have no divisor in common): the vault sees who tries
  // many numbers that share their first eight digits and last four.
  const body = `424242${String(100_000_000 + ((buyer * 611_953) % 900_000_000))}`;
  const digit = Array.from('0123456789').find((last) => passesLuhn(`${body}${last}`));
  if (digit === undefined) throw new Error(`buyer ${buyer} has no card: no digit completes it`);
  return `${body}${digit}`;
}
