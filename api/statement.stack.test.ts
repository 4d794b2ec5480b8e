import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../platform/new-id.ts';
import { waitUntil } from '../temporal-dev/testing/wait-until.ts';
import { askOnly } from './testing/ask-only.ts';
import { csvObjects } from './testing/parse-csv.ts';
import { seedLedger } from './testing/seed-ledger.ts';
import { postTransaction } from './testing/post-transaction.ts';
import { startTestApi, type TestApi } from './testing/test-api.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

// A statement is the books of a period: what was, what happened, what is; to the last byte or not at all.

interface BalanceLine {
  account_id: string;
  normal_side: 'debit' | 'credit';
  balance: number;
}
interface EntryLine {
  id: string;
  at: string;
  account_id: string;
  side: 'debit' | 'credit';
  amount: number;
  balance: number;
}
interface StatementDocument {
  from: string;
  to: string;
  opening_balances: BalanceLine[];
  entries: EntryLine[];
  closing_balances: BalanceLine[];
}

let api: TestApi;
let merchant: string;
let key: string;
beforeAll(async () => {
  api = await startTestApi(stackRunFile());
  ({ merchant, key } = await api.addMerchant());
  for (let hour = 1; hour <= 40; hour += 1) {
    const back = hour % 5 === 0;
    await postTransaction(api.database, {
      merchant,
      amount: hour,
      currency: hour % 3 === 0 ? 'JPY' : 'EUR',
      // Every fourth is written after what it preceded.
      at: new Date(Date.UTC(2026, 2, 1, hour % 4 === 0 ? hour - 2 : hour)).toISOString(),
      debit: back ? 'merchant_payable:pending' : 'acquirer_receivable:acquirer-1',
      credit: back ? 'acquirer_receivable:acquirer-1' : 'merchant_payable:pending',
    });
  }
});
afterAll(() => api.close());

async function statement(query: string): Promise<StatementDocument> {
  const response = await api.get(`/v1/ledger/statement?${query}`, key);
  expect(response.status).toBe(200);
  return (await response.json()) as StatementDocument;
}
async function balancesAt(at: string): Promise<Record<string, number>> {
  const { data } = (await (await api.get(`/v1/balances?at=${at}`, key)).json()) as { data: BalanceLine[] };
  return balancesOf(data);
}
const balancesOf = (lines: readonly BalanceLine[]): Record<string, number> =>
  Object.fromEntries(lines.map(({ account_id: id, balance }) => [id, balance]));

/** What the lines make of the opening balances; each line's own balance is checked on the way. */
function addUp({ opening_balances: opening, entries }: StatementDocument): Record<string, number> {
  const balances = balancesOf(opening);
  const sides = Object.fromEntries(opening.map(({ account_id: id, normal_side: side }) => [id, side]));
  for (const { account_id: id, side, amount, balance } of entries) {
    balances[id] = (balances[id] ?? NaN) + (side === sides[id] ? amount : -amount);
    expect(balance).toBe(balances[id]);
  }
  return balances;
}

describe('a statement', () => {
  it.each([
    ['2026-03-01T00:00:00Z', '2026-03-02T00:00:00Z'],
    ['2026-03-01T10:00:00Z', '2026-03-01T10:00:00Z'],
    ['2026-03-01T10:00:00Z', '2026-03-01T23:00:00Z'],
    ['2026-03-02T00:00:00Z', '2026-03-09T00:00:00Z'],
  ])(
    'from %s to %s closes at what it opened with and its lines, which is the balance of that moment',
    async (from, to) => {
      const document = await statement(`from=${from}&to=${to}`);
      expect(balancesOf(document.opening_balances)).toEqual(await balancesAt(from));
      expect(balancesOf(document.closing_balances)).toEqual(await balancesAt(to));
      expect(addUp(document)).toEqual(balancesOf(document.closing_balances));
      const times = document.entries.map(({ at }) => at);
      expect(times).toEqual(times.toSorted());
      expect(document).toMatchObject({
        object: 'ledger_statement',
        mode: 'test',
        from: from.replace('Z', '.000000Z'),
      });
    },
  );

  it('of two periods that meet has every entry once', async () => {
    const whole = await statement('from=2026-01-01T00:00:00Z');
    const meet = '2026-03-01T17:00:00Z';
    const first = await statement(`from=2026-01-01T00:00:00Z&to=${meet}`);
    const second = await statement(`from=${meet}`);
    expect(whole.entries).toHaveLength(80);
    expect([...first.entries, ...second.entries]).toEqual(whole.entries);
    expect(second.opening_balances).toEqual(first.closing_balances);
  });

  it('goes up to now at most, and says so', async () => {
    const now = Date.UTC(2026, 2, 1, 12);
    api.setNow(now);
    try {
      const document = await statement('from=2026-03-01T00:00:00Z&to=2030-01-01T00:00:00Z');
      expect(document.to).toBe('2026-03-01T12:00:00.000000Z');
      expect(addUp(document)).toEqual(await balancesAt('2026-03-01T12:00:00Z'));
    } finally {
      api.setNow(null);
    }
  });

  it('may be of one account, in one currency or in all', async () => {
    const accounts = async (account: string): Promise<string[]> => {
      const { opening_balances: opening, entries } = await statement(
        `from=2026-01-01T00:00:00Z&account=${account}`,
      );
      expect([...new Set(entries.map(({ account_id: id }) => id))].sort()).toEqual(
        opening.map(({ account_id: id }) => id),
      );
      return opening.map(({ account_id: id }) => id);
    };
    expect(await accounts('merchant_payable.pending.JPY')).toEqual(['merchant_payable.pending.JPY']);
    expect(await accounts('merchant_payable:pending')).toEqual([
      'merchant_payable.pending.EUR',
      'merchant_payable.pending.JPY',
    ]);
    expect(await accounts('expense')).toEqual([]);
  });

  it('says the same as CSV and as JSON', async () => {
    const query = 'from=2026-03-01T05:00:00Z&to=2026-03-02T05:00:00Z';
    const document = await statement(query);
    const response = await api.get(`/v1/ledger/statement?${query}&format=csv`, key);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="statement.csv"');
    const records = csvObjects(await response.text());
    const balances = (kind: string): unknown[] =>
      records
        .filter(({ record }) => record === kind)
        .map(({ account_id: id, at, balance }) => [id, at, Number(balance)]);
    expect(balances('opening_balance')).toEqual(
      document.opening_balances.map(({ account_id: id, balance }) => [id, document.from, balance]),
    );
    expect(balances('closing_balance')).toEqual(
      document.closing_balances.map(({ account_id: id, balance }) => [id, document.to, balance]),
    );
    expect(records.filter(({ record }) => record === 'entry')).toMatchObject(
      document.entries.map(({ id, at, account_id, side, amount, balance }) => ({
        entry: id,
        at,
        account_id,
        side,
        amount: String(amount),
        balance: String(balance),
      })),
    );
  });

  it('carries the merchant’s own texts whole, and none of them as a formula', async () => {
    const shop = await api.addMerchant();
    const texts = [
      ['order "1", the first', 'line one\nline, two\r\nline "three"'],
      ['=HYPERLINK("http://x","y")', '+1'],
      ['@SUM(A1:A9)', '-2+3'],
      ["'quoted'", '\t=1'],
      ['Grüße, 数字 🧾', ' padded '],
    ] as const;
    for (const [order, description] of texts) {
      const payment = newId('pay');
      await api.database.query(
        `insert into payments (merchant_id, id, mode, amount, currency, capture_method, staging_id, authorize_by, order_reference, description)
         values ($1, $2, 'test', 1, 'EUR', 'manual', 'stg_1', now(), $3, $4)`,
        [shop.merchant, payment, order, description],
      );
      await postTransaction(api.database, {
        merchant: shop.merchant,
        payment,
        at: '2026-03-01T12:00:00Z',
        amount: 1,
        debit: 'auth_hold:acquirer',
        credit: 'auth_hold:merchant',
      });
    }
    const path = '/v1/ledger/statement?from=2026-01-01T00:00:00Z&account=auth_hold.merchant.EUR&format=';
    const csv = await (await api.get(`${path}csv`, shop.key)).text();
    const cells = csvObjects(csv).filter(({ record }) => record === 'entry');
    for (const cell of cells.flatMap((record) => [
      record['order_reference'] ?? '',
      record['description'] ?? '',
    ]))
      expect(cell).not.toMatch(/^\s*[=+\-@]/);
    expect(
      cells.map((record) => [
        record['order_reference']?.replace(/^'/, ''),
        record['description']?.replace(/^'/, ''),
      ]),
    ).toEqual(texts);
    const { entries } = (await (await api.get(`${path}json`, shop.key)).json()) as {
      entries: { order_reference: string; description: string }[];
    };
    expect(entries.map(({ order_reference: order, description }) => [order, description])).toEqual(texts);
  });

  it('is one moment: what is written while it is read is not in it', async () => {
    const shop = await api.addMerchant();
    const write = (): Promise<string> =>
      postTransaction(api.database, {
        merchant: shop.merchant,
        at: '2026-03-01T12:00:00Z',
        amount: 1,
        debit: 'auth_hold:acquirer',
        credit: 'auth_hold:merchant',
      });
    await write();
    let writing = true;
    const writers = [1, 2].map(async () => {
      while (writing) await write();
    });
    try {
      for (let round = 0; round < 20; round += 1) {
        const document = (await (
          await api.get('/v1/ledger/statement?from=2026-01-01T00:00:00Z&to=2026-04-01T00:00:00Z', shop.key)
        ).json()) as StatementDocument;
        expect(addUp(document)).toEqual(balancesOf(document.closing_balances));
      }
    } finally {
      writing = false;
      await Promise.all(writers);
    }
  });

  it('that does not add up is not finished', async () => {
    const shop = await api.addMerchant();
    await postTransaction(api.database, {
      merchant: shop.merchant,
      at: '2026-03-01T12:00:00Z',
      amount: 5,
      debit: 'auth_hold:acquirer',
      credit: 'auth_hold:merchant',
    });
    const client = await api.database.connect();
    try {
      // As if by a hand that steps around every guard: a leg of a transaction whose account was forgotten.
      await client.query(`set session_replication_role = replica`);
      await client.query(
        `delete from ledger_accounts where merchant_id = $1 and code = 'auth_hold:merchant'`,
        [shop.merchant],
      );
    } finally {
      client.release(true);
    }
    const response = await api.get('/v1/ledger/statement?from=2026-01-01T00:00:00Z', shop.key);
    await expect(response.text()).rejects.toThrow();
    // The reply is cut off first, then it is said why.
    await waitUntil('it is said why', 10_000, () =>
      api.log.some((line) => line.includes('is posted to and not open')),
    );
  });
});

describe('the readers of statements', () => {
  const openTransactions = async (): Promise<number> => {
    const { rowCount } = await api.database.query(
      `select from pg_stat_activity where datname = current_database() and state = 'idle in transaction'`,
    );
    return rowCount ?? 0;
  };

  it('are two at most for a merchant; one that leaves gives its place and its connection back', async () => {
    const shop = await api.addMerchant();
    await seedLedger(api.database, shop.merchant, 40_000);
    const path = '/v1/ledger/statement?from=2026-01-01T00:00:00Z';
    const url = `${api.url}${path}`;
    const first = await askOnly(url, shop.key);
    const second = await askOnly(url, shop.key);
    const third = await api.get(path, shop.key);
    expect([third.status, third.headers.get('retry-after')]).toEqual([429, '10']);
    expect(await third.json()).toMatchObject({ code: 'too_many_statements' });
    await waitUntil('two wait for their readers', 10_000, async () => (await openTransactions()) === 2);
    first.destroy();
    second.destroy();
    await waitUntil('their transactions are over', 10_000, async () => (await openTransactions()) === 0);
    const head = await askOnly(url, shop.key, 'HEAD');
    expect([head.statusCode, head.headers['content-type']]).toEqual([200, 'application/json']);
    await waitUntil('its transaction is over', 10_000, async () => (await openTransactions()) === 0);
    expect(api.log.filter((line) => line.includes('request_failed'))).toHaveLength(1);
  });
});
