import { setTimeout as delay } from 'node:timers/promises';
import { testCard } from '../support/cards.ts';
import { idOf, sale, until, type Answer, type JournalEntry, type World } from '../support/world.ts';
import { faultOf, type Cell } from './cells.ts';
import type { End, Operation } from './ends.ts';
import { judge } from './judge.ts';
import { attemptsOf, readRecord } from './record.ts';
import type { CellFacts } from './wires/wire.ts';

/** Where cells are run, and by what limits. */
export interface Ground {
  readonly world: World;
  /** Of the acquirer's simulator. */
  readonly control: string;
  readonly lateMs: number;
  /** Faults for what is asked next, as the simulator writes them: an event may come first, and nothing is asked. */
  readonly optional: Set<string>;
  /** How long a cell may take (ms). */
  readonly deadlineMs: number;
  /** Of the acquirer. This and the next are read once for many cells that look at the same time. */
  readonly journal: () => Promise<readonly JournalEntry[]>;
  /** The payments about which something is pending that no person is asked about. */
  readonly underWay: () => Promise<ReadonlySet<string>>;
}

export interface CellResult {
  readonly cell: Cell;
  /** Null when it was not even made. */
  readonly payment: string | null;
  /** Events before the operation. */
  readonly before: readonly string[];
  readonly status: string;
  readonly end: End;
  readonly found: readonly string[];
  readonly tookMs: number;
}

/** What stays held when a part is captured, and sold when a part is refunded. */
const REST = 300;

const READY_WITHIN_S = 30;

const needsHold = (operation: Operation): boolean => operation === 'capture' || operation === 'void';

/**
 * Makes one payment with a number of its own, does the fault to its operation, and waits until everything
 * is as it has to be, or the deadline has passed.
 */
export async function runCell(cell: Cell, number: number, ground: Ground): Promise<CellResult> {
  const began = Date.now();
  let payment: string | null = null;
  let before: readonly string[] = [];
  let settled: Settled;
  try {
    ({ payment, before } = await begin(cell, number, ground));
    settled = await settle(cell, payment, before, ground, began + ground.deadlineMs);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    settled = { status: '?', end: cell.ends[0], found: [text] };
  }
  return { cell, payment, before, ...settled, tookMs: Date.now() - began };
}

interface Begun {
  readonly payment: string;
  readonly before: readonly string[];
}

async function begin(cell: Cell, number: number, ground: Ground): Promise<Begun> {
  const { operation } = cell;
  const { world } = ground;
  // Unique among the cells that are under way: faults are told apart by it.
  const authorized = 1_000 + (number % 400_000);
  const card = testCard(number);
  const amount = operation === 'capture' || operation === 'refund' ? authorized - REST : authorized;
  const facts = { amount, authorized, lastFour: card.slice(-4) };

  if (operation === 'authorize' || operation === 'sale') {
    await script(cell, { ...facts, attempts: [] }, ground);
    const payment = idOf(await create(world, card, authorized, operation === 'authorize'));
    await scriptNext(cell, payment, facts, ground);
    return { payment, before: [] };
  }
  const created = await create(world, card, authorized, needsHold(operation), READY_WITHIN_S);
  const payment = idOf(created);
  const ready = needsHold(operation) ? 'authorized' : 'captured';
  await until(
    `${payment} is ${ready}`,
    () =>
      created.body['status'] === ready ? Promise.resolve(created) : world.get(`/v1/payments/${payment}`),
    ({ body }) => body['status'] === ready,
    ground.deadlineMs,
  );
  const attempts = await attemptsOf(world, payment);
  const before = await eventsOf(world, payment);
  await script(cell, { ...facts, attempts }, ground);
  const { path, body } = REQUESTS[operation](amount);
  const answer = await world.post(`/v1/payments/${payment}/${path}`, body, { wait: 0 });
  if (answer.status >= 400 && answer.status !== 409) throw new Error(`${path}: ${answer.text}`);
  await scriptNext(cell, payment, facts, ground);
  return { payment, before };
}

const REQUESTS = {
  capture: (amount: number) => ({ path: 'capture', body: { amount } }),
  void: () => ({ path: 'void', body: {} }),
  refund: (amount: number) => ({ path: 'refunds', body: { amount } }),
} as const;

async function create(
  world: World,
  card: string,
  amount: number,
  manual: boolean,
  wait = 0,
): Promise<Answer> {
  const answer = await world.post(
    '/v1/payments',
    sale(card, { amount, ...(manual ? { capture: 'manual' } : {}) }),
    { wait },
  );
  if (answer.status >= 300) throw new Error(`no payment: ${answer.text}`);
  return answer;
}

async function eventsOf(world: World, payment: string): Promise<string[]> {
  const rows = await world.sql<{ type: string }>(
    'select type from events where merchant_id = $1 and payment_id = $2 order by version, id',
    [world.merchant, payment],
  );
  return rows.map(({ type }) => type);
}

async function script(cell: Cell, facts: CellFacts, ground: Ground): Promise<void> {
  const { action, times = 1 } = faultOf(cell);
  const scripted = action({ lateMs: ground.lateMs, amount: facts.amount, codes: cell.wire.codes });
  if (scripted !== null)
    await post(ground.control, { times, match: cell.wire.matchOf(cell.operation, facts), action: scripted });
}

/** Once the operation itself is on its way; its own fault is first in the script, and used up by it. */
async function scriptNext(
  cell: Cell,
  payment: string,
  facts: Omit<CellFacts, 'attempts'>,
  ground: Ground,
): Promise<void> {
  const { andTheNext = false, action } = faultOf(cell);
  if (!andTheNext) return;
  const attempts = await until(
    `the ${cell.operation} of ${payment} is sent`,
    () => attemptsOf(ground.world, payment),
    (rows) => rows.some(({ state }) => state === 'sending'),
    ground.deadlineMs,
  );
  const scripted = action({ lateMs: ground.lateMs, amount: facts.amount, codes: cell.wire.codes });
  const match = cell.wire.matchOfNext(cell.operation, { ...facts, attempts });
  ground.optional.add(await post(ground.control, { times: 1, match, action: scripted }));
}

/** The fault as it was taken. */
async function post(control: string, fault: unknown): Promise<string> {
  const response = await fetch(`${control}/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fault),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  if (response.status !== 201) throw new Error(`the fault was not taken: ${text}`);
  return JSON.stringify(JSON.parse(text));
}

const LOOK_EVERY_MS = 500;

type Settled = Pick<CellResult, 'status' | 'end' | 'found'>;

/** Looks until nothing is amiss; what is amiss when the time is over. */
async function settle(
  cell: Cell,
  payment: string,
  before: readonly string[],
  ground: Ground,
  deadline: number,
): Promise<Settled> {
  for (;;) {
    while (Date.now() <= deadline && (await ground.underWay()).has(payment)) await delay(LOOK_EVERY_MS);
    const record = await readRecord(ground.world, cell.wire, payment, await ground.journal());
    const verdict = judge(cell, record, before);
    if (verdict.found.length === 0 || Date.now() > deadline)
      return { status: record.payment.status, ...verdict };
    await delay(LOOK_EVERY_MS);
  }
}
