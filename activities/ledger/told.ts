import type pg from 'pg';
import type { AttemptId, MerchantId, OperationId, PaymentId } from '../../workflows/domain/ids.ts';
import {
  requestAdoption,
  requestChargeback,
  requestChargebackReversal,
  requestWithdrawal,
  type TakenReport,
} from './reports.ts';

interface About {
  readonly merchant: MerchantId;
  readonly payment: PaymentId;
}

interface Named {
  /** The acquirer's own name of this one movement. */
  readonly reference: string;
  readonly reason: string | null;
}

/** What an acquirer's event tells beside answers (activities/acquirers/events.ts). Amounts in minor units. */
export type ToldReport =
  | (Named & { readonly type: 'withdrawal'; readonly withdraws: OperationId })
  | (Named & {
      readonly type: 'adoption';
      readonly what: 'capture' | 'refund' | 'void';
      readonly amount: bigint | null;
      readonly of: AttemptId | null;
    })
  | (Named & {
      readonly type: 'chargeback' | 'chargeback_reversal';
      readonly amount: bigint;
      readonly fee: bigint | null;
    });

/** Takes it as a command of the payment; told again it is the same one. @throws ReportRefused, RangeError */
export function takeTold(
  database: Pick<pg.Pool, 'query'>,
  { merchant, payment }: About,
  told: ToldReport,
): Promise<TakenReport> {
  const report = {
    merchant,
    payment,
    acquirerReference: told.reference,
    reason: told.reason,
    origin: 'acquirer',
  } as const;
  switch (told.type) {
    case 'withdrawal':
      return requestWithdrawal(database, { ...report, withdraws: told.withdraws });
    case 'adoption':
      return requestAdoption(database, { ...report, what: told.what, amount: told.amount, of: told.of });
    case 'chargeback':
      return requestChargeback(database, {
        ...report,
        amount: told.amount,
        fee: told.fee,
        feeRecharged: null,
      });
    case 'chargeback_reversal':
      return requestChargebackReversal(database, { ...report, amount: told.amount });
  }
}
