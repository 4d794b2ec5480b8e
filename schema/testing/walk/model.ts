import type { OperationId, PaymentId } from '../../../workflows/domain/ids.ts';
import type { AttemptKind } from '../../../workflows/domain/outcome.ts';
import type { Entry } from './acquirer.ts';

/** What the model knows of one payment, in minor units. */
export interface Figures {
  authorized: bigint;
  held: bigint;
  captured: bigint;
  refunded: bigint;
  refundPending: bigint;
  disputed: bigint;
}

const NOTHING: Figures = {
  authorized: 0n,
  held: 0n,
  captured: 0n,
  refunded: 0n,
  refundPending: 0n,
  disputed: 0n,
};

/** One line per event: how often its amount is added to each figure. */
export const EVENTS = {
  authorized: { authorized: 1n, held: 1n },
  incremented: { authorized: 1n, held: 1n },
  released: { held: -1n },
  expired: { held: -1n },
  captured: { held: -1n, captured: 1n },
  sold: { authorized: 1n, captured: 1n },
  refund_accepted: { refundPending: 1n },
  refund_succeeded: { refundPending: -1n, refunded: 1n },
  refund_refused: { refundPending: -1n },
  charged_back: { disputed: 1n },
  chargeback_reversed: { disputed: -1n },
} as const satisfies Record<string, Partial<Record<keyof Figures, bigint>>>;
export type ModelEvent = keyof typeof EVENTS;

/** One line per account: what its balance says about all payments of a merchant. Debits are positive. */
export const ACCOUNTS: Readonly<Record<string, (sum: Figures) => bigint>> = {
  'auth_hold:acquirer': ({ held }) => held,
  'auth_hold:merchant': ({ held }) => -held,
  'acquirer_receivable:acquirer-1': ({ captured, refunded, disputed }) => captured - refunded - disputed,
  'merchant_payable:pending': ({ captured, refunded, refundPending }) => refunded + refundPending - captured,
  'merchant_payable:available': ({ disputed }) => disputed,
  refunds_in_flight: ({ refundPending }) => -refundPending,
};

/** One line per message: what its answer books; nothing where it is left out. */
const BOOKED: Readonly<Record<AttemptKind, Partial<Record<Entry['outcome'], ModelEvent>>>> = {
  authorization: { approved: 'authorized' },
  sale: { approved: 'sold' },
  increment: { approved: 'incremented' },
  capture: { approved: 'captured' },
  void: { approved: 'released' },
  partial_void: { approved: 'released' },
  refund: { approved: 'refund_succeeded', declined: 'refund_refused' },
  reversal: {},
};

/** Everything a person at the side of the road has seen of one payment. */
export interface Seen {
  readonly payment: PaymentId;
  /** The acquirer's journal about it, in order. */
  readonly journal: readonly Entry[];
  /** Attempts whose answer was given to us, in the end. */
  readonly told: ReadonlySet<string>;
  /** Refunds that the merchant asked for and was not refused, with their amount. */
  readonly refunds: ReadonlyMap<OperationId, bigint>;
  /** What the acquirer reported and was not refused. */
  readonly reports: readonly { readonly event: ModelEvent; readonly amount: bigint }[];
}

export interface Modelled extends Figures {
  /** How many transactions of each event there must be. */
  readonly counts: Readonly<Record<ModelEvent, number>>;
}

/** What the books must say about a payment, by nothing but what was seen of it from outside. */
export function modelOf({ journal, told, refunds, reports }: Seen): Modelled {
  const figures: Figures = { ...NOTHING };
  const counts = Object.fromEntries(Object.keys(EVENTS).map((event) => [event, 0])) as Record<
    ModelEvent,
    number
  >;
  const book = (event: ModelEvent, amount: bigint): void => {
    counts[event] += 1;
    const factors: Partial<Record<keyof Figures, bigint>> = EVENTS[event];
    for (const [figure, factor] of Object.entries(factors) as [keyof Figures, bigint][])
      figures[figure] += factor * amount;
  };
  const undone = new Set(
    journal
      .filter(({ kind, outcome }) => kind === 'reversal' && outcome === 'approved')
      .map(({ attempt }) => originalOf(attempt)),
  );
  for (const amount of refunds.values()) book('refund_accepted', amount);
  for (const { event, amount } of reports) book(event, amount);
  for (const { attempt, kind, outcome, approved } of journal) {
    const event = BOOKED[kind][outcome];
    if (event === undefined || undone.has(attempt)) continue;
    // A refund whose answer nobody got stays on its way; everything else is asked until it is known.
    if (kind === 'refund' && !told.has(attempt)) continue;
    if (event === 'released') book(attempt.startsWith('att_exp_') ? 'expired' : 'released', figures.held);
    else book(event, approved);
  }
  return { ...figures, counts };
}

/** The attempt that a reversal undoes. */
export function originalOf(reversal: string): string {
  return reversal.replace(/_reversal$/, '');
}

/** The sum of what payments say. */
export function sumOf(payments: readonly Figures[]): Figures {
  const sum: Figures = { ...NOTHING };
  for (const payment of payments)
    for (const figure of Object.keys(sum) as (keyof Figures)[]) sum[figure] += payment[figure];
  return sum;
}
