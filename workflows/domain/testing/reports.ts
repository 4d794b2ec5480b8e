import fc from 'fast-check';
import type { OperationId } from '../ids.ts';
import type { ChargebackBody, ChargebackReversalBody, WithdrawalBody } from '../payment.ts';

/** What acquirers report, for tests: any of it, also what cannot be. */
const amount = fc.bigInt({ min: 1n, max: 9_000n });
const report = { acquirerReference: fc.constant('CB-1'), reason: fc.constantFrom('10.4', null) };
const fee = fc.option(fc.constant(1_500n));

export const chargeback: fc.Arbitrary<ChargebackBody> = fc.record({
  kind: fc.constant('chargeback' as const),
  amount,
  fee,
  feeRecharged: fee,
  ...report,
});

export const chargebackReversal: fc.Arbitrary<ChargebackReversalBody> = fc.record({
  kind: fc.constant('chargeback_reversal' as const),
  amount,
  ...report,
});

export function withdrawal(withdraws: OperationId): WithdrawalBody {
  return { kind: 'withdrawal', withdraws, acquirerReference: 'WD-1', reason: 'rejected in clearing' };
}
