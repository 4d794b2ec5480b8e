import { describe, expect, it } from 'vitest';
import { newOperation } from './change.ts';
import type { OperationId } from './ids.ts';
import { operationResource } from './resource.ts';
import type { CaptureFunds, CaptureSettlement } from './settlement.ts';

/** The promise: a merchant sees what a capture or refund came to for it, and without terms nothing new. */

const settlement: CaptureSettlement = {
  kind: 'capture',
  currency: 'USD',
  gross: 10_842n,
  rate: { base: 'EUR', quote: 'USD', rate: '1.0842', source: 'a bank', validAt: 0 },
  refundRate: 'capture',
  platformFee: { schedule: 'fee_1', amount: 150n, onRefund: 'return' },
  costs: [{ kind: 'interchange', schedule: 'fee_2', amount: 20n, recharged: 22n }],
  recharged: 22n,
  rounding: 0n,
  reserve: { terms: 'res_1', amount: 1_084n, releaseAt: 2_592_000_000 },
  availability: { terms: 'avt_1', at: 172_800_000 },
};
const funds: CaptureFunds = {
  kind: 'capture',
  pending: 0n,
  refunded: 2_500n,
  carried: 2_710n,
  feeReturned: 38n,
  movedAt: 172_800_000,
  releasedAt: null,
};
const capture = newOperation('cap_1' as OperationId, 'capture', 10_000n, 0);
const refund = newOperation('ref_1' as OperationId, 'refund', 2_500n, 0);

describe('the settlement of an operation', () => {
  it('is not there without terms', () => {
    expect(operationResource(capture, 'EUR')).not.toHaveProperty('settlement');
  });

  it('of a capture says what is paid out, when, and at what rate', () => {
    const { settlement: shown } = operationResource({ ...capture, settlement, funds }, 'EUR');
    expect(shown).toEqual({
      currency: 'USD',
      gross: 10_842,
      fees: 172,
      fee_details: { platform: 150, recharged: 22 },
      net: 10_670,
      fees_refunded: 38,
      exchange_rate: {
        from: 'EUR',
        to: 'USD',
        rate: '1.0842',
        source: 'a bank',
        at: '1970-01-01T00:00:00.000Z',
      },
      reserve: { amount: 1_084, release_at: '1970-01-31T00:00:00.000Z', released: false },
      available_at: '1970-01-03T00:00:00.000Z',
      available: true,
    });
  });

  it('of a refund says what it took of each capture, and what came back of its fees', () => {
    const slice = {
      capture: capture.id,
      amount: 2_500n,
      currency: 'USD' as const,
      pending: 2_000n,
      available: 710n,
      carried: 2_710n,
      rate: settlement.rate,
    };
    const taken = { ...refund, settlement: { kind: 'refund' as const, slices: [slice] } };
    const [line] = operationResource(taken, 'EUR')['settlement'] as unknown[];
    expect(line).toMatchObject({
      capture: 'cap_1',
      currency: 'USD',
      gross: 2_710,
      fees_refunded: 0,
      net: 2_710,
    });
    const returned = { kind: 'refund' as const, feeReturned: [{ capture: capture.id, amount: 38n }] };
    const [after] = operationResource({ ...taken, funds: returned }, 'EUR')['settlement'] as unknown[];
    expect(after).toMatchObject({ fees_refunded: 38, net: 2_672, exchange_rate: { rate: '1.0842' } });
  });

  it('is a text where a number would not be exact', () => {
    const large = { ...settlement, gross: 9_007_199_254_742_000n };
    const { settlement: shown } = operationResource({ ...capture, settlement: large, funds }, 'EUR');
    expect(shown).toMatchObject({ gross: '9007199254742000', net: '9007199254741828' });
  });
});
