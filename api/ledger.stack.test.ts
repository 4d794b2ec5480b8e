import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../temporal-dev/testing/wait-until.ts';
import { newId } from '../platform/new-id.ts';
import { csvObjects } from './testing/parse-csv.ts';
import { postTransaction, type TwoLegs } from './testing/post-transaction.ts';
import { startTestApi, type TestApi } from './testing/test-api.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

// A merchant reads its own books: every entry once, every balance as of any moment, nobody else's.

interface Entry {
  id: string;
  transaction: string;
  account_id: string;
  side: 'debit' | 'credit';
  amount: number | string;
  balance: number | string;
}
interface Transaction {
  id: string;
  event: string;
  at: string;
  entries: Entry[];
}
interface Page<T> {
  data: T[];
  has_more: boolean;
}
interface Balance {
  account_id: string;
  normal_side: 'debit' | 'credit';
  balance: number | string;
}

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi(stackRunFile());
});
afterAll(() => api.close());

const RECEIVABLE = 'acquirer_receivable:acquirer-1';
const PAYABLE = 'merchant_payable:pending';
const PAYABLE_ID = 'merchant_payable.pending.EUR';

const once = (path: string, key: string): Promise<Response> => api.get(path, key);
/** As a reader of books that are being written: comes again, when it is told to, where a writer is slow. */
async function again(path: string, key: string): Promise<Response> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const response = await api.get(path, key);
    if (response.status !== 503 || Date.now() > deadline) return response;
    await delay(Number(response.headers.get('retry-after')) * 1_000);
  }
}

async function read<T>(path: string, key: string, get = once): Promise<T> {
  const response = await get(path, key);
  const body = await response.text();
  expect([response.status, response.status === 200 ? '' : body]).toEqual([200, '']);
  return JSON.parse(body) as T;
}
const post = (transaction: Partial<TwoLegs> & { merchant: string }): Promise<string> =>
  postTransaction(api.database, {
    at: '2026-03-01T12:00:00Z',
    debit: RECEIVABLE,
    credit: PAYABLE,
    amount: 100,
    ...transaction,
  });

/** Every page from the newest to the oldest. */
async function walk<T extends { id: string }>(
  path: string,
  key: string,
  limit: number,
  get = once,
): Promise<T[]> {
  const all: T[] = [];
  for (;;) {
    const last = all.at(-1);
    const cursor = last === undefined ? '' : `&starting_after=${last.id}`;
    const page = await read<Page<T>>(`${path}limit=${limit}${cursor}`, key, get);
    all.push(...page.data);
    if (!page.has_more) return all;
    expect(page.data).toHaveLength(limit);
  }
}

describe('the list of transactions', () => {
  it('shows each with its entries, newest first, and one by its id', async () => {
    const { merchant, key } = await api.addMerchant();
    const first = await post({ merchant, amount: 100 });
    const second = await post({
      merchant,
      amount: 30,
      debit: PAYABLE,
      credit: RECEIVABLE,
      event: 'capture_failed',
    });
    const { data, has_more: more } = await read<Page<Transaction>>('/v1/ledger/transactions', key);
    expect([data.map(({ id }) => id), more]).toEqual([[second, first], false]);
    expect(data[0]).toEqual({
      id: second,
      object: 'ledger_transaction',
      event: 'capture_failed',
      at: '2026-03-01T12:00:00.000000Z',
      payment: 'pay_x',
      operation: null,
      attempt: null,
      entries: [
        {
          account_id: 'acquirer_receivable.acquirer-1.EUR',
          account: RECEIVABLE,
          side: 'credit',
          amount: 30,
          currency: 'EUR',
        },
        { account_id: PAYABLE_ID, account: PAYABLE, side: 'debit', amount: 30, currency: 'EUR' },
      ],
    });
    expect(await read(`/v1/ledger/transactions/${second}`, key)).toEqual(data[0]);
  });

  it('is narrowed by payment, event, account, currency and time, one by one and together', async () => {
    const { merchant, key } = await api.addMerchant();
    const payment = newId('pay');
    const a = await post({ merchant, payment, at: '2026-03-01T10:00:00Z' });
    const b = await post({
      merchant,
      event: 'refund_accepted',
      debit: PAYABLE,
      credit: 'refunds_in_flight',
      at: '2026-03-01T11:00:00.000001Z',
    });
    const c = await post({ merchant, currency: 'JPY', at: '2026-03-01T12:00:00Z' });
    const ids = async (query: string): Promise<string[]> =>
      (await read<Page<Transaction>>(`/v1/ledger/transactions?${query}`, key)).data.map(({ id }) => id);
    expect(await ids(`payment=${payment}`)).toEqual([a]);
    expect(await ids('event=refund_accepted')).toEqual([b]);
    expect(await ids(`account=${PAYABLE}`)).toEqual([c, b, a]);
    expect(await ids(`account=${PAYABLE_ID}`)).toEqual([b, a]);
    expect(await ids('account=refunds_in_flight')).toEqual([b]);
    expect(await ids('currency=JPY')).toEqual([c]);
    expect(await ids(`account=${PAYABLE_ID}&currency=JPY`)).toEqual([]);
    expect(await ids('at_after=2026-03-01T11:00:00Z')).toEqual([c, b]);
    expect(await ids('at_after=2026-03-01T11:00:00.000001Z')).toEqual([c]);
    expect(await ids('at_before=2026-03-01T12:00:00Z')).toEqual([b, a]);
    expect(await ids('event=captured&currency=EUR&at_before=2026-03-02T00:00:00%2B01:00')).toEqual([a]);
  });

  it('read page by page has everything exactly once while others write', async () => {
    const { merchant, key } = await api.addMerchant();
    const before: string[] = [];
    for (let count = 0; count < 60; count += 1) before.push(await post({ merchant }));
    let writing = true;
    const after: string[] = [];
    const writers = [1, 2, 3].map(async () => {
      while (writing) after.push(await post({ merchant }));
    });
    try {
      const seen = (await walk<Transaction>('/v1/ledger/transactions?', key, 7, again)).map(({ id }) => id);
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.slice(-60)).toEqual(before.toReversed());

      // And followed as it grows, from the newest that is known.
      const followed = [before.at(-1) ?? ''];
      for (;;) {
        const path = `/v1/ledger/transactions?limit=5&ending_before=${followed.at(-1) ?? ''}`;
        const page = await read<Page<Transaction>>(path, key, again);
        followed.push(...page.data.map(({ id }) => id).toReversed());
        if (followed.length > 200) writing = false;
        if (!writing) await Promise.all(writers);
        if (!writing && page.data.length === 0) break;
      }
      expect(new Set(followed).size).toBe(followed.length);
      expect(followed.slice(1).toSorted()).toEqual(after.toSorted());
    } finally {
      writing = false;
      await Promise.all(writers);
    }
  });

  it('does not show a transaction before one with a lower id that is still being written', async () => {
    const { merchant, key } = await api.addMerchant();
    const slow = await api.database.connect();
    try {
      await slow.query('begin');
      const lower = await postTransaction(slow, {
        merchant,
        at: '2026-03-01T12:00:00Z',
        debit: RECEIVABLE,
        credit: PAYABLE,
        amount: 1,
      });
      const higher = await post({ merchant, currency: 'JPY' });
      const reading = read<Page<Transaction>>('/v1/ledger/transactions', key, again);
      await waitUntil('the reader waits for the writer', 10_000, async () => {
        const { rowCount } = await api.database.query(
          `select from pg_stat_activity where datname = current_database() and state = 'active'
           and query like '%settled_transaction_id%' and pid <> pg_backend_pid()`,
        );
        return rowCount === 1;
      });
      await slow.query('commit');
      expect((await reading).data.map(({ id }) => id)).toEqual([higher, lower]);
    } finally {
      slow.release();
    }
  });

  it('asks to come again when a writer does not end, and shows nothing that could be missed', async () => {
    const { merchant, key } = await api.addMerchant();
    const stuck = await api.database.connect();
    try {
      await stuck.query('begin');
      await postTransaction(stuck, {
        merchant,
        at: '2026-03-01T12:00:00Z',
        debit: RECEIVABLE,
        credit: PAYABLE,
        amount: 1,
      });
      const response = await api.get('/v1/ledger/transactions', key);
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
      expect(await response.json()).toMatchObject({ code: 'service_unavailable' });
    } finally {
      await stuck.query('rollback');
      stuck.release();
    }
  });
});

describe('the entries of an account', () => {
  it('carry the balance right after each, on every page and in both directions', async () => {
    const { merchant, key } = await api.addMerchant();
    const expected: { amount: number; balance: number; side: string }[] = [];
    let balance = 0;
    for (let count = 1; count <= 23; count += 1) {
      const back = count % 4 === 0;
      await post(
        back ? { merchant, amount: count, debit: PAYABLE, credit: RECEIVABLE } : { merchant, amount: count },
      );
      balance += back ? -count : count;
      expected.push({ amount: count, balance, side: back ? 'debit' : 'credit' });
    }
    const path = `/v1/ledger/accounts/${PAYABLE_ID}/entries?`;
    const entries = await walk<Entry>(path, key, 5);
    expect(entries.toReversed()).toMatchObject(expected);

    const middle = entries[12]?.id ?? '';
    const newer = await read<Page<Entry>>(`${path}limit=5&ending_before=${middle}`, key);
    expect([newer.data, newer.has_more]).toEqual([entries.slice(7, 12), true]);
    const newest = await read<Page<Entry>>(`${path}limit=12&ending_before=${middle}`, key);
    expect([newest.data, newest.has_more]).toEqual([entries.slice(0, 12), false]);
    expect(entries[0]).toMatchObject({
      object: 'ledger_entry',
      account_id: PAYABLE_ID,
      account: PAYABLE,
      event: 'captured',
    });
  });

  it('keep a balance that was shown, while others write', async () => {
    const { merchant, key } = await api.addMerchant();
    for (let count = 0; count < 20; count += 1) await post({ merchant, amount: 7 });
    let writing = true;
    const writers = [1, 2].map(async () => {
      while (writing) await post({ merchant, amount: 7 });
    });
    try {
      for (let round = 0; round < 4; round += 1) {
        const entries = await walk<Entry>(`/v1/ledger/accounts/${PAYABLE_ID}/entries?`, key, 9, again);
        expect(entries.map(({ balance }) => balance)).toEqual(
          entries.map((_, index) => 7 * (entries.length - index)),
        );
      }
    } finally {
      writing = false;
      await Promise.all(writers);
    }
  });
});

describe('balances', () => {
  it('are those of any moment: of all transactions with at up to it, and no other', async () => {
    const { merchant, key } = await api.addMerchant();
    await post({ merchant, amount: 100, at: '2026-03-01T10:00:00Z' });
    await post({ merchant, amount: 30, debit: PAYABLE, credit: RECEIVABLE, at: '2026-03-01T11:00:00Z' });
    // Written late, and of a time before.
    await post({ merchant, amount: 5, at: '2026-03-01T10:30:00Z' });
    const payable = async (at: string): Promise<unknown> => {
      const { data } = await read<Page<Balance>>(`/v1/balances?at=${at}`, key);
      return data.find(({ account_id: id }) => id === PAYABLE_ID)?.balance;
    };
    expect(await payable('2026-03-01T09:59:59.999999Z')).toBe(0);
    expect(await payable('2026-03-01T10:00:00Z')).toBe(100);
    expect(await payable('2026-03-01T10:30:00Z')).toBe(105);
    expect(await payable('2026-03-01T12:00:00%2B01:00')).toBe(75);
    expect(await read('/v1/ledger/accounts', key)).toMatchObject({
      data: [
        {
          object: 'ledger_account',
          id: 'acquirer_receivable.acquirer-1.EUR',
          normal_side: 'debit',
          balance: 75,
          closed: null,
        },
        {
          object: 'ledger_account',
          id: PAYABLE_ID,
          account: PAYABLE,
          normal_side: 'credit',
          balance: 75,
          closed: null,
        },
      ],
    });
    expect(await read('/v1/ledger/trial-balance?at=2026-03-01T10:30:00Z', key)).toMatchObject({
      balanced: true,
      currencies: [{ currency: 'EUR', debits: 105, credits: 105 }],
      accounts: [
        { debits: 105, credits: 0, balance: 105 },
        { account_id: PAYABLE_ID, debits: 0, credits: 105, balance: 105 },
      ],
    });
    expect(await read('/v1/ledger/trial-balance', key)).toMatchObject({
      currencies: [{ currency: 'EUR', debits: 135, credits: 135 }],
      accounts: [
        { debits: 105, credits: 30, balance: 75 },
        { debits: 30, credits: 105, balance: 75 },
      ],
    });
  });

  it('are JSON numbers up to 2^53 - 1 and texts beyond, to 10^18 and either sign', async () => {
    const { merchant, key } = await api.addMerchant();
    const safe = BigInt(Number.MAX_SAFE_INTEGER);
    const payable = async (): Promise<unknown> => {
      const [entry] = (await read<Page<Entry>>(`/v1/ledger/accounts/${PAYABLE_ID}/entries`, key)).data;
      const { data } = await read<Page<Balance>>('/v1/balances', key);
      const balance = data.find(({ account_id: id }) => id === PAYABLE_ID)?.balance;
      expect(entry?.balance).toBe(balance);
      return balance;
    };
    await post({ merchant, amount: safe });
    expect(await payable()).toBe(Number.MAX_SAFE_INTEGER);
    await post({ merchant, amount: 1 });
    expect(await payable()).toBe('9007199254740992');
    await post({ merchant, amount: 10n ** 18n - safe - 1n });
    expect(await payable()).toBe('1000000000000000000');
    await post({ merchant, amount: 10n ** 18n, debit: PAYABLE, credit: RECEIVABLE });
    await post({ merchant, amount: 10n ** 18n, debit: PAYABLE, credit: RECEIVABLE });
    expect(await payable()).toBe('-1000000000000000000');
    expect(await read('/v1/ledger/trial-balance', key)).toMatchObject({
      balanced: true,
      currencies: [{ debits: '3000000000000000000', credits: '3000000000000000000' }],
    });
    const csv = await (
      await api.get('/v1/ledger/statement?from=2026-01-01T00:00:00Z&format=csv', key)
    ).text();
    expect(csvObjects(csv).at(-1)).toMatchObject({ account_id: PAYABLE_ID, balance: '-1000000000000000000' });
  });
});

describe('somebody else', () => {
  it('sees nothing, under no address, in neither mode', async () => {
    const { merchant, key } = await api.addMerchant('test');
    const transaction = await post({ merchant });
    const [entry] = (await read<Page<Entry>>(`/v1/ledger/accounts/${PAYABLE_ID}/entries`, key)).data;
    const other = await api.addMerchant('test');
    await post({ merchant: other.merchant, amount: 1 });
    const stranger = await api.addMerchant('test');
    for (const foreign of [stranger.key, await api.addKey(merchant, 'live')]) {
      for (const path of ['/v1/balances', '/v1/ledger/accounts', '/v1/ledger/transactions'])
        expect(await read(path, foreign)).toMatchObject({ data: [], has_more: false });
      expect(await read('/v1/ledger/trial-balance', foreign)).toMatchObject({ currencies: [], accounts: [] });
      expect(await read('/v1/ledger/statement?from=2026-01-01T00:00:00Z', foreign)).toMatchObject({
        opening_balances: [],
        entries: [],
        closing_balances: [],
      });
      const missing = await api.get(`/v1/ledger/transactions/${transaction}`, foreign);
      expect([missing.status, await missing.json()]).toMatchObject([
        404,
        { code: 'ledger_transaction_not_found' },
      ]);
      const account = await api.get(`/v1/ledger/accounts/${PAYABLE_ID}/entries`, foreign);
      expect([account.status, await account.json()]).toMatchObject([
        404,
        { code: 'ledger_account_not_found' },
      ]);
    }
    // Not even as a cursor in one's own books.
    for (const [path, cursor] of [
      ['/v1/ledger/transactions', transaction],
      [`/v1/ledger/accounts/${PAYABLE_ID}/entries`, entry?.id ?? ''],
    ] as const) {
      for (const name of ['starting_after', 'ending_before']) {
        const response = await api.get(`${path}?${name}=${cursor}`, other.key);
        expect([response.status, await response.json()]).toMatchObject([
          400,
          { code: 'field_invalid', param: name },
        ]);
      }
    }
  });

  it('is told the same of what is not there at all', async () => {
    const { key } = await api.addMerchant();
    for (const path of [
      'transactions/ltx_999999999999999999',
      'transactions/999',
      'transactions/%00',
      'accounts/nothing.EUR/entries',
      'accounts/merchant_payable:pending/entries',
      'accounts/%00/entries',
    ]) {
      expect((await api.get(`/v1/ledger/${path}`, key)).status).toBe(404);
    }
  });
});

describe('a wrong parameter', () => {
  it.each([
    ['/v1/balances?at=yesterday', 'field_invalid', 'at'],
    ['/v1/balances?until=2026-01-01T00:00:00Z', 'field_unknown', 'until'],
    ['/v1/ledger/accounts?at=', 'field_invalid', 'at'],
    ['/v1/ledger/trial-balance?at=2026-01-01T00:00:00+01:00', 'field_invalid', 'at'],
    ['/v1/ledger/transactions?limit=101', 'field_invalid', 'limit'],
    ['/v1/ledger/transactions?limit=1&limit=2', 'field_invalid', 'limit'],
    ['/v1/ledger/transactions?currency=ZZZ', 'currency_invalid', 'currency'],
    ['/v1/ledger/transactions?payment=%00', 'field_invalid', 'payment'],
    ['/v1/ledger/transactions?starting_after=ltx_1&ending_before=ltx_2', 'field_invalid', 'ending_before'],
    ['/v1/ledger/transactions/ltx_1?expand=payment', 'field_unknown', 'expand'],
    [`/v1/ledger/accounts/${PAYABLE_ID}/entries?starting_after=ltx_1`, 'field_invalid', 'starting_after'],
    ['/v1/ledger/statement', 'field_missing', 'from'],
    ['/v1/ledger/statement?from=2999-01-01T00:00:00Z', 'field_invalid', 'from'],
    ['/v1/ledger/statement?from=2026-01-01T00:00:00Z&format=xml', 'field_invalid', 'format'],
  ])('%s is 400 and named', async (path, code, param) => {
    const { key } = await api.addMerchant();
    const response = await api.get(path, key);
    expect([response.status, await response.json()]).toMatchObject([400, { code, param }]);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });
});
