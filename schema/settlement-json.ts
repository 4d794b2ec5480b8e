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
        capture: slice.capture,
        amount: BigInt(slice.amount),
        currency: slice.currency,
        pending: BigInt(slice.pending),
        available: BigInt(slice.available),
        carried: BigInt(slice.carried),
        rate: slice.rate,
      })),
    };
  }
  const { platformFee, reserve } = json;
  return {
    kind: 'capture',
    currency: json.currency,
    gross: BigInt(json.gross),
    rate: json.rate,
    refundRate: json.refundRate,
    platformFee:
      platformFee === null
        ? null
        : {
            schedule: platformFee.schedule,
            amount: BigInt(platformFee.amount),
            onRefund: platformFee.onRefund,
          },
    costs: json.costs.map(({ kind, schedule, amount, recharged }) => ({
      kind: kind,
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
        capture: capture,
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
