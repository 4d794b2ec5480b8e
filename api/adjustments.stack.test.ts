import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../platform/new-id.ts';
import { csvObjects } from './testing/parse-csv.ts';
import { postTransaction } from './testing/post-transaction.ts';
import { startTestApi, type TestApi } from './testing/test-api.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

// A merchant reads what operators adjusted like everything else in its books, with no payment beside it.

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi(stackRunFile());
});
afterAll(() => api.close());

async function read(path: string, key: string): Promise<Record<string, unknown>> {
  const response = await api.get(path, key);
  const text = await response.text();
  expect([response.status, text]).toEqual([200, text]);
  return JSON.parse(text) as Record<string, unknown>;
}

/** 12.50 EUR that were taken twice, without a payment. */
async function adjusted(): Promise<{ readonly key: string; readonly id: string }> {
  const { merchant, key } = await api.addMerchant();
  const id = newId('adj');
  await postTransaction(api.database, {
    merchant,
    at: '2026-03-01T12:00:00Z',
    debit: 'acquirer_receivable:acquirer-1',
    credit: 'merchant_payable:pending',
    amount: 5_000,
  });
  const asked = {
    id,
    merchant_id: merchant,
    mode: 'test',
    debit_code: 'merchant_payable:pending',
    credit_code: 'unallocated_receipts',
    amount: 1_250,
    currency: 'EUR',
    reason: 'taken twice',
    evidence: 'line 17',
  };
  await api.database.query('select request_adjustment($1, $2)', [JSON.stringify(asked), 'anna']);
  await api.database.query("select decide_adjustment($1, 'approve', 'ben', null)", [id]);
  return { key, id };
}

describe('an adjustment', () => {
  it('is in the list of transactions, found by its event, and one of its accounts’ entries', async () => {
    const { key, id } = await adjusted();
    const { data } = await read('/v1/ledger/transactions?event=adjusted', key);
    expect(data).toEqual([
      expect.objectContaining({
        object: 'ledger_transaction',
        event: 'adjusted',
        payment: null,
        operation: id,
        attempt: null,
        entries: [
          expect.objectContaining({ account: 'merchant_payable:pending', side: 'debit', amount: 1_250 }),
          expect.objectContaining({ account: 'unallocated_receipts', side: 'credit', amount: 1_250 }),
        ],
      }),
    ]);
    const entries = await read('/v1/ledger/accounts/merchant_payable.pending.EUR/entries', key);
    expect(entries['data']).toEqual([
      expect.objectContaining({ event: 'adjusted', payment: null, operation: id, balance: 3_750 }),
      expect.objectContaining({ event: 'captured', balance: 5_000 }),
    ]);
  });

  it('is in a statement, as JSON and as CSV', async () => {
    const { key, id } = await adjusted();
    const query = '/v1/ledger/statement?from=2026-01-01T00:00:00Z&account=unallocated_receipts';
    const { entries } = await read(query, key);
    expect(entries).toEqual([
      expect.objectContaining({ event: 'adjusted', payment: null, operation: id, order_reference: null }),
    ]);
    const csv = csvObjects(await (await api.get(`${query}&format=csv`, key)).text());
    expect(csv.find(({ record }) => record === 'entry')).toMatchObject({ payment: '', operation: id });
  });
});
