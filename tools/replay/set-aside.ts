import type { Run } from '../histories/history-file.ts';

/** Runs that a test of the suite made to be unreadable, or that are not ours. */
interface SetAside {
  readonly reason: string;
  readonly matches: (run: Run) => boolean;
}

/** What is not replayed after the suite, each with its reason. Whatever is not here must replay. */
export const SET_ASIDE: readonly SetAside[] = [
  {
    reason: 'a floor of the bench, whose workflows are in a bundle of its own',
    matches: (run) => BENCH_WORKFLOWS.has(workflowTypeOf(run)),
  },
];

/** bench/floors/workflows.ts */
const BENCH_WORKFLOWS: ReadonlySet<string> = new Set(['empty', 'floor', 'usual']);

const workflowTypeOf = ({ history }: Run): string =>
  history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name ?? '';

/** Why that run is not replayed; null = it must replay. */
export function setAsideFor(run: Run): string | null {
  return SET_ASIDE.find(({ matches }) => matches(run))?.reason ?? null;
}
