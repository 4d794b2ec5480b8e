import pMap from 'p-map';
import { closeBreakers } from '../../temporal-dev/clean-acquirers.ts';
import { disagreements } from '../support/disagreements.ts';
import { openWorld, type World } from '../support/world.ts';
import type { Cell } from './cells.ts';
import { isRefundInDoubt, judge } from './judge.ts';
import { readRecord } from './record.ts';
import { runCell, type CellResult, type Ground } from './run-cell.ts';
import type { MatrixWire } from './wires/wire.ts';

export interface MatrixOptions {
  /** Path of the run.json of a running stack. */
  readonly runPath: string;
  /** How long the stack waits for an acquirer (ms). */
  readonly callLimitMs: number;
  /** Cells under way at once on one wire. */
  readonly inFlight: number;
  /** How long a cell may take (ms). */
  readonly deadlineMs: number;
  readonly onCell?: (result: CellResult) => void;
}

export interface WireResult {
  readonly cells: readonly CellResult[];
  /** Where the records of everything together differ. */
  readonly disagreements: readonly string[];
}

/**
 * "Not found" is proof once nothing can be under way: so long after an attempt's send-by here, above what
 * any fault holds a request for.
 */
const IN_FLIGHT_AGE = '3 seconds';

/** Runs the cells of one wire, for a merchant of its own, and looks at all of them again at the end. */
export async function runWire(
  wire: MatrixWire,
  cells: readonly Cell[],
  options: MatrixOptions,
): Promise<WireResult> {
  const world = await openWorld(options.runPath, { acquirers: [wire.acquirer] });
  try {
    const control = (await world.run()).acquirers.find(({ id }) => id === wire.acquirer)?.control;
    if (control === undefined) throw new Error(`the stack has no ${wire.acquirer}`);
    await ignoreBreakers(world);
    const restore = await shortenInFlightAge(world, wire.acquirer);
    try {
      const optional = new Set<string>();
      const ground: Ground = {
        world,
        optional,
        control,
        lateMs: options.callLimitMs + 4_000,
        deadlineMs: options.deadlineMs,
        journal: shared(() => world.journal()),
        underWay: shared(() => paymentsUnderWay(world)),
      };
      const results = await runCells(wire, cells, ground, options);
      const seen = await lookAgain(world, wire, results);
      return { ...seen, disagreements: [...seen.disagreements, ...(await untaken(control, optional))] };
    } finally {
      await restore();
      // Whoever uses the stack next begins without what was learned here.
      await closeBreakers(await world.run(), wire.acquirer);
    }
  } finally {
    await world.close();
  }
}

async function runCells(
  wire: MatrixWire,
  cells: readonly Cell[],
  ground: Ground,
  { inFlight, onCell }: MatrixOptions,
): Promise<CellResult[]> {
  // Other numbers than those of an earlier run on the same stack: the risk rules watch each card.
  const first = Math.floor(Math.random() * 800_000_000);
  const run = async (cell: Cell, place: number): Promise<CellResult> => {
    const result = await runCell(cell, first + place, ground);
    onCell?.(result);
    return result;
  };
  const numbered = cells.map((cell, place) => ({ cell, place }));
  const alone = numbered.filter(({ cell }) => wire.disturbing.includes(cell.fault));
  const together = numbered.filter(({ cell }) => !wire.disturbing.includes(cell.fault));
  const results = await pMap(together, ({ cell, place }) => run(cell, place), { concurrency: inFlight });
  for (const { cell, place } of alone) results.push(await run(cell, place));
  return results;
}

/** What came later must not have changed anything: every payment once more, and everything together. */
async function lookAgain(
  world: World,
  wire: MatrixWire,
  results: readonly CellResult[],
): Promise<WireResult> {
  const lines = await world.journal();
  let refundsInDoubt = 0n;
  const cells = await pMap(
    results,
    async (result): Promise<CellResult> => {
      if (result.payment === null) return result;
      const record = await readRecord(world, wire, result.payment, lines);
      const { end, found } = judge(result.cell, record, result.before);
      if (isRefundInDoubt(result.cell, end)) refundsInDoubt += BigInt(record.payment.refund_pending);
      if (result.found.length > 0) return result;
      const later = found.map((text) => `later: ${text}`);
      return { ...result, end, found: later, status: record.payment.status };
    },
    { concurrency: 2 },
  );
  return { cells, disagreements: await disagreements(world, { refundsInDoubt }) };
}

/** A fault that is still in the script was done to nothing: its cell has proven nothing. */
async function untaken(control: string, optional: ReadonlySet<string>): Promise<string[]> {
  const response = await fetch(`${control}/faults`, { signal: AbortSignal.timeout(10_000) });
  const left = (await response.json()) as unknown[];
  return left
    .map((fault) => JSON.stringify(fault))
    .filter((text) => !optional.has(text))
    .map((text) => `a fault that was never done to anything: ${text}`);
}

/** Breakers would keep the next payments away from an acquirer that does so much wrong. */
async function ignoreBreakers(world: World): Promise<void> {
  await world.sql(
    `insert into routing_settings (merchant_id, mode, exploration_ppm, failover_limit, failover_after_answer, breaker)
     values ($1, 'test', 0, 0, false, false)`,
    [world.merchant],
  );
}

async function shortenInFlightAge(world: World, acquirer: string): Promise<() => Promise<void>> {
  const [row] = await world.sql<{ age: string }>(
    'select in_flight_age::text as age from acquirers where id = $1',
    [acquirer],
  );
  if (row === undefined) throw new Error(`${acquirer} is not in the record`);
  const set = (age: string) =>
    world.sql('update acquirers set in_flight_age = $2::interval where id = $1', [acquirer, age]);
  await set(IN_FLIGHT_AGE);
  return async () => {
    await set(row.age);
  };
}

async function paymentsUnderWay(world: World): Promise<ReadonlySet<string>> {
  const rows = await world.sql<{ id: string }>(
    `select payment_id as id from operations where merchant_id = $1 and state = 'pending' and phase <> 'case'
     union select payment_id from commands where merchant_id = $1 and state = 'pending'
       and not exists (select 1 from operations o where o.merchant_id = $1 and o.id = operation_id and o.phase = 'case')
     union select id from payments where merchant_id = $1 and status = 'processing'`,
    [world.merchant],
  );
  return new Set(rows.map(({ id }) => id));
}

/** One reading serves everybody who asks within a moment. */
function shared<T>(read: () => Promise<T>): () => Promise<T> {
  const MOMENT_MS = 300;
  let last: { readonly at: number; readonly value: Promise<T> } | null = null;
  return () => {
    if (last === null || Date.now() - last.at > MOMENT_MS) last = { at: Date.now(), value: read() };
    return last.value;
  };
}
