import { GROUPS } from '../support/groups.ts';
import type { MeasuredLoad } from '../support/load.ts';
import { figure, markdownTable } from '../support/markdown.ts';
import { ratioOf, type Ratio } from '../support/statistics.ts';
import type { Counts } from './counts.ts';
import { medianOf, roundsOf, type Cell, type Round } from './rounds.ts';
import { WORKLOAD_NAMES, WORKLOADS, type WorkloadName } from './workloads.ts';

/** An open loop at a share of what the closed loop reached. */
export interface OpenResult {
  readonly workload: WorkloadName;
  readonly rate: number;
  readonly load: MeasuredLoad;
}

/** Rates, latencies and processor time of every cell: medians of the rounds. */
export function ratesTable(cells: readonly Cell[], inFlight: readonly number[]): string {
  return markdownTable(
    ['', 'in flight', '/s', 'p50 ms', 'p99 ms', 'CPU ms each', 'errors'],
    inFlight.flatMap((flying) =>
      WORKLOAD_NAMES.map((workload) => {
        const rounds = roundsOf(cells, workload, flying);
        return [
          `${workload} ${WORKLOADS[workload]}`,
          String(flying),
          figure(medianOf(rounds, ({ rate }) => rate)),
          figure(medianOf(rounds, ({ p50 }) => p50)),
          figure(medianOf(rounds, ({ p99 }) => p99)),
          figure(medianOf(rounds, ({ cpuMs }) => cpuMs)),
          String(rounds.reduce((sum, { errors }) => sum + errors.length, 0)),
        ];
      }),
    ),
  );
}

interface Comparison {
  readonly name: string;
  readonly of: (round: Round) => number;
  readonly than: WorkloadName;
  /** Where it has a goal: at how many in flight, and which. */
  readonly goal: { readonly inFlight: number; readonly limit: number; readonly atLeast: boolean } | null;
}

const COMPARISONS: readonly Comparison[] = [
  {
    name: 'throughput c ÷ b',
    of: ({ rate }) => rate,
    than: 'b',
    goal: { inFlight: 16, limit: 0.8, atLeast: true },
  },
  {
    name: 'throughput c ÷ d',
    of: ({ rate }) => rate,
    than: 'd',
    goal: { inFlight: 16, limit: 2, atLeast: true },
  },
  { name: 'p50 c ÷ b', of: ({ p50 }) => p50, than: 'b', goal: { inFlight: 1, limit: 1.3, atLeast: false } },
  { name: 'p99 c ÷ b', of: ({ p99 }) => p99, than: 'b', goal: null },
  {
    name: 'CPU each c ÷ b',
    of: ({ cpuMs }) => cpuMs,
    than: 'b',
    goal: { inFlight: 16, limit: 1.25, atLeast: false },
  },
];

/** c against the floors: round by round, the median of the ratios, and the lowest and highest of them. */
export function ratiosTable(cells: readonly Cell[], inFlight: readonly number[]): string {
  return markdownTable(
    ['', ...inFlight.map((flying) => `${flying} in flight`), 'goal'],
    COMPARISONS.map(({ name, of, than, goal }) => {
      const ratioAt = (flying: number): Ratio =>
        ratioOf(roundsOf(cells, 'c', flying).map(of), roundsOf(cells, than, flying).map(of));
      const said = goal === null || !inFlight.includes(goal.inFlight) ? null : ratioAt(goal.inFlight).median;
      return [
        name,
        ...inFlight.map((flying) => {
          const { median, lowest, highest } = ratioAt(flying);
          return `${figure(median)} (${figure(lowest)}–${figure(highest)})`;
        }),
        goal === null
          ? ''
          : `${goal.atLeast ? '≥' : '≤'} ${goal.limit} at ${goal.inFlight}${said === null ? '' : `: ${isReached(said, goal) ? 'reached' : 'missed'}`}`,
      ];
    }),
  );
}

function isReached(value: number, { limit, atLeast }: { limit: number; atLeast: boolean }): boolean {
  return atLeast ? value >= limit : value <= limit;
}

/** Whose processor time a request takes. */
export function cpuTable(cells: readonly Cell[], flying: number): string {
  const of = (group: string, workload: WorkloadName): string => {
    const rounds = roundsOf(cells, workload, flying);
    return rounds[0]?.cpu[group] === undefined
      ? ''
      : figure(medianOf(rounds, ({ cpu }) => cpu[group] ?? NaN));
  };
  return markdownTable(
    [`CPU ms each, ${flying} in flight`, ...WORKLOAD_NAMES],
    GROUPS.map((group) => [group, ...WORKLOAD_NAMES.map((workload) => of(group, workload))]),
  );
}

/** What one of them costs, counted. */
export function historiesTable({ histories }: Counts): string {
  return markdownTable(
    ['', 'state transitions', 'events', 'bytes of history'],
    WORKLOAD_NAMES.flatMap((workload) => {
      const cost = histories[workload];
      return cost === undefined
        ? []
        : [
            [
              `${workload} ${WORKLOADS[workload]}`,
              String(cost.transitions),
              String(cost.events),
              String(cost.bytes),
            ],
          ];
    }),
  );
}

/** Commits for each payment, by database; what could not be counted is a dash. */
export function commitsTable({ commits }: Counts): string {
  const each = (
    counted: Readonly<Record<string, number>> | null,
    database: string,
    payments: number,
  ): string => (counted === null ? '–' : figure((counted[database] ?? 0) / payments));
  return markdownTable(
    ['commits for each payment', 'payments', 'main, writing', 'vault, writing', 'main, all', 'vault, all'],
    commits.map(({ what, payments, commits: { writing, all } }) => [
      what,
      String(payments),
      each(writing, 'quittance', payments),
      each(writing, 'quittance_vault', payments),
      each(all, 'quittance', payments),
      each(all, 'quittance_vault', payments),
    ]),
  );
}

export function storesTable({ stores, storePayments }: Counts): string {
  return markdownTable(
    ['store', `bytes each (of ${storePayments})`],
    Object.entries(stores).map(([store, bytes]) => [store, bytes.toFixed(0)]),
  );
}

export function openTable(results: readonly OpenResult[]): string {
  return markdownTable(
    ['open loop', 'asked /s', 'answered /s', 'p50 ms', 'p99 ms', 'p99 ms from sending', 'errors'],
    results.map(({ workload, rate, load }) => [
      `${workload} ${WORKLOADS[workload]}`,
      figure(rate),
      figure(load.rate),
      figure(load.p50),
      figure(load.p99),
      figure(load.servedP99),
      String(load.errors.length),
    ]),
  );
}
