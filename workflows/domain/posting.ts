/**
 * What each event of a payment does to the books: one pure function, total over events
 * (payment-rules: postings). Debits are positive, credits negative; every event nets to zero.
 */
export const LEDGER_EVENTS = [
  'authorized',
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
] as const;
export type LedgerEvent = (typeof LEDGER_EVENTS)[number];

export const ACCOUNT_SIDES = {
  'auth_hold:acquirer': 'debit',
  'auth_hold:merchant': 'credit',
  acquirer_receivable: 'debit',
  'merchant_payable:pending': 'credit',
  refunds_in_flight: 'credit',
  unallocated_receipts: 'credit',
} as const satisfies Record<string, 'debit' | 'credit'>;
type AccountKind = keyof typeof ACCOUNT_SIDES;

interface Rule {
  readonly debit: AccountKind;
  readonly credit: AccountKind;
}

const HOLD: Rule = { debit: 'auth_hold:acquirer', credit: 'auth_hold:merchant' };
const RELEASE: Rule = { debit: 'auth_hold:merchant', credit: 'auth_hold:acquirer' };
const EARN: Rule = { debit: 'acquirer_receivable', credit: 'merchant_payable:pending' };

const RULES = {
  authorized: [HOLD],
  released: [RELEASE],
  expired: [RELEASE],
  captured: [RELEASE, EARN],
  // A sale takes at once what it authorizes: the memo pair would cancel itself out.
  sold: [EARN],
  capture_failed: [{ debit: 'merchant_payable:pending', credit: 'acquirer_receivable' }],
  refund_accepted: [{ debit: 'merchant_payable:pending', credit: 'refunds_in_flight' }],
  refund_succeeded: [{ debit: 'refunds_in_flight', credit: 'acquirer_receivable' }],
  refund_refused: [{ debit: 'refunds_in_flight', credit: 'merchant_payable:pending' }],
  refund_failed: [{ debit: 'acquirer_receivable', credit: 'merchant_payable:pending' }],
  unexpected_sale: [{ debit: 'acquirer_receivable', credit: 'unallocated_receipts' }],
} as const satisfies Record<LedgerEvent, readonly Rule[]>;

export interface Leg {
  /** Account code: the kind, with the acquirer where the account is one acquirer's. */
  readonly code: string;
  readonly normalSide: 'debit' | 'credit';
  readonly currency: string;
  /** Minor units; debit positive, credit negative; never zero. */
  readonly amount: bigint;
}

function accountCode(kind: AccountKind, acquirer: string): string {
  return kind === 'acquirer_receivable' ? `${kind}:${acquirer}` : kind;
}

/**
 * The legs of one event.
 * @throws RangeError when `amount` is not positive: an event that moves nothing is not an event.
 */
export function postingsOf(event: LedgerEvent, amount: bigint, currency: string, acquirer: string): Leg[] {
  if (amount <= 0n) throw new RangeError(`${event}: amount ${amount} is not positive`);
  return RULES[event].flatMap(({ debit, credit }) => [
    { code: accountCode(debit, acquirer), normalSide: ACCOUNT_SIDES[debit], currency, amount },
    { code: accountCode(credit, acquirer), normalSide: ACCOUNT_SIDES[credit], currency, amount: -amount },
  ]);
}
