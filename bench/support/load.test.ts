import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../temporal-dev/mulberry32.ts';
import { closedLoop, latencyOf, openLoop, schedule, type Sample } from './load.ts';

/** The promise: a request that had to wait its turn has waited, and the figures say so. */

describe('the latency of a load', () => {
  /** A request every 10 ms; the server stands still from 100 to 1,100 ms, else it answers in 1 ms. */
  const due = Array.from({ length: 200 }, (_, index) => index * 10);
  const served = (at: number): number => (at >= 100 && at < 1_100 ? 1_100 : at) + 1;

  it('counts from when a request was due, so a standstill shows in every request of that time', () => {
    // All were sent when they were due: half of them waited for the end of the standstill.
    const samples = due.map((at): Sample => ({ intended: at, sent: at, answered: served(at) }));
    const { p50, p99, servedP99 } = latencyOf(samples);
    expect(p50).toBe(11);
    expect(p99).toBe(991);
    expect(servedP99).toBe(p99);
  });

  it('is not made small by a generator that waits with the server', () => {
    // One at a time: those due in the standstill are sent after it, in a burst, and answered at once.
    let free = 0;
    const samples = due.map((at): Sample => {
      const sent = Math.max(at, free);
      free = served(sent);
      return { intended: at, sent, answered: free };
    });
    const { p99, servedP99 } = latencyOf(samples);
    expect(servedP99).toBeLessThan(10);
    expect(p99).toBeGreaterThan(900);
  });
});

describe('a schedule', () => {
  it('has the rate it was asked for, and comes as it likes', () => {
    const due = schedule({ rate: 100, forMs: 60_000, random: mulberry32(1) });
    expect(due.length).toBeGreaterThan(5_700);
    expect(due.length).toBeLessThan(6_300);
    expect([...due].sort((left, right) => left - right)).toEqual(due);
    const gaps = due.slice(1).map((at, index) => at - (due[index] ?? 0));
    // Of a Poisson process, 1 - 1/e of the pauses are shorter than their mean.
    expect(gaps.filter((gap) => gap < 10).length / gaps.length).toBeCloseTo(0.632, 1);
  });

  it('is the same for the same seed', () => {
    const of = (seed: number) => schedule({ rate: 50, forMs: 1_000, random: mulberry32(seed) });
    expect(of(7)).toEqual(of(7));
    expect(of(7)).not.toEqual(of(8));
  });
});

describe('a loop', () => {
  it('that is closed has never more under way than its clients', async () => {
    let underWay = 0;
    let most = 0;
    const { answered, errors } = await closedLoop(
      async () => {
        underWay += 1;
        most = Math.max(most, underWay);
        await delay(2);
        underWay -= 1;
      },
      4,
      60,
    );
    expect(most).toBe(4);
    expect(answered).toBeGreaterThanOrEqual(4);
    expect(errors).toEqual([]);
  });

  it('that is closed has the rate of its clients, also of those whose last answer came late', async () => {
    const began = performance.now();
    const { rate, answered } = await closedLoop(() => delay(100), 2, 50);
    // One answer each, after 100 ms or a little more: far from two in the 50 ms of the loop.
    expect(answered).toBe(2);
    expect(rate).toBeLessThanOrEqual(20.5);
    expect(rate).toBeGreaterThanOrEqual(2_000 / (performance.now() - began));
  });

  it('that is open goes on sending while nothing is answered', async () => {
    // Nobody is answered before five have asked: a loop that waits would wait for ever.
    let asked = 0;
    let resolve = (): void => undefined;
    const five = new Promise<void>((done) => (resolve = done));
    const { answered } = await openLoop(
      async () => {
        asked += 1;
        if (asked === 5) resolve();
        await five;
      },
      { rate: 200, forMs: 100, random: mulberry32(3), unansweredMax: 1_000 },
    );
    expect(asked).toBe(schedule({ rate: 200, forMs: 100, random: mulberry32(3) }).length);
    expect(answered).toBe(asked);
  });

  it('counts what failed, and what it could not send', async () => {
    const refused = await closedLoop(() => delay(5).then(() => Promise.reject(new Error('no'))), 1, 30);
    expect(refused.answered).toBe(0);
    expect(refused.errors[0]).toBe('Error: no');
    const full = await openLoop(() => delay(200), {
      rate: 500,
      forMs: 60,
      random: mulberry32(3),
      unansweredMax: 2,
    });
    expect(full.errors[0]).toContain('2 requests had no answer yet');
  });
});
