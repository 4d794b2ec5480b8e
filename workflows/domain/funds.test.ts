import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beginAuthorization, beginFollowUp } from './begin.ts';
import type { Change } from './change.ts';
import { concludeAttempt } from './conclude.ts';
import type { Currency } from './currencies.ts';
import { fundsDueAt, makeFundsAvailable, releaseReserve } from './due-funds.ts';
import type { FeeSchedule } from './fees.ts';
import type { ExchangeRate } from './fx.ts';
import { attemptOf, pendingOperations, type Operation } from './payment.ts';
import { lotOf } from './lots.ts';
import { returnRefund } from './refund-funds.ts';
import { shareOf } from './rounding.ts';
import type { TermsInForce } from './settlement.ts';
import { ACCEPTED, CARD, createCommand, createdState } from './testing/payments.ts';
import { RecordedPayment } from './testing/recorded-payment.ts';

/**
 * The promise: whatever is captured, refunded, refused and brought back under whatever terms, the books
 * say of every payment what its operations say, in every currency, and nothing is left over once all
 * of it is given back.
 */

const DAY = 86_400_000;
const NO_TERMS: TermsInForce = { fees: [], reserve: null, availability: null, settlement: null, rate: null };

const rateOf = (rate: string): ExchangeRate => ({
  base: 'EUR',
  quote: 'USD',
  rate,
  source: 'test',
  validAt: 0,
});

function schedule(
  kind: FeeSchedule['kind'],
  currency: Currency,
  rest: Partial<FeeSchedule> = {},
): FeeSchedule {
  return {
    id: `fee_${kind}_${currency}`,
    kind,
    currency,
    tiers: [{ upTo: null, fixed: 10n, ppm: 14_000n }],
    min: null,
    max: null,
    recharge: false,
    onRefund: 'keep',
    ...rest,
  };
}

/** A payment of 90.00 EUR, authorized, with its books. */
class Shop extends RecordedPayment {
  now = 1_000;

  constructor() {
    super(createdState({ amount: 9_000n }));
    const command = createCommand(this.state.payment);
    const plan = { card: CARD, risk: ACCEPTED, singleMessage: false };
    this.make(beginAuthorization(this.state, command, plan, this.now));
    this.answer('approved');
  }

  make(made: Change | null): boolean {
    if (made === null) return false;
    expect(this.record(made, this.now), made.cause).toBe('applied');
    return true;
  }

  answer(outcome: 'approved' | 'declined', terms: TermsInForce = NO_TERMS): void {
    const [operation] = pendingOperations(this.state);
    const attempt = attemptOf(this.state, operation?.currentAttempt ?? null);
    if (operation === undefined || attempt === null) return;
    this.writeAttempt(attempt.id, { state: 'answered', outcome, responseCode: '00' });
    const captureBefore = this.now + 1_000 * DAY;
    this.make(
      concludeAttempt(this.state, operation, { outcome, reason: null, now: this.now, captureBefore, terms }),
    );
  }

  /** Steps are a second apart: captures have an order. */
  capture(amount: bigint, terms: TermsInForce): void {
    this.now += 1_000;
    const command = this.ask({ kind: 'capture', amount });
    this.make(beginFollowUp(this.state, command, this.now));
    this.answer('approved', terms);
  }

  refund(amount: bigint, outcome: 'approved' | 'declined', rates: readonly ExchangeRate[] = []): void {
    this.now += 1_000;
    const command = this.ask({ kind: 'refund', amount, reason: null });
    this.make(beginFollowUp(this.state, command, this.now, rates));
    this.answer(outcome);
  }

  /** The acquirer takes back that a refund succeeded. */
  bringBack(refund: Operation): void {
    const returned = returnRefund(this.state, refund, 'refund_failed', null);
    const { payment } = this.state;
    this.make({
      cause: `refund_failed:${refund.id}`,
      event: 'refund_failed',
      payment: { amountRefunded: payment.amountRefunded - refund.amount },
      operations: [{ ...refund, state: 'failed' }, ...returned.captures],
      attemptMoves: [],
      newAttempt: null,
      postings: returned.postings,
      taken: [],
      answers: 'concluded',
      refusals: [],
      events: [],
      cases: [],
      risk: null,
    });
  }

  work(): void {
    while (
      this.make(makeFundsAvailable(this.state, this.now)) ||
      this.make(releaseReserve(this.state, this.now))
    );
  }

  of(kind: Operation['kind'], state: Operation['state'] = 'succeeded'): Operation[] {
    return this.state.operations.filter((one) => one.kind === kind && one.state === state);
  }

  /** What an account holds in a currency, on the side on which a merchant's accounts grow. */
  owed(code: string, currency: Currency): bigint {
    return -this.balance(currency === 'EUR' ? code : `${code} ${currency}`);
  }
}

function expectBooks(shop: Shop): void {
  const { payment } = shop.state;
  const lots = shop.of('capture').flatMap((capture) => {
    const lot = lotOf(capture);
    return lot === null ? [] : [{ ...lot, capture }];
  });
  const plain = shop.of('capture').filter((capture) => lotOf(capture) === null);
  const refunded = lots.reduce(
    (rest, { funds }) => rest - funds.refunded,
    payment.amountRefunded + payment.amountRefundPending,
  );
  const left = plain.reduce((sum, { amount }) => sum + amount, 0n) - refunded;
  expect(left).toBeGreaterThanOrEqual(0n);

  for (const currency of ['EUR', 'USD'] as const) {
    const own = lots.filter(({ settlement }) => settlement.currency === currency);
    const sum = (of: (lot: (typeof own)[number]) => bigint): bigint =>
      own.reduce((total, lot) => total + of(lot), 0n);
    const expected = {
      'merchant_payable:pending': sum(({ funds }) => funds.pending) + (currency === 'EUR' ? left : 0n),
      merchant_reserve: sum(({ funds, settlement }) =>
        funds.releasedAt === null ? (settlement.reserve?.amount ?? 0n) : 0n,
      ),
      fee_revenue: sum(({ funds, settlement }) => (settlement.platformFee?.amount ?? 0n) - funds.feeReturned),
      fee_rounding: sum(({ settlement }) => settlement.rounding),
    };
    for (const [code, amount] of Object.entries(expected))
      expect({ code, currency, owed: shop.owed(code, currency) }).toEqual({ code, currency, owed: amount });
  }
  const converted = lots.filter(({ settlement }) => settlement.rate !== null);
  expect(shop.balance('position')).toBe(
    converted.reduce((sum, { capture, funds }) => sum - capture.amount + funds.refunded, 0n),
  );
  expect(shop.balance('position USD')).toBe(
    converted.reduce((sum, { settlement, funds }) => sum + settlement.gross - funds.carried, 0n),
  );
  expect(shop.balance('acquirer_receivable:acquirer-1')).toBe(
    payment.amountCaptured - payment.amountRefunded,
  );
  expect(shop.balance('refunds_in_flight')).toBe(-payment.amountRefundPending);
  for (const { funds, settlement, capture } of lots) {
    const fee = settlement.platformFee;
    const due = fee?.onRefund === 'return' ? shareOf(fee.amount, funds.refunded, capture.amount) : 0n;
    expect(funds.feeReturned).toBe(due);
    // As the database checks every row (schema/migrations/0011_terms.sql): it refuses no step of ours.
    for (const [given, taken] of [
      [funds.refunded, capture.amount],
      [funds.carried, settlement.gross],
      [funds.feeReturned, fee?.amount ?? 0n],
    ] as const) {
      expect(given).toBeGreaterThanOrEqual(0n);
      expect(given).toBeLessThanOrEqual(taken);
    }
    if (funds.movedAt !== null) expect(funds.pending).toBe(0n);
    if (funds.refunded === capture.amount) expect(funds.carried).toBe(settlement.gross);
    if (funds.refunded === 0n) expect([funds.carried, funds.feeReturned]).toEqual([0n, 0n]);
  }
  const sided = ['merchant_reserve', 'fee_revenue', 'fee_recovery:acquirer', 'fee_recovery:scheme'];
  for (const code of [...sided, 'fee_recovery:interchange']) {
    expect(shop.owed(code, 'EUR'), code).toBeGreaterThanOrEqual(0n);
    expect(shop.owed(code, 'USD'), code).toBeGreaterThanOrEqual(0n);
  }
  for (const currency of ['', ' USD']) {
    const all = [...shop.balances].filter(([account]) => account.endsWith(' USD') === (currency !== ''));
    expect(all.reduce((sum, [, amount]) => sum + amount, 0n)).toBe(0n);
  }
}

const tiers = fc.record({
  upTo: fc.constant(null),
  fixed: fc.bigInt({ min: 0n, max: 300n }),
  ppm: fc.bigInt({ min: 0n, max: 60_000n }),
});
const cost = (kind: FeeSchedule['kind']) =>
  fc
    .record({ tier: tiers, recharge: fc.boolean() })
    .map(({ tier, recharge }) => schedule(kind, 'EUR', { tiers: [tier], recharge }));
const platform = (currency: Currency) =>
  fc
    .record({ tier: tiers, onRefund: fc.constantFrom('keep' as const, 'return' as const) })
    .map(({ tier, onRefund }) => schedule('platform', currency, { tiers: [tier], onRefund }));
const rates = fc.constantFrom('1.0842', '0.000731', '163.271', '1.0');

const terms: fc.Arbitrary<TermsInForce> = fc.record({
  fees: fc
    .subarray([0, 1, 2, 3, 4])
    .chain((chosen) =>
      fc
        .tuple(cost('acquirer'), cost('scheme'), cost('interchange'), platform('EUR'), platform('USD'))
        .map((all) => all.filter((_, index) => chosen.includes(index))),
    ),
  reserve: fc.option(
    fc.record({
      id: fc.constant('res_1'),
      ppm: fc.bigInt({ min: 0n, max: 1_000_000n }),
      forMs: fc.constantFrom(DAY, 30 * DAY),
    }),
  ),
  availability: fc.option(fc.record({ id: fc.constant('avt_1'), afterMs: fc.constantFrom(0, 2 * DAY) })),
  settlement: fc.option(
    fc.record({
      id: fc.constant('stt_1'),
      currency: fc.constant('USD' as const),
      refundRate: fc.constantFrom('capture' as const, 'current' as const),
    }),
  ),
  rate: fc.option(rates.map(rateOf)),
});

type Move =
  | { readonly kind: 'capture'; readonly amount: bigint; readonly terms: TermsInForce }
  | {
      readonly kind: 'refund';
      readonly amount: bigint;
      readonly outcome: 'approved' | 'declined';
      readonly rate: string | null;
    }
  | { readonly kind: 'bring_back' }
  | { readonly kind: 'wait'; readonly days: number };

const amount = fc.bigInt({ min: 1n, max: 4_000n });
const move: fc.Arbitrary<Move> = fc.oneof(
  fc.record({
    kind: fc.constant('capture' as const),
    amount,
    terms: fc.oneof(fc.constant(NO_TERMS), terms, terms),
  }),
  fc.record({
    kind: fc.constant('refund' as const),
    amount,
    outcome: fc.constantFrom('approved' as const, 'approved' as const, 'declined' as const),
    rate: fc.option(rates),
  }),
  fc.constant({ kind: 'bring_back' as const }),
  fc.record({ kind: fc.constant('wait' as const), days: fc.integer({ min: 0, max: 20 }) }),
);

function play(shop: Shop, made: Move): void {
  switch (made.kind) {
    case 'capture':
      shop.capture(made.amount, made.terms);
      break;
    case 'refund':
      shop.refund(made.amount, made.outcome, made.rate === null ? [] : [rateOf(made.rate)]);
      break;
    case 'bring_back': {
      const [refund] = shop.of('refund');
      if (refund !== undefined) shop.bringBack(refund);
      break;
    }
    case 'wait':
      shop.now += made.days * DAY;
      break;
  }
  expectBooks(shop);
  shop.work();
  expectBooks(shop);
}

describe('the funds of a payment', () => {
  it('are in the books what its operations say, after anything that can happen', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 25 }), (moves) => {
        const shop = new Shop();
        for (const made of moves) play(shop, made);
      }),
      { numRuns: 400 },
    );
  });

  it('leave nothing behind once all is given back at the rates of the captures and the time has come', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(amount, terms), { minLength: 1, maxLength: 4 }),
        fc.array(amount, { maxLength: 8 }),
        (captures, refunds) => {
          const shop = new Shop();
          for (const [taken, agreed] of captures) {
            const settlement = agreed.settlement && { ...agreed.settlement, refundRate: 'capture' as const };
            const fees = agreed.fees
              .filter(({ kind }) => kind === 'platform')
              .map((one) => ({ ...one, onRefund: 'return' as const }));
            const availability = { id: 'avt_1', afterMs: DAY };
            shop.capture(taken, { ...agreed, settlement, fees, availability });
          }
          for (const given of refunds) shop.refund(given, 'approved');
          const { amountCaptured, amountRefunded } = shop.state.payment;
          if (amountRefunded < amountCaptured) shop.refund(amountCaptured - amountRefunded, 'approved');
          shop.now += 100 * DAY;
          shop.work();
          expect(shop.of('capture').map(fundsDueAt)).toEqual(shop.of('capture').map(() => null));
          const left = [...shop.balances].filter(
            ([account, balance]) => balance !== 0n && !account.startsWith('auth_hold'),
          );
          expect(left).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('without terms are what they always were: pending, in the currency of the payment', () => {
    const shop = new Shop();
    shop.capture(9_000n, NO_TERMS);
    shop.refund(2_500n, 'approved');
    shop.now += 1_000 * DAY;
    shop.work();
    expect(shop.of('capture')[0]).toMatchObject({ settlement: null, funds: null });
    expect(shop.of('refund')[0]).toMatchObject({ settlement: null, funds: null });
    expect(Object.fromEntries(shop.balances)).toEqual({
      'auth_hold:acquirer': 0n,
      'auth_hold:merchant': 0n,
      'acquirer_receivable:acquirer-1': 6_500n,
      'merchant_payable:pending': -6_500n,
      refunds_in_flight: 0n,
    });
  });
});

describe('a capture under terms', () => {
  it('passes costs on as one line, rounded once, the difference in an account of its own', () => {
    const shop = new Shop();
    const half = { tiers: [{ upTo: null, fixed: 0n, ppm: 500n }], recharge: true };
    // 0.05 % of 90.00 EUR is 4.5 cents, three times: each rounds to 4, together they are 13.5, rounded 14.
    shop.capture(9_000n, {
      ...NO_TERMS,
      fees: [
        schedule('acquirer', 'EUR', half),
        schedule('scheme', 'EUR', half),
        schedule('interchange', 'EUR', half),
      ],
    });
    expect(shop.owed('merchant_payable:pending', 'EUR')).toBe(9_000n - 14n);
    for (const kind of ['acquirer', 'scheme', 'interchange']) {
      expect(shop.owed(`fee_recovery:${kind}`, 'EUR')).toBe(4n);
      expect(shop.balance(`fee_expense:${kind}`)).toBe(4n);
    }
    expect(shop.owed('fee_rounding', 'EUR')).toBe(2n);
    expect(shop.owed('acquirer_fees_accrued:acquirer-1', 'EUR')).toBe(12n);
    // What the acquirer owes holds no fees: its journal has none either.
    expect(shop.balance('acquirer_receivable:acquirer-1')).toBe(9_000n);
  });

  it('stays in its currency when no rate is known: none is made up', () => {
    const shop = new Shop();
    const settlement = { id: 'stt_1', currency: 'USD' as const, refundRate: 'capture' as const };
    shop.capture(9_000n, { ...NO_TERMS, settlement });
    expect(shop.owed('merchant_payable:pending', 'EUR')).toBe(9_000n);
    expect(shop.of('capture')[0]?.settlement).toMatchObject({ currency: 'EUR', gross: 9_000n, rate: null });
  });

  it('that costs more than it brings is owed by the merchant', () => {
    const shop = new Shop();
    const dear = schedule('platform', 'EUR', { tiers: [{ upTo: null, fixed: 30n, ppm: 0n }] });
    shop.capture(10n, { ...NO_TERMS, fees: [dear], availability: { id: 'avt_1', afterMs: 0 } });
    expect(shop.owed('merchant_payable:pending', 'EUR')).toBe(-20n);
    shop.work();
    expect(shop.owed('merchant_payable:pending', 'EUR')).toBe(0n);
    expect(shop.owed('merchant_payable:available', 'EUR')).toBe(-20n);
  });
});

describe('a refund under terms', () => {
  const available = { id: 'avt_1', afterMs: 2 * DAY };

  it('takes what is pending of its capture first, and the rest from what is available', () => {
    const shop = new Shop();
    const fee = schedule('platform', 'EUR', { tiers: [{ upTo: null, fixed: 100n, ppm: 0n }] });
    shop.capture(1_000n, { ...NO_TERMS, fees: [fee], availability: available });
    shop.refund(1_000n, 'approved');
    expect(shop.owed('merchant_payable:pending', 'EUR')).toBe(0n);
    expect(shop.owed('merchant_payable:available', 'EUR')).toBe(-100n);
  });

  it('that is refused comes back to where its funds would be by now', () => {
    const shop = new Shop();
    shop.capture(1_000n, { ...NO_TERMS, availability: available });
    const command = shop.ask({ kind: 'refund', amount: 400n, reason: null });
    shop.make(beginFollowUp(shop.state, command, shop.now));
    expect(shop.owed('merchant_payable:pending', 'EUR')).toBe(600n);
    shop.now += 3 * DAY;
    shop.work();
    shop.answer('declined');
    expect(shop.owed('merchant_payable:pending', 'EUR')).toBe(0n);
    expect(shop.owed('merchant_payable:available', 'EUR')).toBe(1_000n);
    expectBooks(shop);
  });

  it('by the current rate leaves the difference to the rate of its capture as a gain or loss', () => {
    const shop = new Shop();
    const settlement = { id: 'stt_1', currency: 'USD' as const, refundRate: 'current' as const };
    shop.capture(1_000n, { ...NO_TERMS, settlement, rate: rateOf('1.10') });
    expect(shop.owed('merchant_payable:pending', 'USD')).toBe(1_100n);
    shop.refund(500n, 'approved', [rateOf('1.20')]);
    expect(shop.owed('merchant_payable:pending', 'USD')).toBe(500n);
    expect(shop.owed('fx_gain_loss', 'USD')).toBe(50n);
    expect([shop.balance('position'), shop.balance('position USD')]).toEqual([-500n, 550n]);
    // Refused, it comes back at the very rate that took it, whatever the rate is by then.
    shop.refund(500n, 'declined', [rateOf('1.30')]);
    expect(shop.owed('merchant_payable:pending', 'USD')).toBe(500n);
    expect(shop.owed('fx_gain_loss', 'USD')).toBe(50n);
  });

  it('gives the fee back in steps that add up to it, and takes it again when the refund comes back', () => {
    const shop = new Shop();
    const fee = schedule('platform', 'EUR', {
      tiers: [{ upTo: null, fixed: 100n, ppm: 0n }],
      onRefund: 'return',
    });
    shop.capture(9_000n, { ...NO_TERMS, fees: [fee] });
    const left: bigint[] = [];
    for (let step = 0; step < 3; step += 1) {
      shop.refund(3_000n, 'approved');
      left.push(shop.owed('fee_revenue', 'EUR'));
    }
    expect(left).toEqual([67n, 33n, 0n]);
    const [, second] = shop.of('refund');
    if (second !== undefined) shop.bringBack(second);
    expect(shop.owed('fee_revenue', 'EUR')).toBe(33n);
    expectBooks(shop);
  });
});
