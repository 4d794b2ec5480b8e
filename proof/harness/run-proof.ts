import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openClientLog } from '../check/client-log.ts';
import { prove, type Report } from '../check/prove.ts';
import { connect } from '../check/session.ts';
import { sourcesOfRun } from '../check/sources-of-run.ts';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import { seedEndpoint, seedMerchant } from '../../temporal-dev/seed.ts';
import { countBoundaries } from './boundaries.ts';
import { strike, type Fallen } from './breaker.ts';
import { createRecordingClient } from './client.ts';
import { livePayment } from './load.ts';
import { waitForQuiet } from './quiet.ts';
import { randomFrom } from './random.ts';
import { startRecordingReceiver } from './receiver.ts';
import { recoveryTimes } from './recovery.ts';
import { drawSchedule } from './schedule.ts';

export interface ProofOptions {
  /** run.json of a stack that is there for this alone. */
  readonly runPath: string;
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
  readonly fallen: readonly Fallen[];
  readonly boundaries: ReadonlyMap<string, number>;
  /** How payments ended by what their clients were told. */
  readonly endings: ReadonlyMap<string, number>;
  /** Of kills, ascending (ms). */
  readonly recovery: readonly number[];
  /** Operations, commands and deliveries that are not at rest. */
  readonly underway: number;
  readonly report: Report;
}

const AT_ONCE = 8;
/** Different merchants: one message or two, at one acquirer or another. A card is blocked after six payments in a minute. */
const MERCHANTS = 12;

/** Breaks a running stack by a schedule while payments are made on it, lets it heal, and holds the records against each other. */
export async function runProof(options: ProofOptions): Promise<Proof> {
  const { runPath, payments, kills, seconds, seed, quietMs, say } = options;
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
    const began = Date.now();
    const clients = merchants.map((access) =>
      createRecordingClient(run.api, access, log, () => began + seconds * 1_000 + quietMs),
    );
    const endings = new Map<string, number>();
    const breaking =
      sources.temporal === null
        ? Promise.resolve([])
        : strike(runPath, sources.temporal, drawSchedule(random.fork('schedule'), kills, seconds), 20_000);
    let started = 0;
    const lane = async (): Promise<void> => {
      while (started < payments) {
        const index = started++;
        // Spread over the whole time, so that every blow finds payments under way.
        const due = began + Math.floor((index / payments) * seconds * 1_000);
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - Date.now())));
        const client = clients[index % clients.length];
        if (client === undefined) return;
        const ending = await livePayment(client, random.fork(`payment ${index}`), `proof-${seed}-${index}`);
        endings.set(ending, (endings.get(ending) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    const fallen = await breaking;
    say(`${fallen.length} blows fell; waiting for rest`);
    const underway = await waitForQuiet(sources.mainUrl, quietMs);
    await log.close();
    const report = await prove(sources, { since: null, graceMs: 0, patienceMs: 30_000, lanes: 2 });
    const main = await connect(sources.mainUrl, 'proof');
    try {
      return {
        seed,
        fallen,
        boundaries: await countBoundaries(main, fallen),
        endings,
        recovery: await recoveryTimes(clientLog, fallen),
        underway,
        report,
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
      acquirers: only === undefined || index % 3 === 0 ? acquirers : [only],
      singleMessage: index % 2 === 0,
    });
    receiver.trust(merchant, await seedEndpoint({ run, merchant, url: receiver.url(merchant) }));
    merchants.push({ merchant, apiKey });
  }
  return merchants;
}
