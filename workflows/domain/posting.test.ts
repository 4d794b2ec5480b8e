import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OPERATION_LIMIT } from './money.ts';
import { ACCOUNT_SIDES, LEDGER_EVENTS, postingsOf } from './posting.ts';

const amounts = fc.bigInt({ min: 1n, max: OPERATION_LIMIT });

describe('every event of a payment balances', () => {
  it('nets to zero for every event and amount', () => {
    fc.assert(
      fc.property(fc.constantFrom(...LEDGER_EVENTS), amounts, (event, amount) => {
        const legs = postingsOf(event, amount, 'EUR', 'acquirer-1');
        expect(legs.reduce((sum, leg) => sum + leg.amount, 0n)).toBe(0n);
        expect(legs.every((leg) => leg.amount === amount || leg.amount === -amount)).toBe(true);
      }),
    );
  });

  it('touches no account twice, so that each leg is one line', () => {
    for (const event of LEDGER_EVENTS) {
      const codes = postingsOf(event, 1n, 'EUR', 'acquirer-1').map(({ code }) => code);
      expect(new Set(codes).size, event).toBe(codes.length);
    }
  });

  it('knows the normal side of every account it posts to', () => {
    for (const event of LEDGER_EVENTS) {
      for (const leg of postingsOf(event, 1n, 'EUR', 'acquirer-1')) {
        const kind = leg.code.replace(/:acquirer-1$/, '') as keyof typeof ACCOUNT_SIDES;
        expect(leg.normalSide).toBe(ACCOUNT_SIDES[kind]);
      }
    }
  });

  it.each([
    ['captured', 'acquirer_receivable:acquirer-1', 'merchant_payable:pending'],
    ['sold', 'acquirer_receivable:acquirer-1', 'merchant_payable:pending'],
    ['refund_accepted', 'merchant_payable:pending', 'refunds_in_flight'],
    ['refund_succeeded', 'refunds_in_flight', 'acquirer_receivable:acquirer-1'],
    ['refund_refused', 'refunds_in_flight', 'merchant_payable:pending'],
    ['authorized', 'auth_hold:acquirer', 'auth_hold:merchant'],
    ['released', 'auth_hold:merchant', 'auth_hold:acquirer'],
  ] as const)('%s debits %s and credits %s', (event, debit, credit) => {
    const legs = postingsOf(event, 250n, 'EUR', 'acquirer-1');
    expect(legs.find(({ code }) => code === debit)?.amount).toBe(250n);
    expect(legs.find(({ code }) => code === credit)?.amount).toBe(-250n);
  });

  it('refuses an event that moves nothing', () => {
    expect(() => postingsOf('captured', 0n, 'EUR', 'acquirer-1')).toThrow(/not positive/);
  });
});
