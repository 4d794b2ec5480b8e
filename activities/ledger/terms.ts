import type pg from 'pg';
import { isCurrency, type Currency } from '../../workflows/domain/currencies.ts';
import type { FeeSchedule, FeeTier } from '../../workflows/domain/fees.ts';
import type { ExchangeRate } from '../../workflows/domain/fx.ts';
import type { AcquirerAccountId } from '../../workflows/domain/ids.ts';
import type { PaymentState } from '../../workflows/domain/payment.ts';
import { lotOf } from '../../workflows/domain/lots.ts';
import type { TermsInForce } from '../../workflows/domain/settlement.ts';

/** Where exchange rates come from. It is asked while a payment's step is decided: it answers soon, or rejects. */
export interface RateSource {
  /**
   * The rate from `base` to `quote` that may be used at that moment (epoch ms); null when there is none.
   * Rejects when it cannot be asked: then the step is tried again, and nothing is recorded meanwhile.
   */
  rate(base: Currency, quote: Currency, at: number): Promise<ExchangeRate | null>;
}

export interface TermsReader {
  /** What is agreed about a capture on that account, at that moment (epoch ms). */
  forCapture(state: PaymentState, account: AcquirerAccountId, at: number): Promise<TermsInForce>;
  /** The rates that a refund of this payment needs beside those of its captures. */
  forRefund(state: PaymentState, at: number): Promise<readonly ExchangeRate[]>;
}

/** Reads terms from the database (schema: terms_in_force), and the rates that they need from their source. */
export function createTermsReader(pool: pg.Pool, rates: RateSource): TermsReader {
  return {
    async forCapture({ payment }, account, at) {
      const { rows } = await pool.query<{ terms: TermsRow }>({
        name: 'terms_in_force',
        text: 'select terms_in_force($1, $2, $3, $4, $5, $6) as terms',
        values: [
          payment.merchant,
          payment.mode,
          account,
          payment.card?.brand ?? 'other',
          payment.currency,
          new Date(at),
        ],
      });
      const row = rows[0]?.terms;
      if (row === undefined) throw new Error(`terms_in_force answered nothing for ${payment.id}`);
      const terms = toTerms(row);
      const currency = terms.settlement?.currency ?? payment.currency;
      if (currency === payment.currency) return terms;
      return { ...terms, rate: await rates.rate(payment.currency, currency, at) };
    },

    async forRefund({ payment, operations }, at) {
      const quotes = new Set<Currency>();
      for (const operation of operations) {
        const settlement = lotOf(operation)?.settlement;
        if (settlement?.refundRate === 'current' && settlement.rate !== null) quotes.add(settlement.currency);
      }
      const found = await Promise.all([...quotes].map((quote) => rates.rate(payment.currency, quote, at)));
      return found.filter((rate) => rate !== null);
    },
  };
}

/** Amounts in terms are below 10^12 and exact as JSON numbers; they become bigint here. */
interface TermsRow {
  readonly fees: readonly {
    readonly id: string;
    readonly kind: FeeSchedule['kind'];
    readonly currency: string;
    readonly fixed: number;
    readonly ppm: number;
    readonly fee_min: number | null;
    readonly fee_max: number | null;
    readonly tiers: readonly { readonly up_to: number; readonly fixed: number; readonly ppm: number }[];
    readonly recharge: boolean;
    readonly on_refund: FeeSchedule['onRefund'];
  }[];
  readonly reserve: { readonly id: string; readonly ppm: number; readonly held_for_ms: number } | null;
  readonly availability: { readonly id: string; readonly available_after_ms: number } | null;
  readonly settlement: {
    readonly id: string;
    readonly settlement_currency: string;
    readonly refund_rate: 'capture' | 'current';
  } | null;
}

function toTerms({ fees, reserve, availability, settlement }: TermsRow): TermsInForce {
  return {
    fees: fees.map((row) => ({
      id: row.id,
      kind: row.kind,
      currency: currencyOf(row.currency, row.id),
      tiers: [
        ...[...row.tiers]
          .sort((a, b) => a.up_to - b.up_to)
          .map(({ up_to: upTo, ...rest }) => tier(upTo, rest)),
        tier(null, row),
      ],
      min: row.fee_min === null ? null : BigInt(row.fee_min),
      max: row.fee_max === null ? null : BigInt(row.fee_max),
      recharge: row.recharge,
      onRefund: row.on_refund,
    })),
    reserve: reserve && { id: reserve.id, ppm: BigInt(reserve.ppm), forMs: reserve.held_for_ms },
    availability: availability && { id: availability.id, afterMs: availability.available_after_ms },
    settlement: settlement && {
      id: settlement.id,
      currency: currencyOf(settlement.settlement_currency, settlement.id),
      refundRate: settlement.refund_rate,
    },
    rate: null,
  };
}

function tier(
  upTo: number | null,
  { fixed, ppm }: { readonly fixed: number; readonly ppm: number },
): FeeTier {
  return { upTo: upTo === null ? null : BigInt(upTo), fixed: BigInt(fixed), ppm: BigInt(ppm) };
}

function currencyOf(text: string, id: string): Currency {
  if (!isCurrency(text))
    throw new RangeError(`${id} is in ${text}, which is not an active ISO 4217 currency`);
  return text;
}
