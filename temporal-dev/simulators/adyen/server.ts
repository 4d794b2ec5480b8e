import { z } from 'zod';
import { startControlServer } from '../control-server.ts';
import { openOutbox, reportName } from '../http/outbox.ts';
import {
  createDeliveries,
  deliverySchema,
  PROMPT,
  type Delivery,
  type DeliveryPolicy,
} from '../http/webhooks.ts';
import { startWireServer } from '../http/wire-server.ts';
import { openJournal } from '../journal.ts';
import type { SimulatorPlaces } from '../process.ts';
import { adyenApi } from './api.ts';
import { createAuthority } from './authority.ts';
import { createFaults, faultSchema, type Fault } from './faults.ts';
import { adyenEntrySchema, type AdyenEntry } from './journal-entry.ts';
import { eventOf, signedBody } from './render.ts';
import type { ApiRequest } from './request.ts';

export interface SimulatorOptions extends SimulatorPlaces {
  /** Every request must carry it. */
  readonly apiKey: string;
  /** Hexadecimal; its events are signed with it. */
  readonly hmacKey: string;
  /** Where its events go; null = nowhere until it is told. */
  readonly webhookUrl: string | null;
  /** How long what was received waits for its result, by its own clock (ms); null = until it is settled by hand. */
  readonly settleAfterMs: number | null;
  /** A key with another security code, or without, is another request. */
  readonly comparesSecurityCode?: boolean;
}

export interface Simulator {
  readonly port: number;
  readonly controlPort: number;
  entries(): readonly AdyenEntry[];
  arrivals(): readonly ApiRequest[];
  addFault(fault: Fault): void;
  clearFaults(): void;
  /** Moves its clock: keys grow old by it, what was received is settled, events become due. */
  advance(ms: number): void;
  set(settings: Settings): Promise<void>;
  /** Breaks every connection, as a crash would; what is in the journal stays. */
  close(): Promise<void>;
}

/** Keys live at least this long (docs.adyen.com/development-resources/api-idempotency) (m). */
const KEY_LIFETIME_MS = 7 * 24 * 3_600_000;
const SETTLE_EVERY_MS = 25;

const settingsSchema = z.strictObject({
  /** How far its clock is ahead. */
  aheadMs: z.number().int().min(0).max(34_560_000_000).optional(),
  webhookUrl: z.url().nullable().optional(),
  delivery: deliverySchema.partial().optional(),
  settleAfterMs: z.number().int().min(0).nullable().optional(),
  settle: z.strictObject({ id: z.string(), success: z.boolean() }).optional(),
  finish: z.strictObject({ id: z.string(), authorised: z.boolean() }).optional(),
  withdraw: z.string().optional(),
});
type Settings = z.infer<typeof settingsSchema>;

/** Adyen on one machine: the wire, its memory, its journal, its events, and a way to make it misbehave. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { logger, apiKey, hmacKey, comparesSecurityCode = false } = options;
  const journal = await openJournal(options.journalPath, adyenEntrySchema);
  const authority = createAuthority(journal.recovered, KEY_LIFETIME_MS);
  const faults = createFaults();
  let { settleAfterMs, webhookUrl } = options;
  let aheadMs = 0;
  let delivery: DeliveryPolicy = PROMPT;
  const now = (): Date => new Date(Date.now() + aheadMs);
  const outbox = await openOutbox(options.journalPath, journal.recovered, (entry) => [reportName(entry)]);
  const deliveries = createDeliveries({
    target: () => webhookUrl,
    policy: () => delivery,
    now,
    outbox,
    undelivered: journal.recovered.flatMap(reportsOf).filter(({ report: name }) => !outbox.isDone(name)),
    logger,
  });

  function reportsOf(entry: AdyenEntry): readonly Delivery[] {
    const event = eventOf(entry);
    if (event === null) return [];
    return [{ report: reportName(entry), body: signedBody(event, hmacKey), headers: {} }];
  }
  function report(entry: AdyenEntry): void {
    for (const one of reportsOf(entry)) deliveries.add(one);
  }
  /** What happened by itself: reported once it is on the disk. */
  async function happened(entry: AdyenEntry | null): Promise<void> {
    if (entry === null) return;
    await journal.append(entry);
    report(entry);
  }
  async function settleDue(): Promise<void> {
    for (const { at, modification } of authority.book.received()) {
      if (modification.byHand || settleAfterMs === null || now().getTime() - at < settleAfterMs) continue;
      await happened(authority.settle(modification.pspReference, now()));
    }
  }
  /** The answer waits only where its report is to overtake it. */
  async function executed(entry: AdyenEntry): Promise<void> {
    report(entry);
    if (!delivery.beforeReply) return;
    const { modificationAfter } = entry;
    if (modificationAfter?.status === 'received' && !modificationAfter.byHand)
      await happened(authority.settle(modificationAfter.pspReference, now()));
    await deliveries.flush();
  }
  let settling: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    settling = settling.then(settleDue);
  }, SETTLE_EVERY_MS);

  async function set(settings: Settings): Promise<void> {
    const { settle, finish, withdraw } = settings;
    if (settings.aheadMs !== undefined) aheadMs = settings.aheadMs;
    if (settings.webhookUrl !== undefined) webhookUrl = settings.webhookUrl;
    if (settings.settleAfterMs !== undefined) settleAfterMs = settings.settleAfterMs;
    if (settings.delivery !== undefined) delivery = { ...PROMPT, ...withoutUndefined(settings.delivery) };
    if (settle !== undefined) await happened(authority.settle(settle.id, now(), !settle.success));
    if (finish !== undefined) await happened(authority.finish(finish.id, finish.authorised, now()));
    if (withdraw !== undefined) await happened(authority.withdraw(withdraw, now()));
  }

  const api = adyenApi(authority, { apiKey, comparesSecurityCode, executed });
  const wire = await startWireServer(options.port, { api, journal, faults, now, logger });
  const control = await startControlServer(options.controlPort, {
    entries: authority.entries,
    state: () => ({
      connections: wire.connections(),
      lines: authority.entries().length,
      undelivered: deliveries.waiting(),
      payments: authority.book.payments(),
    }),
    faultSchema,
    faults,
    settingsSchema,
    set: (settings) => void set(settings),
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
    addFault: faults.add,
    clearFaults: faults.clear,
    advance: (ms) => void (aheadMs += ms),
    set,
    async close() {
      clearInterval(timer);
      await settling;
      await Promise.all([wire.close(), control.close(), deliveries.close()]);
      await Promise.all([journal.close(), outbox.close()]);
    },
  };
}

function withoutUndefined(policy: {
  readonly [Name in keyof DeliveryPolicy]?: DeliveryPolicy[Name] | undefined;
}): Partial<DeliveryPolicy> {
  return Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined));
}
