import { z } from 'zod';
import { startControlServer } from '../control-server.ts';
import { openOutbox } from '../http/outbox.ts';
import { startWireServer } from '../http/wire-server.ts';
import { openJournal } from '../journal.ts';
import type { SimulatorPlaces } from '../process.ts';
import { stripeApi } from './api.ts';
import { createAuthority } from './authority.ts';
import { createEventSender, namesOf } from './events.ts';
import { createAllFaults, createEventFaults, createFaults, faultSchema, type Fault } from './faults.ts';
import { stripeEntrySchema, type StripeEntry } from './journal-entry.ts';
import type { ApiRequest } from './request.ts';

export interface SimulatorOptions extends SimulatorPlaces {
  /** Every request must carry it. */
  readonly apiKey: string;
  /** How long a refund stays pending (ms); null = until it is settled by hand. */
  readonly refundsPendMs: number | null;
  /** Where its events go, and what they are signed with; null = it sends none. */
  readonly events: { readonly url: string; readonly secret: string } | null;
}

export interface Simulator {
  readonly port: number;
  readonly controlPort: number;
  entries(): readonly StripeEntry[];
  arrivals(): readonly ApiRequest[];
  addFault(fault: Fault): void;
  clearFaults(): void;
  connections(): number;
  /** Types of the events that were sent. */
  sentEvents(): readonly string[];
  /** Moves its clock; keys grow old by it. */
  advance(ms: number): void;
  settleRefund(id: string, status: 'succeeded' | 'failed'): Promise<void>;
  /** Breaks every connection, as a crash would; what is in the journal stays. */
  close(): Promise<void>;
}

/** Keys may be removed once they are at least this old (docs.stripe.com/api/idempotent_requests). */
const KEY_LIFETIME_MS = 24 * 3_600_000;
const SETTLE_EVERY_MS = 100;

/** How far its clock is ahead, and refunds to settle. */
const settingsSchema = z.strictObject({
  aheadMs: z
    .number()
    .int()
    .min(0)
    .max(400 * 86_400_000)
    .optional(),
  settleRefund: z.strictObject({ id: z.string(), status: z.enum(['succeeded', 'failed']) }).optional(),
});

/** Stripe on one machine: the wire, its memory, its journal, and a way to make it misbehave. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { logger, apiKey, refundsPendMs } = options;
  const journal = await openJournal(options.journalPath, stripeEntrySchema);
  const authority = createAuthority(journal.recovered, KEY_LIFETIME_MS);
  const faults = createFaults();
  const eventFaults = createEventFaults();
  const allFaults = createAllFaults(faults, eventFaults);
  const outbox = await openOutbox(options.journalPath, journal.recovered, namesOf);
  const events = createEventSender({
    url: options.events?.url ?? null,
    secret: options.events?.secret ?? '',
    faults: eventFaults,
    outbox,
    recovered: journal.recovered,
    logger,
  });
  let aheadMs = 0;
  const now = (): Date => new Date(Date.now() + aheadMs);

  async function settleRefund(id: string, status: 'succeeded' | 'failed'): Promise<void> {
    const entry = authority.settleRefund(id, status, now());
    if (entry === null) return;
    await journal.append(entry);
    await events.emit(entry);
  }
  function settleDue(): void {
    if (refundsPendMs === null) return;
    const since = new Map(
      authority
        .entries()
        .filter(({ kind }) => kind === 'refund_pending')
        .map(({ refund, at }) => [refund, Date.parse(at)]),
    );
    for (const { id } of authority.book.pendingRefunds())
      if (now().getTime() - (since.get(id) ?? 0) >= refundsPendMs) void settleRefund(id, 'succeeded');
  }
  const settling = setInterval(settleDue, SETTLE_EVERY_MS);

  const api = stripeApi(authority, events, apiKey);
  const wire = await startWireServer(options.port, { api, journal, faults, now, logger });
  const control = await startControlServer(options.controlPort, {
    entries: authority.entries,
    state: () => ({
      connections: wire.connections(),
      lines: authority.entries().length,
      intents: authority.book.intents(),
    }),
    faultSchema,
    faults: allFaults,
    settingsSchema,
    set: ({ aheadMs: ahead, settleRefund: refund }) => {
      if (ahead !== undefined) aheadMs = ahead;
      if (refund !== undefined) void settleRefund(refund.id, refund.status);
    },
  });
  logger.info('simulator_ready', {
    port: wire.port,
    control_port: control.port,
    journal_lines: journal.recovered.length,
  });
  return {
    port: wire.port,
    controlPort: control.port,
    entries: authority.entries,
    arrivals: wire.arrivals,
    addFault: allFaults.add,
    clearFaults: allFaults.clear,
    sentEvents: events.sent,
    connections: wire.connections,
    advance: (ms) => void (aheadMs += ms),
    settleRefund,
    async close() {
      clearInterval(settling);
      await Promise.all([wire.close(), control.close(), events.close()]);
      await Promise.all([journal.close(), outbox.close()]);
    },
  };
}
