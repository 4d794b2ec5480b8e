/**
 * What each event of a payment does to the books: one pure function, total over events
 * (payment-rules: postings). Debits are positive, credits negative; every event nets to zero.
 */
export const LEDGER_EVENTS = [
  'authorized',
  'incremented',
  'released',
  'expired',
  'captured',
  'sold',
  'capture_failed',
  'refund_accepted',
  'refund_succeeded',
  'refund_refused',
  'refund_failed',
  'unexpected_sale',
  'unexpected_sale_returned',
  'converted',
  'costs_accrued',
  'costs_recharged',
  'platform_fee',
  'platform_fee_refunded',
  'platform_fee_restored',
  'reserve_held',
  'reserve_released',
  'funds_available',
  'refund_converted',
  'refund_unconverted',
  'funds_recalled',
  'costs_reversed',
  'costs_recharge_reversed',
  'conversion_reversed',
  'hold_restored',
  'charged_back',
  'chargeback_reversed',
  'dispute_fee',
  'dispute_fee_recharged',
] as const;
export type LedgerEvent = (typeof LEDGER_EVENTS)[number];

export const ACCOUNT_SIDES = {
  'auth_hold:acquirer': 'debit',
  'auth_hold:merchant': 'credit',
  acquirer_receivable: 'debit',
  'merchant_payable:pending': 'credit',
  'merchant_payable:available': 'credit',
  refunds_in_flight: 'credit',
  unallocated_receipts: 'credit',
  merchant_reserve: 'credit',
  fee_revenue: 'credit',
  'fee_recovery:acquirer': 'credit',
  'fee_recovery:scheme': 'credit',
  'fee_recovery:interchange': 'credit',
  fee_rounding: 'credit',
  'fee_expense:acquirer': 'debit',
  'fee_expense:scheme': 'debit',
  'fee_expense:interchange': 'debit',
  acquirer_fees_accrued: 'credit',
  position: 'debit',
  fx_gain_loss: 'credit',
  'fee_expense:dispute': 'debit',
} as const satisfies Record<string, 'debit' | 'credit'>;
type AccountKind = keyof typeof ACCOUNT_SIDES;

/** Which of an event's amounts: `amount` where there is only one. */
export type Part =
  | 'amount'
  | 'presented'
  | 'settled'
  | 'pending'
  | 'available'
  | 'gain'
  | 'acquirer'
  | 'scheme'
  | 'interchange'
  | 'rounding';

/** One of the amounts that an event moves, in minor units. */
export interface MovedPart {
  readonly part: Part;
  readonly amount: bigint;
  readonly currency: string;
}

interface Rule {
  readonly debit: AccountKind;
  readonly credit: AccountKind;
  readonly part?: Part;
  /** It may be less than zero, and then goes the other way. */
  readonly signed?: boolean;
}

const HOLD: Rule = { debit: 'auth_hold:acquirer', credit: 'auth_hold:merchant' };
const RELEASE: Rule = { debit: 'auth_hold:merchant', credit: 'auth_hold:acquirer' };
const EARN: Rule = { debit: 'acquirer_receivable', credit: 'merchant_payable:pending' };

const RULES = {
  authorized: [HOLD],
  incremented: [HOLD],
  released: [RELEASE],
  expired: [RELEASE],
  captured: [RELEASE, EARN],
  // A sale takes at once what it authorizes: the memo pair would cancel itself out.
  sold: [EARN],
  capture_failed: [{ debit: 'merchant_payable:pending', credit: 'acquirer_receivable' }],
  // From where the payment's funds are; `amount` is what is pending, and all of it without terms.
  refund_accepted: [
    { debit: 'merchant_payable:pending', credit: 'refunds_in_flight' },
    { debit: 'merchant_payable:available', credit: 'refunds_in_flight', part: 'available' },
  ],
  refund_succeeded: [{ debit: 'refunds_in_flight', credit: 'acquirer_receivable' }],
  refund_refused: [
    { debit: 'refunds_in_flight', credit: 'merchant_payable:pending' },
    { debit: 'refunds_in_flight', credit: 'merchant_payable:available', part: 'available' },
  ],
  refund_failed: [
    { debit: 'acquirer_receivable', credit: 'merchant_payable:pending' },
    { debit: 'acquirer_receivable', credit: 'merchant_payable:available', part: 'available' },
  ],
  unexpected_sale: [{ debit: 'acquirer_receivable', credit: 'unallocated_receipts' }],
  unexpected_sale_returned: [{ debit: 'unallocated_receipts', credit: 'acquirer_receivable' }],
  // What is owed in the currency of the payment becomes owed in that of the settlement.
  converted: [
    { debit: 'merchant_payable:pending', credit: 'position', part: 'presented' },
    { debit: 'position', credit: 'merchant_payable:pending', part: 'settled' },
  ],
  // Estimates: what the acquirer will charge never touches what it owes before it is settled.
  costs_accrued: [
    { debit: 'fee_expense:acquirer', credit: 'acquirer_fees_accrued', part: 'acquirer' },
    { debit: 'fee_expense:scheme', credit: 'acquirer_fees_accrued', part: 'scheme' },
    { debit: 'fee_expense:interchange', credit: 'acquirer_fees_accrued', part: 'interchange' },
  ],
  costs_recharged: [
    { debit: 'merchant_payable:pending', credit: 'fee_recovery:acquirer', part: 'acquirer' },
    { debit: 'merchant_payable:pending', credit: 'fee_recovery:scheme', part: 'scheme' },
    { debit: 'merchant_payable:pending', credit: 'fee_recovery:interchange', part: 'interchange' },
    { debit: 'merchant_payable:pending', credit: 'fee_rounding', part: 'rounding', signed: true },
  ],
  platform_fee: [{ debit: 'merchant_payable:pending', credit: 'fee_revenue' }],
  platform_fee_refunded: [
    { debit: 'fee_revenue', credit: 'merchant_payable:pending', part: 'pending' },
    { debit: 'fee_revenue', credit: 'merchant_payable:available', part: 'available' },
  ],
  platform_fee_restored: [
    { debit: 'merchant_payable:pending', credit: 'fee_revenue', part: 'pending' },
    { debit: 'merchant_payable:available', credit: 'fee_revenue', part: 'available' },
  ],
  reserve_held: [{ debit: 'merchant_payable:pending', credit: 'merchant_reserve' }],
  reserve_released: [
    { debit: 'merchant_reserve', credit: 'merchant_payable:pending', part: 'pending' },
    { debit: 'merchant_reserve', credit: 'merchant_payable:available', part: 'available' },
  ],
  // Fees above what was captured make it less than zero: then that much is owed from what is available.
  funds_available: [
    { debit: 'merchant_payable:pending', credit: 'merchant_payable:available', signed: true },
  ],
  // A refund closes the position of its capture at what it was opened with; by another rate there is a gain.
  refund_converted: [
    { debit: 'position', credit: 'merchant_payable:pending', part: 'presented' },
    { debit: 'merchant_payable:pending', credit: 'position', part: 'pending' },
    { debit: 'merchant_payable:available', credit: 'position', part: 'available' },
    { debit: 'position', credit: 'fx_gain_loss', part: 'gain', signed: true },
  ],
  refund_unconverted: [
    { debit: 'merchant_payable:pending', credit: 'position', part: 'presented' },
    { debit: 'position', credit: 'merchant_payable:pending', part: 'pending' },
    { debit: 'position', credit: 'merchant_payable:available', part: 'available' },
    { debit: 'fx_gain_loss', credit: 'position', part: 'gain', signed: true },
  ],
  // A capture that failed afterwards: what its terms had made of it, undone (failed-capture.ts).
  funds_recalled: [{ debit: 'merchant_payable:available', credit: 'merchant_payable:pending', signed: true }],
  costs_reversed: [
    { debit: 'acquirer_fees_accrued', credit: 'fee_expense:acquirer', part: 'acquirer' },
    { debit: 'acquirer_fees_accrued', credit: 'fee_expense:scheme', part: 'scheme' },
    { debit: 'acquirer_fees_accrued', credit: 'fee_expense:interchange', part: 'interchange' },
  ],
  costs_recharge_reversed: [
    { debit: 'fee_recovery:acquirer', credit: 'merchant_payable:pending', part: 'acquirer' },
    { debit: 'fee_recovery:scheme', credit: 'merchant_payable:pending', part: 'scheme' },
    { debit: 'fee_recovery:interchange', credit: 'merchant_payable:pending', part: 'interchange' },
    { debit: 'fee_rounding', credit: 'merchant_payable:pending', part: 'rounding', signed: true },
  ],
  conversion_reversed: [
    { debit: 'merchant_payable:pending', credit: 'position', part: 'settled' },
    { debit: 'position', credit: 'merchant_payable:pending', part: 'presented' },
  ],
  // A capture that failed afterwards used up nothing of what is still held.
  hold_restored: [HOLD],
  charged_back: [{ debit: 'merchant_payable:available', credit: 'acquirer_receivable' }],
  chargeback_reversed: [{ debit: 'acquirer_receivable', credit: 'merchant_payable:available' }],
  dispute_fee: [{ debit: 'fee_expense:dispute', credit: 'acquirer_receivable' }],
  dispute_fee_recharged: [{ debit: 'merchant_payable:available', credit: 'fee_revenue' }],
} as const satisfies Record<LedgerEvent, readonly Rule[]>;

export interface Leg {
  /** Account code: the kind, with the acquirer where the account is one acquirer's. */
  readonly code: string;
  readonly normalSide: 'debit' | 'credit';
  readonly currency: string;
  /** Minor units; debit positive, credit negative; never zero. */
  readonly amount: bigint;
}

/** Accounts that there is one of for each acquirer. */
const OF_ACQUIRER: ReadonlySet<AccountKind> = new Set(['acquirer_receivable', 'acquirer_fees_accrued']);

function accountCode(kind: AccountKind, acquirer: string | null, event: LedgerEvent): string {
  if (!OF_ACQUIRER.has(kind)) return kind;
  if (acquirer === null) throw new RangeError(`${event} moves ${kind}, and nobody says of which acquirer`);
  return `${kind}:${acquirer}`;
}

/**
 * The legs of one event, one for each account and currency.
 * @param moved minor units of `currency`; or every amount of the event with its currency, where it has
 * more than one. Several of one part add up.
 * @param acquirer whose accounts are meant; null = nobody's, which only events can do without that move none.
 * @throws RangeError when an amount is not positive that has to be, when an acquirer is missing, and when
 * nothing is left to post: an event that moves nothing is not an event.
 */
export function postingsOf(
  event: LedgerEvent,
  moved: bigint | readonly MovedPart[],
  currency: string,
  acquirer: string | null,
): Leg[] {
  const parts = typeof moved === 'bigint' ? [{ part: 'amount' as const, amount: moved, currency }] : moved;
  if (typeof moved === 'bigint' && moved <= 0n)
    throw new RangeError(`${event}: amount ${moved} is not positive`);
  const rules: readonly Rule[] = RULES[event];
  for (const { part } of parts) {
    if (!rules.some((rule) => (rule.part ?? 'amount') === part))
      throw new RangeError(`${event} has no ${part}`);
  }
  const legs = new Map<string, Leg>();
  const add = (kind: AccountKind, of: string, amount: bigint): void => {
    const code = accountCode(kind, acquirer, event);
    const before = legs.get(`${code} ${of}`)?.amount ?? 0n;
    legs.set(`${code} ${of}`, {
      code,
      normalSide: ACCOUNT_SIDES[kind],
      currency: of,
      amount: before + amount,
    });
  };
  for (const { debit, credit, part = 'amount', signed = false } of rules) {
    for (const one of parts.filter((given) => given.part === part)) {
      if (one.amount < 0n && !signed) throw new RangeError(`${event}: ${part} ${one.amount} is not positive`);
      add(debit, one.currency, one.amount);
      add(credit, one.currency, -one.amount);
    }
  }
  const posted = [...legs.values()].filter(({ amount }) => amount !== 0n);
  if (posted.length === 0) throw new RangeError(`${event} moves nothing`);
  return posted;
}
