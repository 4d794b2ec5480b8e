import { setTimeout as delay } from 'node:timers/promises';
import { StillProcessingError } from './errors.ts';
import type {
  CardVerification,
  PaymentDetails,
  ProcessingCardVerification,
  ProcessingPayment,
} from './types.ts';

export interface WaitOptions {
  /** In all (ms). */
  readonly deadlineMs?: number;
  /** Between two looks, the first pause and the longest (ms). */
  readonly pauseMs?: number;
  readonly longestPauseMs?: number;
  readonly signal?: AbortSignal | undefined;
}

const DEADLINE_MS = 60_000;
const PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Looks at a payment until what was asked of it is known: first when the 202 said, then with growing
 * pauses.
 * @param of its id, or the 202, which also says which operation is meant.
 * @throws StillProcessingError after the deadline.
 */
export function waitForPayment(
  read: (id: string) => Promise<PaymentDetails>,
  of: string | Pick<ProcessingPayment, 'id' | 'pending' | 'next_poll_after'>,
  options: WaitOptions = {},
): Promise<PaymentDetails> {
  const pending = typeof of === 'string' ? null : of.pending;
  return lookUntil(read, (payment) => isKnown(payment, pending), of, options);
}

/**
 * Looks at a card verification until it has ended, as a payment is waited for. `unknown` is an end.
 * @param of its id, or the 202.
 * @throws StillProcessingError after the deadline.
 */
export function waitForVerification(
  read: (id: string) => Promise<CardVerification>,
  of: string | Pick<ProcessingCardVerification, 'id' | 'next_poll_after'>,
  options: WaitOptions = {},
): Promise<CardVerification> {
  return lookUntil(read, ({ status }) => status !== 'processing', of, options);
}

async function lookUntil<Found>(
  read: (id: string) => Promise<Found>,
  isEnd: (found: Found) => boolean,
  of: string | { readonly id: string; readonly next_poll_after: string },
  { deadlineMs = DEADLINE_MS, pauseMs = PAUSE_MS, longestPauseMs = LONGEST_PAUSE_MS, signal }: WaitOptions,
): Promise<Found> {
  const id = typeof of === 'string' ? of : of.id;
  const end = performance.now() + deadlineMs;
  const rest = async (ms: number): Promise<void> => {
    await delay(Math.min(ms, end - performance.now()), undefined, signal === undefined ? {} : { signal });
  };
  // The clock of the API is not ours: what it says is a pause of ours at most.
  if (typeof of !== 'string') {
    const told = Date.parse(of.next_poll_after) - Date.now();
    await rest(Math.max(0, Math.min(longestPauseMs, Number.isNaN(told) ? pauseMs : told)));
  }
  let pause = pauseMs;
  for (;;) {
    const found = await read(id);
    if (isEnd(found)) return found;
    if (performance.now() + pause > end) throw new StillProcessingError(id, deadlineMs);
    await rest(pause);
    pause = Math.min(longestPauseMs, pause * 1.5);
  }
}

/** Operations that a payment lists, by what a 202 calls them. */
const LISTED = {
  increment: 'increments',
  capture: 'captures',
  refund: 'refunds',
  void: 'voids',
  reauthorization: 'reauthorizations',
} as const;

function isKnown(payment: PaymentDetails, pending: ProcessingPayment['pending'] | null): boolean {
  if (payment.status === 'processing') return false;
  const list = pending !== null && isListed(pending.object) ? LISTED[pending.object] : null;
  if (list === null) return true;
  const found = payment[list].find(({ id }) => id === pending?.id);
  return found !== undefined && found.status !== 'pending';
}

function isListed(object: string): object is keyof typeof LISTED {
  return Object.hasOwn(LISTED, object);
}
