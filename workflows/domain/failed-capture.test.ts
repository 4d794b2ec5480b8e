import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { settleCapture } from './capture-funds.ts';
import { concluded, newOperation, type Posting } from './change.ts';
import { fundsDueAt, makeFundsAvailable, releaseReserve } from './due-funds.ts';
import { unsettleCapture } from './failed-capture.ts';
import type { FeeSchedule } from './fees.ts';
import type { OperationId } from './ids.ts';
import type { Operation } from './payment.ts';
import { postingsOf } from './posting.ts';
import { lotOf } from './lots.ts';
import type { TermsInForce } from './settlement.ts';
import { createdState } from './testing/payments.ts';

const ID = 'cap_test' as OperationId;
const DAY = 86_400_000;

const schedule = (kind: FeeSchedule['kind'], ppm: number, abroad: boolean): FeeSchedule => ({
  id: `fee_${kind}`,
  kind,
  currency: abroad && kind === 'platform' ? 'USD' : 'EUR',
  tiers: [{ upTo: null, fixed: 7n, ppm: BigInt(ppm) }],
  min: null,
  max: null,
  recharge: kind !== 'platform',
  onRefund: 'return',
});

const termsArbitrary: fc.Arbitrary<TermsInForce> = fc
  .record({
    ppm: fc.tuple(fc.nat(40_000), fc.nat(40_000), fc.nat(40_000), fc.nat(40_000)),
    reserve: fc.boolean(),
    available: fc.boolean(),
    abroad: fc.boolean(),
  })
  .map(({ ppm: [platform, acquirer, scheme, interchange], reserve, available, abroad }) => ({
    fees: [
      schedule('platform', platform, abroad),
      schedule('acquirer', acquirer, abroad),
      schedule('scheme', scheme, abroad),
      schedule('interchange', interchange, abroad),
    ],
    reserve: reserve ? { id: 'res_1', ppm: 100_000n, forMs: 5 * DAY } : null,
    availability: available ? { id: 'avt_1', afterMs: 2 * DAY } : null,
    settlement: abroad ? { id: 'stt_1', currency: 'USD', refundRate: 'capture' } : null,
    rate: abroad ? { base: 'EUR', quote: 'USD', rate: '1.083712', source: 'test', validAt: 0 } : null,
  }));

const sum = (postings: readonly Posting[]): Map<string, bigint> => {
  const balances = new Map<string, bigint>();
  for (const { event, amount } of postings)
    for (const leg of postingsOf(event, amount, 'EUR', 'acquirer-1')) {
      const account = `${leg.code} ${leg.currency}`;
      balances.set(account, (balances.get(account) ?? 0n) + leg.amount);
    }
  return balances;
};

describe('a capture that fails after it was settled', () => {
  it('leaves nothing on any account, whatever the terms were and wherever its funds are by then', () => {
    fc.assert(
      fc.property(termsArbitrary, fc.bigInt(1n, 10n ** 12n - 1n), fc.nat(8), (terms, amount, daysLater) => {
        const taken = { operation: ID, attempt: null, amount, currency: 'EUR' as const };
        const settled = settleCapture(taken, terms, 0);
        let capture: Operation = concluded(
          newOperation(ID, 'capture', amount, 0),
          'succeeded',
          0,
          settled.operation,
        );
        const posted: Posting[] = [
          { event: 'captured', amount, operation: ID, attempt: null },
          ...settled.postings,
        ];
        for (const due of [makeFundsAvailable, releaseReserve]) {
          const made = due({ ...createdState(), operations: [capture] }, daysLater * DAY);
          capture = made?.operations[0] ?? capture;
          posted.push(...(made?.postings ?? []));
        }
        const undone = unsettleCapture(capture, daysLater * DAY);
        expect(undone).not.toBeNull();
        posted.push(...(undone?.postings ?? []));
        posted.push({ event: 'capture_failed', amount, operation: ID, attempt: null });
        const left = [...sum(posted)].filter(
          ([account, balance]) => balance !== 0n && !account.startsWith('auth_hold'),
        );
        expect(left).toEqual([]);
        // Each event once: its business key is the capture's and its own.
        const events = posted.map(({ event }) => event);
        expect(events.length).toBe(new Set(events).size);
        const after = { ...capture, ...undone?.operation, state: 'failed' as const };
        expect(fundsDueAt(after)).toBeNull();
      }),
    );
  });

  it('is not undone by machine once something of it was given back', () => {
    const terms: TermsInForce = {
      fees: [schedule('platform', 14_000, false)],
      reserve: null,
      availability: null,
      settlement: null,
      rate: null,
    };
    const taken = { operation: ID, attempt: null, amount: 9_000n, currency: 'EUR' as const };
    const capture = concluded(
      newOperation(ID, 'capture', 9_000n, 0),
      'succeeded',
      0,
      settleCapture(taken, terms, 0).operation,
    );
    const lot = lotOf(capture);
    if (lot === null) throw new Error('there are no funds');
    expect(unsettleCapture({ ...capture, funds: { ...lot.funds, refunded: 1n } }, 0)).toBeNull();
  });
});
