import { cpus, loadavg } from 'node:os';
import pMap from 'p-map';
import pg from 'pg';
import { newStackFolder, removeStack, startStack } from '../../temporal-dev/start-stack.ts';
import { cpuOf, cpuPerPayment, readProcesses } from '../support/processes.ts';
import { openCallers } from './cards.ts';
import { startCountedKms } from './counted-kms.ts';

/**
 * What tokenizing and detokenizing cost: whole calls over mutual TLS with keep-alive to a vault process of
 * its own, beside its database, with cached data keys; and a bare insert and select of the same database
 * in between, as the measure of the machine. Rounds are interleaved, a figure is the median of its rounds.
 */
const IN_FLIGHT = [1, 8, 32] as const;
const COUNTS: Readonly<Record<(typeof IN_FLIGHT)[number], number>> = { 1: 150, 8: 600, 32: 1_000 };
const ROUNDS = 3;
const WARM_UP = 400;
const PATHS = ['tokenize', 'insert', 'detokenize', 'select'] as const;
type Path = (typeof PATHS)[number];
const GOALS: Partial<Record<Path, number>> = { tokenize: 1_500, detokenize: 2_000 };

/** Whose processor time is counted; a goal is about the first two, the last is this process. */
const USERS = ['vault', 'PostgreSQL', 'caller'] as const;
type Cpu = Readonly<Record<(typeof USERS)[number], number>>;
const CORES = cpus().length;

interface Round {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time of one call, by who used it (ms). */
  readonly cpu: Cpu;
}

async function timed<T, R>(inputs: readonly T[], inFlight: number, work: (input: T) => Promise<R>) {
  const took: number[] = [];
  const before = cpuOf(await readProcesses(), groups);
  const began = performance.now();
  const results = await pMap(
    inputs,
    async (input) => {
      const start = performance.now();
      const result = await work(input);
      took.push(performance.now() - start);
      return result;
    },
    { concurrency: inFlight },
  );
  const perSecond = (inputs.length * 1_000) / (performance.now() - began);
  const cpu = cpuPerPayment(before, cpuOf(await readProcesses(), groups), inputs.length) as Cpu;
  took.sort((a, b) => a - b);
  const at = (part: number) => took[Math.min(took.length - 1, Math.floor(took.length * part))] ?? 0;
  return { results, round: { perSecond, p50Ms: at(0.5), p99Ms: at(0.99), cpu } satisfies Round };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

const dir = await newStackFolder('bench-vault');
const kms = await startCountedKms(dir);
const stack = await startStack({
  dir,
  ports: 'free',
  only: ['postgres', 'vault'],
  env: {
    QUITTANCE_STACK_KMS_ENDPOINT: kms.endpoint,
    QUITTANCE_KMS_ACCESS_KEY_ID: 'bench',
    QUITTANCE_KMS_SECRET_ACCESS_KEY: 'bench',
    QUITTANCE_VAULT_CALLER_RATE: '1000000',
    QUITTANCE_VAULT_ALARM_CALLER_TOKENS: '1000000',
  },
});
const { processes } = stack.runFile;
const groups = {
  vault: [processes['vault'] ?? 0],
  PostgreSQL: [processes['postgres'] ?? 0],
  caller: [process.pid],
} satisfies Record<keyof Cpu, readonly number[]>;
try {
  await run();
} finally {
  await stack.stop();
  await kms.close();
  await removeStack(dir);
}

async function run(): Promise<void> {
  const callers = await openCallers(stack.runFile);
  const bare = new pg.Pool({ connectionString: stack.runFile.postgres.urls.vaultOwner, max: 20 });
  await bare.query(
    'create table bare_cards (token text primary key, merchant text not null, sealed bytea not null)',
  );
  const sealed = Buffer.alloc(60, 7);
  const figures = new Map<string, Round[]>();
  let operations = 0;
  let keyCalls = 0;

  async function measure(inFlight: number, count: number, keep: boolean): Promise<void> {
    const staged = await pMap(Array.from({ length: count }), () => callers.staged(), { concurrency: 16 });
    const before = kms.calls();
    const tokenized = await timed(staged, inFlight, (request) => callers.tokenize(request));
    const inserted = await timed(staged, inFlight, (request) =>
      bare.query({
        name: 'bare_insert',
        text: 'insert into bare_cards values ($1, $2, $3)',
        values: [request.payment, request.merchant, sealed],
      }),
    );
    const granted = await pMap(staged, (request, place) =>
      callers.granted(request, tokenOf(tokenized.results, place)),
    );
    const detokenized = await timed(granted, inFlight, (request) => callers.detokenize(request));
    const selected = await timed(staged, inFlight, (request) =>
      bare.query({
        name: 'bare_select',
        text: 'select merchant, sealed from bare_cards where token = $1',
        values: [request.payment],
      }),
    );
    if (!keep) return;
    operations += 2 * count;
    keyCalls += kms.calls() - before;
    for (const [path, { round }] of [
      ['tokenize', tokenized],
      ['insert', inserted],
      ['detokenize', detokenized],
      ['select', selected],
    ] as const) {
      const key = `${path} ${inFlight}`;
      figures.set(key, [...(figures.get(key) ?? []), round]);
    }
  }

  try {
    await measure(8, WARM_UP, false);
    for (let round = 0; round < ROUNDS; round += 1)
      for (const inFlight of IN_FLIGHT) await measure(inFlight, COUNTS[inFlight], true);
  } finally {
    await callers.close();
    await bare.end();
  }

  const of = (path: Path, inFlight: number, figure: (round: Round) => number): number =>
    median((figures.get(`${path} ${inFlight}`) ?? []).map(figure));
  /** Calls a second that the cores hold with nothing but the vault and its database on them. */
  const held = (path: Path, inFlight: number): number =>
    (CORES * 1_000) / of(path, inFlight, ({ cpu }) => cpu.vault + cpu.PostgreSQL);
  console.log(
    `| path | in flight | a second | p50 ms | p99 ms | of bare SQL | ${USERS.map((user) => `${user}, CPU ms`).join(' | ')} | ${CORES} cores without the caller, a second |\n|---|---|---|---|---|---|---|---|---|---|`,
  );
  for (const path of PATHS) {
    for (const inFlight of IN_FLIGHT) {
      const perSecond = of(path, inFlight, (round) => round.perSecond);
      const bareOf = path === 'tokenize' ? 'insert' : path === 'detokenize' ? 'select' : null;
      const cells = [
        path,
        inFlight,
        Math.round(perSecond),
        of(path, inFlight, ({ p50Ms }) => p50Ms).toFixed(1),
        of(path, inFlight, ({ p99Ms }) => p99Ms).toFixed(1),
        bareOf === null ? '' : (perSecond / of(bareOf, inFlight, (round) => round.perSecond)).toFixed(2),
        ...USERS.map((user) => of(path, inFlight, ({ cpu }) => cpu[user]).toFixed(2)),
        Math.round(held(path, inFlight)),
      ];
      console.log(`| ${cells.join(' | ')} |`);
    }
  }
  for (const [path, goal] of Object.entries(GOALS) as [Path, number][]) {
    const best = Math.max(...IN_FLIGHT.map((inFlight) => of(path, inFlight, (round) => round.perSecond)));
    const alone = Math.max(...IN_FLIGHT.map((inFlight) => held(path, inFlight)));
    console.log(
      `${path}: ${Math.round(best)} a second at best with the caller on the same ${CORES} cores, ${Math.round(alone)} by processor time without it; goal ${goal}: ${best >= goal ? 'reached' : alone >= goal ? 'reached by processor time alone' : 'missed'}`,
    );
  }
  console.log(
    `KMS: ${keyCalls} calls in ${operations} operations, ${((keyCalls * 1_000) / operations).toFixed(2)} per 1,000`,
  );
  console.log(`load of the machine (1 min): ${loadavg()[0]?.toFixed(1) ?? 'unknown'}`);
}

function tokenOf<T extends { readonly token: unknown }>(results: readonly T[], place: number): T['token'] {
  const result = results[place];
  if (result === undefined) throw new Error(`there is no result ${place}`);
  return result.token;
}
