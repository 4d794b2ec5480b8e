import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openClientLog } from '../check/client-log.ts';
import { prove, type Report } from '../check/prove.ts';
import { connect } from '../check/session.ts';
import { sourcesOfRun } from '../check/sources-of-run.ts';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import { seedEndpoint, seedMerchant } from '../../temporal-dev/seed.ts';
import { countBoundaries } from './boundaries.ts';
import { strike, type Fallen, type Tools } from './breaker.ts';
import { createRecordingClient } from './client.ts';
import { livePayment } from './load.ts';
import { waitForQuiet } from './quiet.ts';
import { randomFrom } from './random.ts';
import { startRecordingReceiver } from './receiver.ts';
import { recoveryTimes } from './recovery.ts';
import { drawSchedule } from './schedule.ts';

export interface ProofOptions extends Omit<Tools, 'temporal'> {
  readonly payments: number;
  readonly kills: number;
  readonly seconds: number;
  readonly seed: number;
  /** How long everything may take to come to rest afterwards (ms). */
  readonly quietMs: number;
  readonly say: (line: string) => void;
}

export interface Proof {
  readonly seed: number;
  /** Made, those beyond the asked for included that the last crash points were waited for with. */
  readonly payments: number;
  readonly fallen: readonly Fallen[];
  /** Orders to crash that nobody came to pass. */
  readonly unreached: number;
  readonly boundaries: ReadonlyMap<string, number>;
  /** How payments ended by what their clients were told. */
  readonly endings: ReadonlyMap<string, number>;
  /** Of ends of processes, ascending (ms). */
  readonly recovery: readonly number[];
  /** Events of acquirers that were taken in. */
  readonly eventsTaken: number;
  /** Operations, commands, deliveries and acquirers' events that are not at rest. */
  readonly underway: number;
  readonly report: Report;
  /** The whole of it (s): blows, rest, check. */
  readonly seconds: number;
}

/** Payments under way together: one that a blow leaves unknown keeps its client for a minute and more. */
const AT_ONCE = { least: 16, most: 128, ofAll: 24 } as const;
/** Different merchants: one message or two, at one acquirer or another. A card is blocked after six payments in a minute. */
const MERCHANTS = 12;
/** How long payments go on for the crash points that nobody has passed yet, since one was passed last (ms). */
const LAST_POINTS_MS = 45_000;

/** Breaks a running stack by a schedule while payments are made on it, lets it heal, and holds the records against each other. */
export async function runProof(options: ProofOptions): Promise<Proof> {
  const { runPath, orders, links, disk, clocks, payments, kills, seconds, seed, quietMs, say } = options;
  const began = Date.now();
  const random = randomFrom(seed);
  const run = await readRunFile(runPath);
  const clientLog = join(run.dir, 'proof-client.jsonl');
  const receiverLog = join(run.dir, 'proof-receiver.jsonl');
  const receiver = await startRecordingReceiver(receiverLog);
  const log = openClientLog(clientLog);
  const sources = await sourcesOfRun(run, { clientLog, receiverLog });
  try {
    const merchants = await seedMerchants(runPath, receiver);
    say(
      `seed ${seed}: ${payments} payments of ${merchants.length} merchants, ${kills} blows in ${seconds} s`,
    );
    const started = Date.now();
    // Nobody gives up while blows fall; afterwards everybody has to be answered within the time for rest.
    let end = Number.POSITIVE_INFINITY;
    const clients = merchants.map((access, index) =>
      createRecordingClient(run.api, access, log, () => end, random.fork(`client ${index}`)),
    );
    const endings = new Map<string, number>();
    const { temporal } = sources;
    const fallen: Fallen[] = [];
    const blows = drawSchedule(random.fork('schedule'), kills, seconds);
    const breaking =
      temporal === null
        ? Promise.resolve([])
        : strike({ runPath, temporal, orders, links, disk, clocks }, blows);
    let made = 0;
    let more = true;
    const lane = async (): Promise<void> => {
      while ((made < payments || more) && Date.now() < end) {
        const index = made++;
        // Spread over the whole time, so that every blow finds payments under way.
        const due = started + Math.floor((index / payments) * seconds * 1_000);
        await delay(Math.max(0, due - Date.now()));
        const client = clients[index % clients.length];
        if (client === undefined) return;
        const ending = await livePayment(client, random.fork(`payment ${index}`), `proof-${seed}-${index}`);
        endings.set(ending, (endings.get(ending) ?? 0) + 1);
      }
    };
    const lanes = Math.min(AT_ONCE.most, Math.max(AT_ONCE.least, Math.ceil(payments / AT_ONCE.ofAll)));
    const living = Promise.all(Array.from({ length: lanes }, lane));
    fallen.push(...(await breaking));
    end = Date.now() + quietMs + LAST_POINTS_MS;
    const ordered = blows.filter(({ kind }) => kind === 'crash').length;
    let passed = 0;
    let until = Date.now() + LAST_POINTS_MS;
    while (passed < ordered && Date.now() < Math.min(until, end)) {
      await delay(200);
      const now = (await orders.fallen()).length;
      if (now > passed) until = Date.now() + LAST_POINTS_MS;
      passed = now;
    }
    more = false;
    await living;
    const unreached = await orders.takeBack();
    links.clear();
    for (const { role, boundary, side, at } of await orders.fallen())
      fallen.push({ kind: 'crash', what: `${boundary} ${side} (${role})`, at });
    say(`${fallen.length} blows fell, ${made} payments made; waiting for rest`);
    const underway = await waitForQuiet(sources.mainUrl, quietMs);
    await log.close();
    const report = await prove(sources, { since: null, graceMs: 0, patienceMs: 30_000, lanes: 2 });
    const main = await connect(sources.mainUrl, 'proof');
    try {
      const { rows } = await main.query<{ count: number }>(
        'select count(*)::int as count from acquirer_events',
      );
      return {
        seed,
        payments: made,
        fallen,
        unreached,
        boundaries: await countBoundaries(main, fallen),
        endings,
        recovery: await recoveryTimes(clientLog, fallen),
        eventsTaken: rows[0]?.count ?? 0,
        underway,
        report,
        seconds: (Date.now() - began) / 1_000,
      };
    } finally {
      await main.end();
    }
  } finally {
    await receiver.close();
    await sources.close();
  }
}

async function seedMerchants(
  runPath: string,
  receiver: Awaited<ReturnType<typeof startRecordingReceiver>>,
): Promise<readonly { merchant: string; apiKey: string }[]> {
  const run = await readRunFile(runPath);
  const acquirers = run.acquirers.map(({ id }) => id);
  const merchants: { merchant: string; apiKey: string }[] = [];
  for (let index = 0; index < MERCHANTS; index += 1) {
    const apiKey = `sk_test_${randomBytes(32).toString('hex')}`;
    const only = acquirers[index % acquirers.length];
    const merchant = await seedMerchant({
      ownerUrl: run.postgres.urls.owner,
      apiKey,
      name: `Proof shop ${index}`,
      acquirers: only === undefined || index % 4 === 0 ? acquirers : [only],
      singleMessage: index % 2 === 0,
    });
    receiver.trust(merchant, await seedEndpoint({ run, merchant, url: receiver.url(merchant) }));
    merchants.push({ merchant, apiKey });
  }
  return merchants;
}
