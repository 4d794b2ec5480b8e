import { describe, expect, it } from 'vitest';
import { measure, median, WARM_UP, type Commit } from './measure.ts';

/** One client that commits every `pause` ms from `from` on. */
function commits(client: number, from: number, pause: number, count: number): Commit[] {
  return Array.from({ length: count }, (_, index) => ({
    client,
    endedAt: from + (index + 1) * pause,
    latency: pause,
  }));
}

describe('what is measured of a run', () => {
  it('is the time in which every client is warm and none has finished', () => {
    const measured = measure([...commits(0, 0, 10, 200), ...commits(1, 500, 10, 200)]);
    // Two clients, a commit each in 10 ms; alone they would have been half as fast.
    expect(measured?.rate).toBeCloseTo(200, 0);
    expect(measured?.p50).toBe(10);
  });

  it('has the slowest of a hundred as its 99th percentile', () => {
    const run = commits(0, 0, 10, WARM_UP + 100).map((commit, index) =>
      index === WARM_UP + 50 ? { ...commit, latency: 500 } : commit,
    );
    expect(measure(run)).toMatchObject({ p50: 10, p99: 500 });
  });

  it('is nothing when one client had finished before another was warm', () => {
    expect(measure([...commits(0, 0, 1, 40), ...commits(1, 35, 1, 40)])).toBeNull();
  });

  it('is refused when a client did no more than warm up', () => {
    expect(() => measure(commits(7, 0, 10, WARM_UP))).toThrow('client 7 made 10 commits');
  });

  it('is the middle run of several, figure by figure', () => {
    const run = (rate: number, p99: number) => ({ rate, p50: 1, p99, retries: 0, wal: 1 });
    expect(median([run(10, 9), run(30, 7), run(20, 8)])).toMatchObject({ rate: 20, p99: 8 });
  });
});
