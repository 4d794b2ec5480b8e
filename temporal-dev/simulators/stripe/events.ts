import { setTimeout as delay } from 'node:timers/promises';
import Stripe from 'stripe';
import type { Logger } from '../../../platform/logger.ts';
import { reportName, type Outbox } from '../http/outbox.ts';
import type { EventFaults } from './faults.ts';
import type { EntryKind, IntentState, StripeEntry } from './journal-entry.ts';
import { renderIntent, renderRefund } from './render.ts';

export interface EventOptions {
  /** Where events go; null = nowhere. */
  readonly url: string | null;
  /** What they are signed with. */
  readonly secret: string;
  readonly faults: EventFaults;
  readonly outbox: Outbox;
  /** Lines of the journal from before a restart: what of them was not taken is sent at once. */
  readonly recovered: readonly StripeEntry[];
  readonly logger: Logger;
}

export interface EventSender {
  /** Tells what a line of the journal means. Resolves at once, but for what must be there before the reply. */
  emit(entry: StripeEntry): Promise<void>;
  /** Event types sent so far, those that were not taken included. */
  readonly sent: () => readonly string[];
  close(): Promise<void>;
}

interface Event {
  /** Its name in the outbox. */
  readonly report: string;
  readonly type: string;
  readonly body: string;
}

const CALL_LIMIT_MS = 5_000;
/** Pauses before an event that was not taken is sent again (ms); the last is the end, until a restart. */
const PAUSES_MS = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000] as const;

/** Sends signed events as Stripe does: each on its own, again until it is taken, in no order that holds. */
export function createEventSender(options: EventOptions): EventSender {
  const { url, secret, faults, outbox, recovered, logger } = options;
  const closing = new AbortController();
  const underWay = new Set<Promise<void>>();
  const sent: string[] = [];

  async function post({ type, body }: Event): Promise<boolean> {
    if (url === null) return true;
    sent.push(type);
    const signature = Stripe.webhooks.generateTestHeaderString({ payload: body, secret });
    try {
      const response = await fetch(url, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signature },
        signal: AbortSignal.any([closing.signal, AbortSignal.timeout(CALL_LIMIT_MS)]),
      });
      await response.body?.cancel();
      if (response.status !== 200) logger.warn('simulator_event_refused', { type, status: response.status });
      return response.status === 200;
    } catch (error) {
      if (!closing.signal.aborted) logger.warn('simulator_event_not_sent', { type, error });
      return false;
    }
  }

  async function deliver(event: Event, afterMs: number, times: number): Promise<void> {
    try {
      if (afterMs > 0) await delay(afterMs, undefined, { signal: closing.signal });
      for (let copy = 0; copy < times; copy += 1) {
        for (const pauseMs of [0, ...PAUSES_MS]) {
          if (pauseMs > 0) await delay(pauseMs, undefined, { signal: closing.signal });
          if (closing.signal.aborted) return;
          if (!(await post(event))) continue;
          if (copy === times - 1) outbox.done(event.report);
          break;
        }
      }
    } catch (error) {
      if (!closing.signal.aborted) throw error;
    }
  }

  function inBackground(event: Event, afterMs: number, times: number): void {
    const done = deliver(event, afterMs, times).finally(() => underWay.delete(done));
    underWay.add(done);
  }

  for (const event of recovered.flatMap(eventsOf))
    if (url === null) outbox.done(event.report);
    else if (!outbox.isDone(event.report)) inBackground(event, 0, 1);

  return {
    async emit(entry) {
      for (const event of eventsOf(entry)) {
        if (url === null) {
          outbox.done(event.report);
          continue;
        }
        const fault = faults.take(event.type);
        if (fault !== null) logger.info('simulator_event_fault', { fault: fault.type, event: event.type });
        switch (fault?.type) {
          case 'event_lost':
            outbox.done(event.report);
            break;
          case 'event_delay':
            inBackground(event, fault.delayMs, 1);
            break;
          case 'event_twice':
            inBackground(event, 0, 2);
            break;
          case 'event_first':
            await deliver(event, 0, 1);
            break;
          case undefined:
            inBackground(event, 0, 1);
        }
      }
    },
    sent: () => sent,
    async close() {
      closing.abort();
      await Promise.all(underWay);
    },
  };
}

/** What Stripe calls each line; a line that changed nothing is told by none. */
const TYPES = {
  created: ['payment_intent.created'],
  approved: ['payment_intent.amount_capturable_updated', 'charge.succeeded'],
  sale: ['payment_intent.succeeded', 'charge.succeeded'],
  declined: ['payment_intent.payment_failed', 'charge.failed'],
  captured: ['payment_intent.succeeded', 'charge.captured'],
  released: ['payment_intent.succeeded'],
  voided: ['payment_intent.canceled', 'charge.refunded'],
  canceled: ['payment_intent.canceled'],
  refunded: ['refund.created', 'charge.refunded'],
  refund_pending: ['refund.created'],
  refund_failed: ['refund.failed', 'refund.updated'],
  refused: [],
  failed: [],
} as const satisfies Record<EntryKind, readonly string[]>;

/** What each line of the journal is reported as. */
export const namesOf = (entry: StripeEntry): readonly string[] => eventsOf(entry).map(({ report }) => report);

function eventsOf(entry: StripeEntry): readonly Event[] {
  const { sequence, at, merchantAccount, intentAfter, refundAfter, key, kind } = entry;
  return TYPES[kind].flatMap((named, index) => {
    // A refund that was pending is told of again; a capture that is not the last leaves the intent open.
    const type =
      named === 'refund.created' && key === null
        ? 'refund.updated'
        : named === 'payment_intent.succeeded' && intentAfter?.status === 'requires_capture'
          ? 'payment_intent.amount_capturable_updated'
          : named;
    const object = objectOf(type, intentAfter, refundAfter);
    if (object === null) return [];
    const body = JSON.stringify({
      id: `evt_sim${String(sequence).padStart(12, '0')}x${index}`,
      object: 'event',
      api_version: '2026-06-30',
      created: Math.floor(Date.parse(at) / 1_000),
      livemode: false,
      ...(merchantAccount === 'platform' ? {} : { account: merchantAccount }),
      type,
      data: { object },
    });
    return [{ report: reportName(entry, index), type, body }];
  });
}

function objectOf(
  type: string,
  intent: IntentState | null,
  refund: StripeEntry['refundAfter'],
): Record<string, unknown> | null {
  if (type.startsWith('refund.')) return refund === null ? null : renderRefund(refund);
  if (intent === null) return null;
  if (type.startsWith('payment_intent.')) return renderIntent(intent, false);
  return intent.charge === null
    ? null
    : { id: intent.charge.id, object: 'charge', amount: intent.amount, payment_intent: intent.id };
}
