import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { Problem } from '../problem.ts';
import { parseQuery, type Query } from '../query.ts';
import { listEntries, listTransactions, pointInTime, statementQuery } from './ledger.ts';

// A parameter is understood exactly, or refused by its name; what was sent is never repeated.

function problemOf(schema: z.ZodType, query: Query): Problem {
  try {
    parseQuery(schema, query);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('the query was accepted; it must be refused');
}
const faultOf = (schema: z.ZodType, query: Query): unknown[] => {
  const { status, code, errors } = problemOf(schema, query);
  return [status, code, errors[0]?.param];
};

describe('the parameters of a list', () => {
  it('are none: twenty of everything', () => {
    expect(parseQuery(listTransactions, {})).toEqual({ limit: 20 });
  });

  it('may all stand together', () => {
    const query = {
      payment: 'pay_01jz0000000000000000000000',
      event: 'captured',
      account: 'merchant_payable:pending',
      currency: 'EUR',
      at_after: '2031-05-14T10:00:00Z',
      at_before: '2031-05-14T12:00:00.5+01:00',
      starting_after: 'ltx_12',
      limit: '100',
    };
    expect(parseQuery(listTransactions, query)).toEqual({
      ...query,
      account: { code: 'merchant_payable:pending', currency: null },
      at_after: '2031-05-14T10:00:00.000000Z',
      at_before: '2031-05-14T11:00:00.500000Z',
      starting_after: 12n,
      limit: 100,
    });
  });

  it.each([
    ['merchant_payable.pending.EUR', { code: 'merchant_payable:pending', currency: 'EUR' }],
    ['refunds_in_flight.JPY', { code: 'refunds_in_flight', currency: 'JPY' }],
    ['acquirer_receivable.acquirer-1.KWD', { code: 'acquirer_receivable:acquirer-1', currency: 'KWD' }],
    ['refunds_in_flight', { code: 'refunds_in_flight', currency: null }],
  ])('take %s for an account', (account, understood) => {
    expect(parseQuery(listTransactions, { account }).account).toEqual(understood);
  });

  it.each([
    ['limit', '0'],
    ['limit', '101'],
    ['limit', '1e1'],
    ['limit', '-1'],
    ['limit', ''],
    ['limit', ['1', '2']],
    ['payment', 'pay_x'],
    ['payment', 'pay_\u0000'],
    ['event', 'captured '],
    ['account', 'merchant_payable.pending.XXY'],
    ['account', 'a:b:c'],
    ['account', '\u0000'],
    ['starting_after', '12'],
    ['starting_after', 'ltx_0'],
    ['starting_after', 'ltx_99999999999999999999'],
    ['ending_before', 'ent_1_1'],
    ['at_after', '2031-05-14'],
    ['at_after', '2031-05-14T10:00:00'],
    ['at_after', '2031-05-14T10:00:00 02:00'],
    ['at_after', '2031-02-30T10:00:00Z'],
    ['at_after', '1969-12-31T23:59:59Z'],
    ['at_after', '0000-01-01T00:00:00Z'],
    ['at_before', '2031-05-14T10:00:00.1234567Z'],
  ])('refuse %s = %j by that name', (name, value) => {
    expect(faultOf(listTransactions, { [name]: value })).toEqual([400, 'field_invalid', name]);
  });

  it('refuse a currency by a code of its own', () => {
    expect(faultOf(listTransactions, { currency: 'eur' })).toEqual([400, 'currency_invalid', 'currency']);
  });

  it('name one direction at most', () => {
    const both = { starting_after: 'ent_1_1', ending_before: 'ent_9_2' };
    expect(faultOf(listEntries, both)).toEqual([400, 'field_invalid', 'ending_before']);
  });

  it('that do not exist are refused, and named only when the name is a plain word', () => {
    expect(faultOf(pointInTime, { limit: '1' })).toEqual([400, 'field_unknown', 'limit']);
    const { message, errors } = problemOf(pointInTime, { '4242424242424242': '1' });
    expect(errors[0]?.param).toBe('');
    expect(message).not.toContain('4242');
  });

  it('are all told at once', () => {
    const { errors } = problemOf(listTransactions, { limit: '0', event: 'x', currency: 'x' });
    expect(errors.map(({ param }) => param).sort()).toEqual(['currency', 'event', 'limit']);
  });
});

describe('a point in time', () => {
  it('is exact to the microsecond', () => {
    expect(parseQuery(pointInTime, { at: '2031-05-14T10:00:00.123456Z' }).at).toBe(
      '2031-05-14T10:00:00.123456Z',
    );
  });
});

describe('a statement', () => {
  const from = '2031-05-01T00:00:00Z';

  it('needs to know from when, and is JSON unless it says so', () => {
    expect(faultOf(statementQuery, {})).toEqual([400, 'field_missing', 'from']);
    expect(parseQuery(statementQuery, { from }).format).toBe('json');
  });

  it.each([
    ['to', { from, to: '2031-04-30T23:59:59.999999Z' }],
    ['format', { from, format: 'pdf' }],
    ['from', { from: ['2031-05-01T00:00:00Z', '2031-05-02T00:00:00Z'] }],
  ])('is refused for its %s', (param, query) => {
    expect(faultOf(statementQuery, query)).toEqual([400, 'field_invalid', param]);
  });

  it('may be of no time at all: the balances of one moment', () => {
    expect(parseQuery(statementQuery, { from, to: from }).to).toBe('2031-05-01T00:00:00.000000Z');
  });
});
