import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import { startExtraAcquirers, type ExtraAcquirers } from '../../temporal-dev/testing/extra-acquirers.ts';
import { testCard } from '../support/cards.ts';
import { expectNoDoubleCharge, routeTo } from '../support/routing.ts';
import { openWorld, sale, until, type World } from '../support/world.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: payments leave an acquirer that loses every second one within 30 s, a few go on asking
 * it, and when it is well again they come back; nobody is charged twice. A second merchant, for whom
 * breakers do not count, is the proof that it is the breaker that moves them: its payments stay.
 */
const A = `a-${randomUUID()}`;
const B = `b-${randomUUID()}`;
const MOVE_WITHIN_MS = 30_000;
const RETURN_WITHIN_MS = 120_000;
/** How often each merchant is paid: a few payments a second are enough to learn from. */
const PAUSE_MS = { guarded: 500, unguarded: 2_000 };

let acquirers: ExtraAcquirers;
let guarded: World;
let unguarded: World;

beforeAll(async () => {
  acquirers = await startExtraAcquirers(await readRunFile(stackRunFile()), [A, B]);
  guarded = await openWorld(stackRunFile(), { acquirers: [A, B], routing: 'by_value' });
  unguarded = await openWorld(stackRunFile(), { acquirers: [A, B], routing: 'by_value' });
  await routeTo(guarded, A, 'price');
  await routeTo(unguarded, A, 'price', { breaker: false });
}, 120_000);
afterAll(async () => {
  await Promise.all([guarded.close(), unguarded.close()]);
  await acquirers.close();
});

let sent = 0;
let failing = false;
let stop = false;

/** Pays without end; while the acquirer fails, every second payment is lost there, executed or not in turn. */
async function traffic(world: World, pauseMs: number): Promise<void> {
  while (!stop) {
    sent += 1;
    const amount = 1_000 + sent;
    if (failing && sent % 2 === 0) {
      const type = sent % 4 === 0 ? 'lose_answer' : 'no_answer_not_executed';
      acquirers.simulators[0]?.addFault({ times: 1, match: { kind: 'sale', amount }, action: { type } });
    }
    await world.post('/v1/payments', { ...sale(testCard(sent)), amount }, { wait: 0 });
    await delay(pauseMs);
  }
}

/** Where the merchant's newest payments were sent first, newest first; without those that ask as probes. */
async function newest(world: World, count: number): Promise<string[]> {
  const rows = await world.sql<{ acquirer_id: string }>(
    `select t.acquirer_id from attempts t
       join route_decisions d on d.merchant_id = t.merchant_id and d.payment_id = t.payment_id and d.attempt_number = t.number
      where t.merchant_id = $1 and t.kind = 'sale' and t.number = 1 and not (d.decision #>> '{left,probe}')::boolean
      order by t.planned_at desc limit $2`,
    [world.merchant, count],
  );
  return rows.map(({ acquirer_id: acquirer }) => (acquirer === A ? 'A' : 'B'));
}

const share = (places: readonly string[]): number =>
  places.length === 0 ? 0 : places.filter((place) => place === 'A').length / places.length;

it('traffic leaves a failing acquirer within 30 s, probes return, and then all of it', async () => {
  const began = Date.now();
  const marks: [string, number][] = [];
  const mark = (what: string): number => {
    marks.push([what, Date.now() - began]);
    return Date.now();
  };
  const running = [traffic(guarded, PAUSE_MS.guarded), traffic(unguarded, PAUSE_MS.unguarded)];
  try {
    await until(
      'both use A',
      () => newest(guarded, 10),
      (places) => places.length === 10 && share(places) === 1,
    );

    failing = true;
    const failed = mark('A loses every second payment');
    await until(
      'traffic has left',
      () => newest(guarded, 8),
      (places) => share(places) === 0,
      2 * MOVE_WITHIN_MS,
    );
    const moved = mark('traffic has left A') - failed;
    // While it fails it is asked now and then, and stays out.
    await delay(10_000);
    expect(share(await newest(unguarded, 5)), 'without the breaker payments stay').toBe(1);

    failing = false;
    acquirers.simulators[0]?.clearFaults();
    mark('A is well again');
    await until(
      'all of it is back',
      () => newest(guarded, 12),
      (places) => share(places) === 1,
      RETURN_WITHIN_MS,
    );
    mark('traffic is back at A');
    expect(moved).toBeLessThan(MOVE_WITHIN_MS);
  } finally {
    stop = true;
    await Promise.all(running);
  }

  for (const world of [guarded, unguarded]) {
    await until(
      'every payment has ended',
      () => world.sql('select id from payments where merchant_id = $1 and pending', [world.merchant]),
      (pending) => pending.length === 0,
    );
    await expectNoDoubleCharge(world, acquirers);
  }
  await print(began, marks);
}, 360_000);

/** Shares of A over time, and how many payments were let through to ask. */
async function print(began: number, marks: readonly [string, number][]): Promise<void> {
  const lines = [`payments at A of all, every 2 s (with the breaker | without)`];
  const read = (world: World): Promise<{ second: number; a: number; n: number; probes: number }[]> =>
    world.sql(
      `select (floor(extract(epoch from t.planned_at) - $2::float8) / 2)::int * 2 as second, count(*)::int as n,
              count(*) filter (where t.acquirer_id = $3)::int as a,
              count(*) filter (where (d.decision #>> '{left,probe}')::boolean)::int as probes
       from attempts t join route_decisions d on d.merchant_id = t.merchant_id and d.payment_id = t.payment_id and d.attempt_number = t.number
       where t.merchant_id = $1 and t.kind = 'sale' and t.number = 1 group by 1 order by 1`,
      [world.merchant, began / 1_000, A],
    );
  const [withBreaker, without] = [await read(guarded), await read(unguarded)];
  for (const { second, a, n, probes } of withBreaker) {
    const other = without.find((row) => row.second === second);
    const events = marks
      .filter(([, at]) => at >= second * 1_000 && at < (second + 2) * 1_000)
      .map(([what]) => what);
    lines.push(
      `${String(second).padStart(4)} s  ${`${a}/${n}`.padEnd(6)} ${'#'.repeat(a).padEnd(8)} ${probes > 0 ? `${probes} probes` : ''}`.padEnd(
        34,
      ) + `| ${`${other?.a ?? 0}/${other?.n ?? 0}`.padEnd(6)} ${events.join('; ')}`,
    );
  }
  const [probes] = await guarded.sql<{ n: number }>(
    "select count(*)::int as n from route_decisions where merchant_id = $1 and (decision #>> '{left,probe}')::boolean",
    [guarded.merchant],
  );
  console.log(lines.join('\n'));
  expect(probes?.n ?? 0, 'probes').toBeGreaterThan(0);
}
