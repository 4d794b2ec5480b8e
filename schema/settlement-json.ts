import type { Currency } from '../workflows/domain/currencies.ts';
import type { CostKind } from '../workflows/domain/fees.ts';
import type { ExchangeRate } from '../workflows/domain/fx.ts';
import type { OperationId } from '../workflows/domain/ids.ts';
import type {
  CaptureFunds,
  CaptureSettlement,
  Funds,
  RefundFunds,
  RefundSettlement,
  Settlement,
} from '../workflows/domain/settlement.ts';

/**
 * operations.settlement and operations.funds as JSON. Amounts are texts of digits: in another currency
 * they can be beyond 2^53. Times are epoch ms, rates the decimals of their source.
 */
type Json<T> = T extends bigint
  ? string
  : T extends string | number | boolean | null
    ? T
    : T extends readonly (infer One)[]
      ? readonly Json<One>[]
      : { readonly [Key in keyof T]: Json<T[Key]> };

export type SettlementJson = Json<CaptureSettlement> | Json<RefundSettlement>;
export type FundsJson = Json<CaptureFunds> | Json<RefundFunds>;

/** The same with amounts as texts: for JSON.stringify. */
export function toJson(value: Settlement | Funds): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? one.toString() : one)),
  );
}

export function settlementOf(json: SettlementJson): Settlement {
  if (json.kind === 'refund') {
    return {
      kind: 'refund',
      slices: json.slices.map((slice) => ({
        capture: slice.capture as OperationId,
        amount: BigInt(slice.amount),
        currency: slice.currency as Currency,
        pending: BigInt(slice.pending),
        available: BigInt(slice.available),
        carried: BigInt(slice.carried),
        rate: slice.rate as ExchangeRate | null,
      })),
    };
  }
  const { platformFee, reserve } = json;
  return {
    kind: 'capture',
    currency: json.currency as Currency,
    gross: BigInt(json.gross),
    rate: json.rate as ExchangeRate | null,
    refundRate: json.refundRate as CaptureSettlement['refundRate'],
    platformFee:
      platformFee === null
        ? null
        : {
            schedule: platformFee.schedule,
            amount: BigInt(platformFee.amount),
            onRefund: platformFee.onRefund as 'keep' | 'return',
          },
    costs: json.costs.map(({ kind, schedule, amount, recharged }) => ({
      kind: kind as CostKind,
      schedule,
      amount: BigInt(amount),
      recharged: recharged === null ? null : BigInt(recharged),
    })),
    recharged: BigInt(json.recharged),
    rounding: BigInt(json.rounding),
    reserve: reserve === null ? null : { ...reserve, amount: BigInt(reserve.amount) },
    availability: json.availability,
  };
}

export function fundsOf(json: FundsJson): Funds {
  if (json.kind === 'refund') {
    return {
      kind: 'refund',
      feeReturned: json.feeReturned.map(({ capture, amount }) => ({
        capture: capture as OperationId,
        amount: BigInt(amount),
      })),
    };
  }
  return {
    kind: 'capture',
    pending: BigInt(json.pending),
    refunded: BigInt(json.refunded),
    carried: BigInt(json.carried),
    feeReturned: BigInt(json.feeReturned),
    movedAt: json.movedAt,
    releasedAt: json.releasedAt,
  };
}
