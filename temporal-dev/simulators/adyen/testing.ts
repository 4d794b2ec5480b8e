import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import {
  createAdyenActivities,
  createAdyenClient,
  createAdyenPlanner,
} from '../../../activities/acquirers/adyen/index.ts';
import { adyenEventReader } from '../../../activities/acquirers/adyen/event-reports.ts';
import { verifyAdyenEvents } from '../../../activities/acquirers/adyen/events.ts';
import type { KnownAttempt, Standing, Told } from '../../../activities/acquirers/events.ts';
import { createHttpConnections } from '../../../activities/acquirers/http.ts';
import type { Logger } from '../../../platform/logger.ts';
import type { AcquirerAccountId, OperationId } from '../../../workflows/domain/ids.ts';
import type { AcquirerActivities, CallResult } from '../../../workflows/ports/acquirer.ts';
import type { AcquirerAccount } from '../../../workflows/ports/wire.ts';
import { createMemoryAttempts, silent, type MemoryAttempt } from '../testing/memory-attempts.ts';
import { startSimulator } from './server.ts';

const API_KEY = 'test_key_of_the_adyen_simulator';
const HMAC_KEY = '00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF';
const MERCHANT_ACCOUNT = 'TestShopECOM';
const account: AcquirerAccount = {
  id: 'aca_test' as AcquirerAccountId,
  acquirer: 'acquirer-4',
  merchantAccount: MERCHANT_ACCOUNT,
  mcc: '5999',
  iso8583: null,
};

/** An answer to a question that was asked less than this ago may still come by itself (ms). */
const EARLY_MS = 20_000;

/** An event that came, and what it told. */
interface Received {
  readonly type: string;
  readonly told: readonly Told[];
}

/** The adapter, a simulator and a receiver of its events, on real sockets of 127.0.0.1, with rows and cards in memory. */
export async function startHarness({ callLimitMs = 20_000, comparesSecurityCode = false } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'adyen-simulator-'));
  const received: Received[] = [];
  const memory = createMemoryAttempts(createAdyenPlanner(), account, {
    fencesByReversal: false,
    inFlightMs: 600_000,
  });

  /** As the inbox knows it: every attempt here is of one payment, with an operation of its own. */
  async function standing(): Promise<Standing> {
    const attempts = [...memory.rows.values()].map(async ({ ref }): Promise<KnownAttempt> => {
      const record = await memory.store.load(ref);
      if (record === null) throw new Error(`${ref.attempt} is gone`);
      return { ...record, id: ref.attempt, operation: `ref_${ref.attempt}` as OperationId };
    });
    const known = await Promise.all(attempts);
    const operations = known.map(({ operation: id, outcome }) => ({
      id,
      state: outcome === 'approved' ? 'succeeded' : 'pending',
    }));
    return {
      attempts: known,
      operations: operations as unknown as Standing['operations'],
      currency: 'EUR',
      holding: null,
      captured: 0n,
      undone: 0n,
      told: [],
    };
  }

  /** True = it comes too early: the call that it is about may still be answered, with more in it. */
  async function take(told: Told): Promise<boolean> {
    if (told.type !== 'answer') return false;
    const row = memory.rows.get(told.attempt);
    if (row === undefined) throw new Error(`${told.attempt} is gone`);
    const asks = row.kind === 'authorization' || row.kind === 'sale';
    if (asks && row.state === 'sending' && memory.age.ms < EARLY_MS) return true;
    await memory.store.recordAnswer(row.ref, told.answer);
    return false;
  }

  const receiver = createServer((request, response) => {
    void (async () => {
      const body = Buffer.from(await text(request));
      const verified = verifyAdyenEvents(body, request.headers, [HMAC_KEY], Date.now());
      if (verified.type === 'refused') return response.writeHead(401).end();
      for (const { item, type } of verified.items) {
        const told = adyenEventReader.tell(item, await standing());
        const early = await Promise.all(told.map(take));
        if (early.includes(true)) return response.writeHead(503).end();
        received.push({ type, told });
      }
      return response.writeHead(200).end('[accepted]');
    })();
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const address = receiver.address();
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port');

  const options = {
    controlPort: 0,
    journalPath: join(folder, 'journal.jsonl'),
    apiKey: API_KEY,
    hmacKey: HMAC_KEY,
    webhookUrl: `http://127.0.0.1:${address.port}/`,
    settleAfterMs: 0,
    comparesSecurityCode,
    logger: silent,
  };
  let simulator = await startSimulator({ ...options, port: 0 });
  const { port } = simulator;
  let aheadMs = 0;
  const clock = { extraMs: 0 };
  const alarms: string[] = [];
  const logger: Logger = { ...silent, error: (event) => void alarms.push(event) };
  const http = createHttpConnections(4);
  const activitiesWithin = (limitMs: number, apiKey = API_KEY): AcquirerActivities =>
    createAdyenActivities({
      store: memory.store,
      cards: memory.cards,
      client: createAdyenClient({ url: `http://127.0.0.1:${port}`, apiKey }, http, limitMs),
      logger,
      onLateReply: () => {},
      monotonicMs: () => performance.now() + clock.extraMs,
    });
  const activities = activitiesWithin(callLimitMs);

  return {
    ...memory,
    activities,
    /** The same adapter, for calls that are meant to run into their limit. */
    impatient: activitiesWithin(500),
    activitiesWithin,
    alarms,
    clock,
    received,
    simulator: () => simulator,
    journal: () =>
      simulator
        .entries()
        .filter(({ kind }) => kind !== 'received')
        .map(({ kind, amount }) => ({ kind, amount })),
    /** Commits the undoing of an attempt, as the ledger does, and sends it. */
    async reverse(original: MemoryAttempt): Promise<{ reversal: MemoryAttempt; result: CallResult }> {
      original.state = 'reversing';
      const reversal = await memory.plan('reversal', original.amount, { original });
      return { reversal, result: await activities.reverse(reversal.ref) };
    },
    /** Polls until it holds; with the journal in the error when it does not within 10 s. */
    async until(what: string, holds: () => boolean): Promise<void> {
      for (const end = Date.now() + 10_000; !holds();) {
        if (Date.now() > end)
          throw new Error(`${what}: not within 10 s; ${JSON.stringify(simulator.entries().slice(-3))}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    async restartSimulator(): Promise<void> {
      await simulator.close();
      simulator = await startSimulator({ ...options, port });
      simulator.advance(aheadMs);
    },
    /** Time goes by for the attempts and for the simulator. */
    pass(ms: number): void {
      memory.age.ms += ms;
      aheadMs += ms;
      simulator.advance(ms);
    },
    async stop(): Promise<void> {
      http.close();
      await simulator.close();
      receiver.closeAllConnections();
      await new Promise((resolve) => receiver.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type Harness = Awaited<ReturnType<typeof startHarness>>;
