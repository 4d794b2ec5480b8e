import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OPERATION_LIMIT } from './money.ts';
import {
  ACCOUNT_SIDES,
  LEDGER_EVENTS,
  postingsOf,
  type LedgerEvent,
  type MovedPart,
  type Part,
} from './posting.ts';

const amounts = fc.bigInt({ min: 1n, max: OPERATION_LIMIT });

/** The amounts of the events that have more than one, or another than `amount`; those with a ± may be negative. */
const PARTS: Partial<Record<LedgerEvent, readonly Part[]>> = {
  refund_accepted: ['amount', 'available'],
  refund_refused: ['amount', 'available'],
  refund_failed: ['amount', 'available'],
  converted: ['presented', 'settled'],
  costs_accrued: ['acquirer', 'scheme', 'interchange'],
  costs_recharged: ['acquirer', 'scheme', 'interchange', 'rounding'],
  platform_fee_refunded: ['pending', 'available'],
  platform_fee_restored: ['pending', 'available'],
  reserve_released: ['pending', 'available'],
  refund_converted: ['presented', 'pending', 'available', 'gain'],
  refund_unconverted: ['presented', 'pending', 'available', 'gain'],
  costs_reversed: ['acquirer', 'scheme', 'interchange'],
  costs_recharge_reversed: ['acquirer', 'scheme', 'interchange', 'rounding'],
  conversion_reversed: ['presented', 'settled'],
};
const SIGNED: ReadonlySet<Part> = new Set(['rounding', 'gain']);

/** Every amount of an event, each another one, so that none undoes another. */
function everyPart(event: LedgerEvent): MovedPart[] {
  return (PARTS[event] ?? ['amount']).map((part, index) => ({
    part,
    amount: 3n ** BigInt(index),
    currency: 'EUR',
  }));
}

/** Any amounts of the event's parts, several of one part as well, in two currencies. */
function anyParts(event: LedgerEvent): fc.Arbitrary<MovedPart[]> {
  const parts = (PARTS[event] ?? ['amount']).map((part) =>
    fc.record({
      part: fc.constant(part),
      amount: SIGNED.has(part) ? fc.bigInt({ min: -OPERATION_LIMIT, max: OPERATION_LIMIT }) : amounts,
      currency: fc.constantFrom('EUR', 'USD'),
    }),
  );
  return fc.array(fc.oneof(...parts), { minLength: 1, maxLength: 6 });
}

describe('every event of a payment balances', () => {
  it('nets to zero in each currency for every event and amounts, with one leg on an account', () => {
    const moved = fc
      .constantFrom(...LEDGER_EVENTS)
      .chain((event) => fc.record({ event: fc.constant(event), parts: anyParts(event) }));
    fc.assert(
      fc.property(moved, ({ event, parts }) => {
        // Amounts that undo each other are nothing to post.
        fc.pre(parts.some(({ part, amount }) => !SIGNED.has(part) && amount !== 0n));
        const legs = postingsOf(event, parts, 'EUR', 'acquirer-1');
        for (const currency of ['EUR', 'USD']) {
          const own = legs.filter((leg) => leg.currency === currency);
          expect(own.reduce((sum, leg) => sum + leg.amount, 0n)).toBe(0n);
          expect(new Set(own.map(({ code }) => code)).size).toBe(own.length);
        }
        expect(legs.some(({ amount }) => amount === 0n)).toBe(false);
        expect(legs.length).toBeGreaterThan(1);
      }),
      { numRuns: 1_000 },
    );
  });

  it('posts the whole of an event that has one amount on both sides', () => {
    const single = LEDGER_EVENTS.filter((event) => (PARTS[event] ?? ['amount']).includes('amount'));
    fc.assert(
      fc.property(fc.constantFrom(...single), amounts, (event, amount) => {
        const legs = postingsOf(event, amount, 'EUR', 'acquirer-1');
        expect(legs.every((leg) => leg.amount === amount || leg.amount === -amount)).toBe(true);
      }),
    );
  });

  it('knows the normal side of every account it posts to', () => {
    for (const event of LEDGER_EVENTS) {
      for (const leg of postingsOf(event, everyPart(event), 'EUR', 'acquirer-1')) {
        const kind = leg.code.replace(/:acquirer-1$/, '') as keyof typeof ACCOUNT_SIDES;
        expect(leg.normalSide).toBe(ACCOUNT_SIDES[kind]);
      }
    }
  });

  it('refuses an amount below zero, but for those that can go either way', () => {
    for (const event of LEDGER_EVENTS) {
      for (const part of PARTS[event] ?? ['amount']) {
        const moved = [{ part, amount: -5n, currency: 'EUR' }];
        if (SIGNED.has(part) || event === 'funds_available' || event === 'funds_recalled')
          expect(postingsOf(event, moved, 'EUR', 'acquirer-1')).toHaveLength(2);
        else expect(() => postingsOf(event, moved, 'EUR', 'acquirer-1'), event).toThrow(/not positive/);
      }
    }
  });

  it('refuses an amount that the event does not have', () => {
    const moved = [{ part: 'settled' as const, amount: 5n, currency: 'EUR' }];
    expect(() => postingsOf('captured', moved, 'EUR', 'acquirer-1')).toThrow('captured has no settled');
  });

  it.each([
    ['captured', 'acquirer_receivable:acquirer-1', 'merchant_payable:pending'],
    ['sold', 'acquirer_receivable:acquirer-1', 'merchant_payable:pending'],
    ['refund_accepted', 'merchant_payable:pending', 'refunds_in_flight'],
    ['refund_succeeded', 'refunds_in_flight', 'acquirer_receivable:acquirer-1'],
    ['refund_refused', 'refunds_in_flight', 'merchant_payable:pending'],
    ['authorized', 'auth_hold:acquirer', 'auth_hold:merchant'],
    ['released', 'auth_hold:merchant', 'auth_hold:acquirer'],
    ['platform_fee', 'merchant_payable:pending', 'fee_revenue'],
    ['reserve_held', 'merchant_payable:pending', 'merchant_reserve'],
    ['funds_available', 'merchant_payable:pending', 'merchant_payable:available'],
  ] as const)('%s debits %s and credits %s', (event, debit, credit) => {
    const legs = postingsOf(event, 250n, 'EUR', 'acquirer-1');
    expect(legs.find(({ code }) => code === debit)?.amount).toBe(250n);
    expect(legs.find(({ code }) => code === credit)?.amount).toBe(-250n);
  });

  it('has every event and its rows in docs/money.md', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/money.md'), 'utf8');
    const told = [...page.matchAll(/^\| `(\w+)` \| `([\w:]+)` \| `([\w:]+)` \|/gm)].flatMap(
      ([, event, debit, credit]) => [`${event}: debit ${debit}`, `${event}: credit ${credit}`],
    );
    const posted = LEDGER_EVENTS.flatMap((event) =>
      everyPart(event).flatMap((moved) =>
        postingsOf(event, [moved], 'EUR', 'acquirer-1').map(
          ({ code, amount }) =>
            `${event}: ${amount > 0n ? 'debit' : 'credit'} ${code.replace(/:acquirer-1$/, '')}`,
        ),
      ),
    );
    expect([...new Set(told)].sort()).toEqual([...new Set(posted)].sort());
  });

  it('refuses an event that moves nothing', () => {
    expect(() => postingsOf('captured', 0n, 'EUR', 'acquirer-1')).toThrow(/not positive/);
    expect(() => postingsOf('converted', [], 'EUR', 'acquirer-1')).toThrow('converted moves nothing');
  });
});
