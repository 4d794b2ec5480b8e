import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import { startExtraAcquirers, type ExtraAcquirers } from '../../temporal-dev/testing/extra-acquirers.ts';
import { testCard } from '../support/cards.ts';
import { openWorld, sale, until, type World } from '../support/world.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: an acquirer that takes its time takes nobody else's. Each has its own queue with its
 * own slots; the same payments, with both acquirers on one queue of as many slots, show what that
 * prevents. What is compared is the order of things, not how long they took.
 */
const SLOTS = 4;
const SLOW_MS = 8_000;
/** Far above it, so that what is slow is answered all the same when the machine is slow too. */
const CALL_LIMIT_MS = 60_000;

let slow: string;
let quick: string;
let acquirers: ExtraAcquirers;
let atSlow: World;
let atQuick: World;
let cards = 0;

beforeEach(async () => {
  slow = `slow-${randomUUID()}`;
  quick = `quick-${randomUUID()}`;
  acquirers = await startExtraAcquirers(await readRunFile(stackRunFile()), [slow, quick], {
    acquirerCallSlots: String(SLOTS),
    acquirerCallLimitMs: String(CALL_LIMIT_MS),
  });
  atSlow = await openWorld(stackRunFile(), { acquirers: [slow] });
  atQuick = await openWorld(stackRunFile(), { acquirers: [quick] });
}, 120_000);
afterEach(async () => {
  await Promise.all([atSlow.close(), atQuick.close()]);
  await acquirers.close();
});

async function pay(world: World): Promise<void> {
  cards += 1;
  await world.post('/v1/payments', sale(testCard(cards)), { wait: 0 });
}

const count = async (world: World, state: string): Promise<number> =>
  (
    await world.sql<{ n: number }>(
      "select count(*)::int as n from attempts where merchant_id = $1 and kind = 'sale' and state = $2",
      [world.merchant, state],
    )
  )[0]?.n ?? 0;

/** As many slow payments as there are slots, and as many again that wait behind them; then quick ones. */
async function slowThenQuick(): Promise<{ firstSlow: number; firstQuick: number; lastQuick: number }> {
  acquirers.simulators[0]?.addFault({
    times: 1_000,
    match: { kind: 'sale' },
    action: { type: 'delay', delayMs: SLOW_MS },
  });
  for (let n = 0; n < SLOTS; n += 1) await pay(atSlow);
  await until(
    'every slot is taken',
    () => count(atSlow, 'sending'),
    (n) => n === SLOTS,
  );
  for (let n = 0; n < 3; n += 1) await pay(atQuick);
  await until(
    'the quick ones are answered',
    () => count(atQuick, 'answered'),
    (n) => n === 3,
  );
  await until(
    'the slow ones are answered',
    () => count(atSlow, 'answered'),
    (n) => n === SLOTS,
  );
  const answered = async (world: World): Promise<number[]> =>
    (
      await world.sql<{ at: number }>(
        "select extract(epoch from answered_at)::float8 as at from attempts where merchant_id = $1 and kind = 'sale' and answered_at is not null order by 1",
        [world.merchant],
      )
    ).map(({ at }) => at);
  const [slowTimes, quickTimes] = [await answered(atSlow), await answered(atQuick)];
  return {
    firstSlow: slowTimes[0] ?? 0,
    firstQuick: quickTimes[0] ?? 0,
    lastQuick: quickTimes.at(-1) ?? 0,
  };
}

it('with a queue each, the quick acquirer has answered all before the slow one has answered any', async () => {
  const { firstSlow, lastQuick } = await slowThenQuick();
  expect(lastQuick).toBeLessThan(firstSlow);
}, 240_000);

it('with one queue for both, of as many slots, the quick one waits for the slow one', async () => {
  await atSlow.sql('update acquirers set task_queue = $2 where id = $1', [quick, `acquirer:${slow}`]);
  const { firstSlow, firstQuick } = await slowThenQuick();
  expect(firstQuick).toBeGreaterThan(firstSlow);
}, 240_000);
