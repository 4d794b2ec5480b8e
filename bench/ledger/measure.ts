import { quantile } from '../support/statistics.ts';

/** One commit as its client saw it; times in ms on a clock of the run. */
export interface Commit {
  readonly client: number;
  readonly endedAt: number;
  readonly latency: number;
}

export interface Measured {
  /** Commits per second while every client was at work. */
  readonly rate: number;
  /** Latency in ms. */
  readonly p50: number;
  readonly p99: number;
  /** Transactions that ran again (40001, 40P01), per 100 commits. */
  readonly retries: number;
  /** Bytes of write-ahead log per payment. */
  readonly wal: number;
}

/** How many commits of each client pass before it is measured: PostgreSQL plans the first ones anew. */
export const WARM_UP = 10;

/**
 * Rate and latencies of the time in which every client was warm and none had finished: the same
 * window for whoever made the commits. Null when there is no such time: one client had finished
 * before another was warm.
 * @throws RangeError when a client made too few commits to be warm.
 */
export function measure(commits: readonly Commit[]): Pick<Measured, 'rate' | 'p50' | 'p99'> | null {
  const byClient = new Map<number, Commit[]>();
  for (const commit of [...commits].sort((left, right) => left.endedAt - right.endedAt)) {
    const own = byClient.get(commit.client);
    if (own === undefined) byClient.set(commit.client, [commit]);
    else own.push(commit);
  }
  let from = -Infinity;
  let until = Infinity;
  for (const [client, own] of byClient) {
    const warm = own[WARM_UP - 1];
    const last = own.at(-1);
    if (warm === undefined || last === undefined || warm === last)
      throw new RangeError(`client ${client} made ${own.length} commits: more than ${WARM_UP} are needed`);
    from = Math.max(from, warm.endedAt);
    until = Math.min(until, last.endedAt);
  }
  if (until <= from) return null;
  const measured = commits.filter(({ endedAt }) => endedAt > from && endedAt <= until);
  const latencies = measured.map(({ latency }) => latency).sort((left, right) => left - right);
  return {
    rate: (measured.length * 1_000) / (until - from),
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
  };
}

/** The middle one of several runs, figure by figure. */
export function median(runs: readonly Measured[]): Measured {
  const middle = (of: keyof Measured): number =>
    quantile(
      runs.map((run) => run[of]).sort((left, right) => left - right),
      0.5,
    );
  return {
    rate: middle('rate'),
    p50: middle('p50'),
    p99: middle('p99'),
    retries: middle('retries'),
    wal: middle('wal'),
  };
}
