import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Logger } from '../../../platform/logger.ts';
import type { Outbox } from './outbox.ts';

/** How what a simulator reports by itself is delivered. */
export const deliverySchema = z.strictObject({
  /** How long after it happened, by the simulator's clock (ms). */
  delayMs: z.number().int().min(0).max(2_592_000_000),
  /** How often each is sent. */
  copies: z.number().int().min(1).max(10),
  /** What waits is sent newest first. */
  newestFirst: z.boolean(),
  /** Nothing leaves. */
  paused: z.boolean(),
  /** What happens at once is delivered before the request is answered. */
  beforeReply: z.boolean(),
});
export type DeliveryPolicy = z.infer<typeof deliverySchema>;

export const PROMPT: DeliveryPolicy = {
  delayMs: 0,
  copies: 1,
  newestFirst: false,
  paused: false,
  beforeReply: false,
};

/** One request to the receiver. */
export interface Delivery {
  /** Its name in the outbox. */
  readonly report: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Waiting extends Delivery {
  readonly dueAt: number;
  /** Of this machine's clock: after a refusal it is tried again. */
  readonly notBefore: number;
  readonly tries: number;
}

export interface Deliveries {
  add(delivery: Delivery): void;
  /** Resolves once all that is due has been tried once. */
  flush(): Promise<void>;
  /** What was not delivered yet. */
  readonly waiting: () => number;
  close(): Promise<void>;
}

const PUMP_EVERY_MS = 25;
const RETRY_MAX_MS = 30_000;

/**
 * Delivers what a simulator reports, again and again until it is answered 2xx and the outbox knows it.
 * @param target null = nobody listens: what happens is not reported.
 * @param undelivered what was not taken before a restart, in the order in which it happened; sent at once.
 */
export function createDeliveries(parts: {
  readonly target: () => string | null;
  readonly policy: () => DeliveryPolicy;
  readonly now: () => Date;
  readonly outbox: Outbox;
  readonly undelivered: readonly Delivery[];
  readonly logger: Logger;
}): Deliveries {
  const { target, policy, now, outbox, logger } = parts;
  let waiting: Waiting[] = parts.undelivered.map((one) => ({ ...one, dueAt: 0, notBefore: 0, tries: 0 }));
  const closing = new AbortController();
  let pumping: Promise<void> = Promise.resolve();

  async function deliver(one: Waiting): Promise<void> {
    const url = target();
    if (url === null) {
      outbox.done(one.report);
      return;
    }
    for (let copy = 0; copy < policy().copies; copy += 1) {
      if (await accepted(url, one)) continue;
      const notBefore = Date.now() + Math.min(200 * 2 ** one.tries, RETRY_MAX_MS);
      waiting.push({ ...one, tries: one.tries + 1, notBefore });
      return;
    }
    outbox.done(one.report);
  }

  async function accepted(url: string, { body, headers }: Delivery): Promise<boolean> {
    try {
      const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(5_000)]);
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
        signal,
      });
      await response.arrayBuffer();
      return response.ok;
    } catch (error) {
      if (!closing.signal.aborted) logger.info('simulator_report_not_taken', { error });
      return false;
    }
  }

  async function pump(): Promise<void> {
    if (policy().paused) return;
    const due = waiting.filter(({ dueAt, notBefore }) => dueAt <= now().getTime() && notBefore <= Date.now());
    if (due.length === 0) return;
    waiting = waiting.filter((one) => !due.includes(one));
    for (const one of policy().newestFirst ? due.reverse() : due) await deliver(one);
  }

  function flush(): Promise<void> {
    pumping = pumping.then(pump);
    return pumping;
  }

  const loop = (async () => {
    while (!closing.signal.aborted) {
      await flush();
      await delay(PUMP_EVERY_MS, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  })();

  return {
    add(delivery) {
      if (target() === null) {
        outbox.done(delivery.report);
        return;
      }
      waiting.push({ ...delivery, dueAt: now().getTime() + policy().delayMs, notBefore: 0, tries: 0 });
    },
    flush,
    waiting: () => waiting.length,
    async close() {
      closing.abort();
      await loop;
    },
  };
}
