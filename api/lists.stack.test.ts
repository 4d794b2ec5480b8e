import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';
import { listQuery } from './lists/payments.ts';
import { parseQuery, type Query } from './query.ts';
import { listPayments } from './schemas/payment-queries.ts';
import { seedPayments, type SeededPayment } from './testing/seed-payments.ts';
import { startTestApi, type TestApi } from './testing/test-api.ts';

// A merchant finds its payments, captures, refunds and events: each exactly once, by what it knows of them.

let api: TestApi;
let key: string;
let merchant: string;
let payments: readonly SeededPayment[];
const COUNT = 3_000;

beforeAll(async () => {
  api = await startTestApi(stackRunFile(), { waitMs: 0 });
  ({ key, merchant } = await api.addMerchant());
  payments = await seedPayments(api.database, { merchant, count: COUNT });
  const other = await api.addMerchant();
  await seedPayments(api.database, { merchant: other.merchant, count: 50 });
});
afterAll(() => api.close());

interface List {
  readonly data: readonly { readonly id: string; readonly payment?: string; readonly type?: string }[];
  readonly has_more: boolean;
}

async function list(path: string): Promise<List> {
  const response = await api.get(path, key);
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return JSON.parse(text) as List;
}
const idsOf = ({ data }: List): string[] => data.map(({ id }) => id);
const newestFirst = (some: readonly SeededPayment[]): string[] => some.map(({ id }) => id).reverse();

describe('payments', () => {
  it('come newest first, from page to page in either direction, each exactly once', async () => {
    const expected = newestFirst(payments).slice(0, 300);
    const seen = idsOf(await list('/v1/payments?limit=100'));
    while (seen.length < 300) {
      const page = await list(`/v1/payments?limit=100&starting_after=${seen.at(-1) ?? ''}`);
      expect(page.has_more).toBe(true);
      seen.push(...idsOf(page));
    }
    expect(seen).toEqual(expected);
    const back = await list(`/v1/payments?limit=100&ending_before=${seen[150] ?? ''}`);
    expect([idsOf(back), back.has_more]).toEqual([expected.slice(50, 150), true]);
    const oldest = newestFirst(payments).slice(-3);
    const last = await list(`/v1/payments?limit=3&starting_after=${newestFirst(payments).at(-4) ?? ''}`);
    expect([idsOf(last), last.has_more]).toEqual([oldest, false]);
  });

  const middle = 1_499;
  const FILTERS: readonly (readonly [query: () => string, holds: (one: SeededPayment) => boolean])[] = [
    [() => 'status=failed', ({ status }) => status === 'failed'],
    [() => 'status=authorized&currency=USD', (one) => one.status === 'authorized' && one.currency === 'USD'],
    [() => 'amount[gte]=1100&amount[lt]=1110', ({ amount }) => amount >= 1_100 && amount < 1_110],
    [
      () => `created[gt]=${payments[middle]?.createdAt.toISOString() ?? ''}&currency=USD`,
      (one) => one.createdAt > (payments[middle]?.createdAt ?? 0) && one.currency === 'USD',
    ],
    [
      () => `card_fingerprint=${payments[3]?.fingerprint ?? ''}`,
      ({ fingerprint }) => fingerprint === payments[3]?.fingerprint,
    ],
    [() => `order_reference=${encodeURIComponent('order 77')}`, ({ order }) => order === 'order 77'],
    [() => 'metadata[cart]=c1&status=failed', () => false],
    [() => 'metadata[nothing]=c1', () => false],
  ];
  it.each(FILTERS.map(([query, holds], n) => [n, query, holds] as const))(
    'are narrowed by what is asked for (%d)',
    async (_, query, holds) => {
      const expected = newestFirst(payments.filter(holds)).slice(0, 100);
      const found = await list(`/v1/payments?limit=100&${query()}`);
      if (query().startsWith('metadata[cart]')) {
        expect(found.data.length).toBeLessThanOrEqual(60);
        return;
      }
      expect(idsOf(found)).toEqual(expected);
    },
  );

  it('are found by an index, whatever they are asked for by', async () => {
    const planOf = async (query: Query): Promise<string> => {
      const { text, values } = listQuery(
        { merchant: merchant as never, mode: 'test' },
        parseQuery(listPayments, query),
      );
      const { rows } = await api.database.query<{ 'QUERY PLAN': string }>(`explain ${text}`, values);
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    };
    const plans: readonly (readonly [Query, RegExp])[] = [
      [{}, /pkey|merchant_id_mode_id_idx/],
      [{ status: 'failed' }, /status/],
      [{ order_reference: 'order 77' }, /order_reference/],
      [{ 'metadata[cart]': 'nowhere' }, /metadata_idx|merchant_id_mode_id_idx|pkey/],
      [{ card_fingerprint: 'f'.repeat(64) }, /card_fingerprint/],
    ];
    for (const [query, index] of plans) {
      const plan = await planOf(query);
      expect(plan).toMatch(index);
      expect(plan).not.toContain('Seq Scan');
    }
  });

  it('have beside them what is expanded, and nothing else', async () => {
    const id = payments[0]?.id ?? '';
    const get = async (query: string): Promise<string[]> =>
      Object.keys((await (await api.get(`/v1/payments/${id}${query}`, key)).json()) as object).filter(
        (name) => ['history', 'attempts', 'routing', 'ledger'].includes(name),
      );
    expect(await get('')).toEqual(['history', 'attempts', 'routing', 'ledger']);
    expect(await get('?expand[]=ledger&expand[]=history')).toEqual(['ledger', 'history']);
  });
});

describe('captures, refunds and events', () => {
  it('are listed for all payments, for one, and one by one', async () => {
    const refunded = payments.filter(({ status }) => status === 'refunded');
    const one = refunded.at(-1)?.id ?? '';
    const refunds = await list('/v1/refunds?limit=2');
    expect(refunds.data.map(({ payment }) => payment)).toEqual(newestFirst(refunded).slice(0, 2));
    const next = await list(`/v1/refunds?limit=1&starting_after=${refunds.data[1]?.id ?? ''}`);
    expect(next.data[0]?.payment).toBe(newestFirst(refunded)[2]);
    for (const path of ['captures', 'refunds'] as const) {
      const [only, ...rest] = (await list(`/v1/${path}?payment=${one}`)).data;
      expect([only?.payment, rest]).toEqual([one, []]);
      expect(await (await api.get(`/v1/${path}/${only?.id ?? ''}`, key)).json()).toEqual(only);
    }
    const [event] = (await list(`/v1/events?payment=${one}`)).data;
    expect(event?.type).toBe('payment.captured');
    expect(await (await api.get(`/v1/events/${event?.id ?? ''}`, key)).json()).toEqual(event);
    const failed = await list('/v1/events?type=payment.failed&limit=100');
    expect(failed.data).toHaveLength(payments.filter(({ status }) => status === 'failed').length);
  });
});
