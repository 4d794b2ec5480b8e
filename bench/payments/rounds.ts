import type { Group } from '../support/groups.ts';
import { closedLoop, type MeasuredLoad } from '../support/load.ts';
import { cpuOf, cpuPerPayment, readProcesses, type Groups } from '../support/processes.ts';
import { median } from '../support/statistics.ts';
import { WORKLOAD_NAMES, type Workload, type WorkloadName, type Workloads } from './workloads.ts';

/** One workload at one number in flight, for one round. */
export interface Round extends MeasuredLoad {
  /** ms of processor time for each answered request, by group of processes. */
  readonly cpu: Readonly<Record<string, number>>;
  readonly cpuMs: number;
}

/** All rounds of one workload at one number in flight, in the order in which they were. */
export interface Cell {
  readonly workload: WorkloadName;
  readonly inFlight: number;
  readonly rounds: readonly Round[];
}

export interface RoundsOptions {
  readonly rounds: number;
  readonly inFlight: readonly number[];
  readonly forMs: number;
  /** Told after each round. */
  readonly onRound: (round: number) => void;
}

/**
 * Every workload at every number in flight in every round, each round beginning with another one: what
 * disturbs the machine disturbs all of them.
 * @param groups whose processes are which, now.
 */
export async function runRounds(
  { by }: Workloads,
  groups: () => Promise<Groups>,
  { rounds, inFlight, forMs, onRound }: RoundsOptions,
): Promise<Cell[]> {
  const cells = inFlight.flatMap((flying) =>
    WORKLOAD_NAMES.map((workload) => ({ workload, inFlight: flying, rounds: [] as Round[] })),
  );
  for (let round = 0; round < rounds; round += 1) {
    for (const flying of inFlight) {
      const turn = cells.filter((cell) => cell.inFlight === flying);
      for (let place = 0; place < turn.length; place += 1) {
        const cell = turn[(place + round) % turn.length];
        if (cell !== undefined)
          cell.rounds.push(await runRound(by[cell.workload], flying, forMs, await groups()));
      }
    }
    onRound(round + 1);
  }
  return cells;
}

async function runRound(workload: Workload, inFlight: number, forMs: number, groups: Groups): Promise<Round> {
  const own = Object.fromEntries(
    Object.entries(groups).filter(([group]) => workload.groups.includes(group as Group)),
  );
  const before = cpuOf(await readProcesses(), own);
  const load = await closedLoop(workload.send, inFlight, forMs);
  // What was put off is paid for as well.
  await workload.quiet();
  const cpu = cpuPerPayment(before, cpuOf(await readProcesses(), own), load.answered);
  return { ...load, cpu, cpuMs: Object.values(cpu).reduce((sum, ms) => sum + ms, 0) };
}

/** The rounds of one cell. @throws Error when it was not measured. */
export function roundsOf(cells: readonly Cell[], workload: WorkloadName, inFlight: number): readonly Round[] {
  const found = cells.find((cell) => cell.workload === workload && cell.inFlight === inFlight);
  if (found === undefined) throw new Error(`${workload} was not measured with ${inFlight} in flight`);
  return found.rounds;
}

export function medianOf(rounds: readonly Round[], of: (round: Round) => number): number {
  return median(rounds.map(of));
}
