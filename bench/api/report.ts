import { figure, markdownTable, megabytes } from '../support/markdown.ts';
import type { MeasuredLoad } from '../support/load.ts';
import { median, ratioOf } from '../support/statistics.ts';
import { PATHS, type Cell, type Path, type Round, type Side } from './rounds.ts';

/** Of plain, what reads are to reach. */
const GOAL = 0.7;
const HAS_GOAL = { get: true, list: true, create: false } as const satisfies Record<Path, boolean>;

/** Medians of the rounds; a ratio is the median of the rounds' ratios, with the lowest and the highest. */
export function ratesTable(cells: readonly Cell[]): string {
  return markdownTable(
    [
      '',
      'in flight',
      'ours /s',
      'plain /s',
      'ours ÷ plain',
      'p50 ms, ours',
      'plain',
      'p99 ms, ours',
      'plain',
      'CPU ms each, ours',
      'plain',
      'plain ÷ ours',
      'errors',
    ],
    cells.map((cell) => {
      const of = (side: Side, what: (round: Round) => number): string =>
        figure(median(cell.rounds[side].map(what)));
      return [
        PATHS[cell.path],
        String(cell.inFlight),
        of('ours', ({ rate }) => rate),
        of('plain', ({ rate }) => rate),
        ratioText(cell),
        of('ours', ({ p50 }) => p50),
        of('plain', ({ p50 }) => p50),
        of('ours', ({ p99 }) => p99),
        of('plain', ({ p99 }) => p99),
        of('ours', ({ cpuMs }) => cpuMs),
        of('plain', ({ cpuMs }) => cpuMs),
        figure(compare(cell, ({ cpuMs }) => 1 / cpuMs).median),
        String(errorsOf([cell]).length),
      ];
    }),
  );
}

function ratioText(cell: Cell): string {
  const { median: middle, lowest, highest } = compare(cell, ({ rate }) => rate);
  const text = `${figure(middle)} (${figure(lowest)}–${figure(highest)})`;
  if (!HAS_GOAL[cell.path]) return text;
  return `${text}; goal ${GOAL}: ${middle >= GOAL ? 'reached' : 'missed'}`;
}

function compare({ rounds }: Cell, what: (round: Round) => number) {
  return ratioOf(rounds.ours.map(what), rounds.plain.map(what));
}

export function errorsOf(cells: readonly Cell[]): readonly string[] {
  return cells.flatMap(({ rounds }) => [...rounds.ours, ...rounds.plain].flatMap(({ errors }) => errors));
}

/** What an api process with many idle connections has, beside itself without them. */
export interface IdleFigures {
  readonly count: number;
  /** Still open when it was over. */
  readonly open: number;
  readonly openedMs: number;
  readonly bytes: { readonly before: number; readonly after: number };
  readonly load: { readonly before: MeasuredLoad; readonly after: MeasuredLoad };
}

export function idleTable({ count, open, openedMs, bytes, load }: IdleFigures): string {
  const row = (name: string, when: 'before' | 'after'): string[] => [
    name,
    megabytes(bytes[when]),
    figure(load[when].p50),
    figure(load[when].p99),
    String(load[when].errors.length),
  ];
  const table = markdownTable(
    ['', 'api, MB', 'GET, p50 ms', 'p99 ms', 'errors'],
    [row('none', 'before'), row(`${count} idle connections`, 'after')],
  );
  const each = (bytes.after - bytes.before) / count / 1_000;
  return `${table}\n\nOpened in ${figure(openedMs / 1_000)} s, each used once; ${open} of ${count} were open at the end; ${figure(each)} KB each.`;
}
