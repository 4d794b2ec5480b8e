import { closedLoop, type MeasuredLoad, type Send } from '../support/load.ts';
import { cpuOf, cpuPerPayment, readProcesses, type Groups } from '../support/processes.ts';

export const PATHS = {
  get: 'GET by id',
  list: 'list',
  create: 'create',
} as const;
export type Path = keyof typeof PATHS;
export const PATH_NAMES = Object.keys(PATHS) as Path[];
export const SIDES = ['ours', 'plain'] as const;
export type Side = (typeof SIDES)[number];

/** One side's way to answer one kind of request. */
export interface Workload {
  readonly send: Send;
  /** Whose processor time is counted. */
  readonly groups: () => Promise<Groups>;
}
export type Workloads = Readonly<Record<Path, Readonly<Record<Side, Workload>>>>;

export interface Round extends MeasuredLoad {
  /** ms of processor time for each answered request. */
  readonly cpuMs: number;
}

/** All rounds of one kind of request at one number in flight; those of one place were beside each other. */
export interface Cell {
  readonly path: Path;
  readonly inFlight: number;
  readonly rounds: Readonly<Record<Side, Round[]>>;
}

export interface RoundsOptions {
  readonly rounds: number;
  readonly inFlight: readonly number[];
  readonly forMs: number;
  /** Told after each round. */
  readonly onRound: (round: number) => void;
}

/** Both sides directly after each other, now one first and now the other: what disturbs the machine disturbs both. */
export async function runRounds(
  workloads: Workloads,
  { rounds, inFlight, forMs, onRound }: RoundsOptions,
): Promise<Cell[]> {
  const cells = PATH_NAMES.flatMap((path) =>
    inFlight.map((flying): Cell => ({ path, inFlight: flying, rounds: { ours: [], plain: [] } })),
  );
  for (let round = 0; round < rounds; round += 1) {
    for (const cell of cells) {
      for (const side of round % 2 === 0 ? SIDES : [...SIDES].reverse())
        cell.rounds[side].push(await measure(workloads[cell.path][side], cell.inFlight, forMs));
    }
    onRound(round + 1);
  }
  return cells;
}

async function measure({ send, groups }: Workload, inFlight: number, forMs: number): Promise<Round> {
  const own = await groups();
  const before = cpuOf(await readProcesses(), own);
  const load = await closedLoop(send, inFlight, forMs);
  const cpu = cpuPerPayment(before, cpuOf(await readProcesses(), own), load.answered);
  return { ...load, cpuMs: Object.values(cpu).reduce((sum, ms) => sum + ms, 0) };
}
