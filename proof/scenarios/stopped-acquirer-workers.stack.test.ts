import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { describe, it, type ExpectStatic } from 'vitest';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import { startExtraAcquirers, type ExtraAcquirers } from '../../temporal-dev/testing/extra-acquirers.ts';
import { testCard } from '../support/cards.ts';
import { expectNoDoubleCharge } from '../support/routing.ts';
import { idOf, openWorld, sale, settled, until, type World } from '../support/world.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: time does not make a payment happen that was called failed. A worker may stop anywhere
 * around the first byte and go on after others have settled the payment, and bytes may lie on the wire
 * for longer than anybody waits for them: what was not executed is never executed afterwards, and what
 * was is undone. Every scenario has an acquirer and workers of its own; they run side by side, for most
 * of what they do is to wait for the limit of a call.
 */
interface Place {
  readonly world: World;
  readonly acquirers: ExtraAcquirers;
  readonly kinds: () => string[];
  readonly pay: () => Promise<string>;
  readonly attempt: (payment: string) => Promise<Attempt | undefined>;
}

interface Attempt extends Record<string, unknown> {
  id: string;
  state: string;
  sends: number;
  late: boolean;
}

/** Above the limit of an activity (30 s): the call is given up by the workflow, not by the worker. */
const HELD_MS = 36_000;
const PATIENT = { acquirerCallLimitMs: '60000' };
const SETTLED_WITHIN_MS = 200_000;
/** One at a time: each writes down the secrets of the stack. */
let started: Promise<unknown> = Promise.resolve();
let cards = Math.floor(Math.random() * 100_000_000);

async function at(
  scenario: (place: Place) => Promise<void>,
  settings: Parameters<typeof startExtraAcquirers>[2] = {},
  host: Parameters<typeof startExtraAcquirers>[3] = {},
): Promise<void> {
  const id = `stopped-${randomUUID()}`;
  const run = await readRunFile(stackRunFile());
  const starting = started.then(() => startExtraAcquirers(run, [id], settings, host));
  started = starting.catch(() => undefined);
  const acquirers = await starting;
  try {
    const world = await openWorld(stackRunFile(), { acquirers: [id] });
    try {
      await scenario({
        world,
        acquirers,
        kinds: () => acquirers.simulators[0]?.entries().map(({ kind }) => kind) ?? [],
        async pay() {
          cards += 1;
          return idOf(await world.post('/v1/payments', sale(testCard(cards)), { wait: 0 }));
        },
        async attempt(payment) {
          const [row] = await world.sql<Attempt>(
            `select id, state, sends, late_answer is not null as late from attempts
             where merchant_id = $1 and payment_id = $2 and kind = 'sale' order by number`,
            [world.merchant, payment],
          );
          return row;
        },
      });
      await expectNoDoubleCharge(world, acquirers);
    } finally {
      await world.close();
    }
  } finally {
    await acquirers.close();
  }
}

/** Stops the worker after its row says `sending`, and before it knows: its statement waits for a lock until it is stopped. */
async function stopBeforeTheFirstByte({ world, acquirers, attempt, pay }: Place): Promise<string> {
  process.kill(acquirers.pid, 'SIGSTOP');
  const payment = await pay();
  const planned = await until(
    'the attempt is planned',
    () => attempt(payment),
    (row) => row !== undefined,
  );
  const { postgres } = await world.run();
  const holder = new pg.Client({ connectionString: postgres.urls.owner });
  await holder.connect();
  try {
    await holder.query('begin');
    await holder.query('select 1 from attempts where merchant_id = $1 and id = $2 for update', [
      world.merchant,
      planned?.id,
    ]);
    const { rows } = await holder.query<{ pid: number }>('select pg_backend_pid() as pid');
    process.kill(acquirers.pid, 'SIGCONT');
    await until(
      'the worker waits to say that it sends',
      () => world.sql('select 1 from pg_stat_activity where $1 = any(pg_blocking_pids(pid))', [rows[0]?.pid]),
      (waiting) => waiting.length === 1,
    );
    process.kill(acquirers.pid, 'SIGSTOP');
    await holder.query('commit');
  } finally {
    await holder.end();
  }
  await until(
    'the row says that it sends',
    () => attempt(payment),
    (row) => row?.state === 'sending',
  );
  return payment;
}

/** Whatever it was doing, it has done: it takes another payment, and nobody else could. */
async function worksAgain(expect: ExpectStatic, { world, pay }: Place): Promise<void> {
  const payment = await pay();
  expect(await settled(world, payment, SETTLED_WITHIN_MS)).toMatchObject({ status: 'captured' });
}

describe.concurrent('a worker that is stopped', { timeout: 300_000 }, () => {
  it('between “sending” and the first byte writes nothing when it wakes: the payment was settled without it', async ({
    expect,
  }) => {
    await at(async (place) => {
      const { world, acquirers, kinds, attempt } = place;
      const payment = await stopBeforeTheFirstByte(place);
      const other = await acquirers.another();
      expect(await settled(world, payment, SETTLED_WITHIN_MS)).toMatchObject({
        status: 'failed',
        failure_code: 'not_executed',
      });
      expect(kinds()).toEqual(['not_found']);

      process.kill(other, 'SIGTERM');
      process.kill(acquirers.pid, 'SIGCONT');
      await worksAgain(expect, place);
      expect(kinds()).toEqual(['not_found', 'sale']);
      expect(await attempt(payment)).toMatchObject({ state: 'reversed', sends: 1, late: false });
      expect(await settled(world, payment)).toMatchObject({ status: 'failed', amount_captured: 0 });
    });
  });

  it('between the answer and its record tells what it knows when it wakes: kept, and nothing changes', async ({
    expect,
  }) => {
    await at(async (place) => {
      const { world, acquirers, kinds, pay, attempt } = place;
      acquirers.simulators[0]?.addFault({
        times: 1,
        match: { kind: 'sale' },
        action: { type: 'delay', delayMs: 3_000 },
      });
      const payment = await pay();
      await until(
        'the acquirer has executed it',
        () => Promise.resolve(kinds()),
        (all) => all.includes('sale'),
      );
      process.kill(acquirers.pid, 'SIGSTOP');
      await acquirers.another();
      expect(await settled(world, payment, SETTLED_WITHIN_MS)).toMatchObject({
        status: 'failed',
        failure_code: 'reversed_unknown',
      });
      expect(kinds()).toEqual(['sale', 'reversed']);

      process.kill(acquirers.pid, 'SIGCONT');
      await until(
        'the late approval is kept',
        () => attempt(payment),
        (row) => row?.late === true,
      );
      expect(await settled(world, payment)).toMatchObject({ status: 'failed', amount_captured: 0 });
      // It is undone already: nobody has to undo it again.
      expect(kinds()).toEqual(['sale', 'reversed']);
    });
  });
});

describe.concurrent('bytes that are held longer than anybody waits', { timeout: 300_000 }, () => {
  const hold = ({ simulators }: ExtraAcquirers): void => {
    simulators[0]?.addFault({ times: 1, match: { kind: 'sale' }, action: { type: 'hold', holdMs: HELD_MS } });
  };

  it('are refused when they come, where the acquirer has seen the reversal', async ({ expect }) => {
    await at(async ({ world, acquirers, kinds, pay, attempt }) => {
      hold(acquirers);
      const payment = await pay();
      expect(await settled(world, payment, SETTLED_WITHIN_MS)).toMatchObject({
        status: 'failed',
        failure_code: 'not_executed',
      });
      await until(
        'the bytes have come',
        () => Promise.resolve(kinds()),
        (all) => all.length === 2,
      );
      expect(kinds()).toEqual(['not_found', 'declined']);
      expect(await attempt(payment)).toMatchObject({ state: 'reversed' });
    }, PATIENT);
  });

  it('are undone when they come, where the acquirer forgets a reversal of what it does not know', async ({
    expect,
  }) => {
    await at(
      async ({ world, acquirers, kinds, pay }) => {
        await world.sql(
          "update acquirers set fences_by_reversal = false, in_flight_age = '5 minutes' where id = $1",
          [acquirers.ids[0]],
        );
        hold(acquirers);
        const payment = await pay();
        expect(await settled(world, payment, SETTLED_WITHIN_MS)).toMatchObject({
          status: 'failed',
          failure_code: 'reversed_unknown',
        });
        expect(kinds().filter((kind) => kind !== 'not_found')).toEqual(['sale', 'reversed']);
        expect(kinds()[0], 'the reversal was there first').toBe('not_found');
      },
      PATIENT,
      { fencesByReversal: false },
    );
  });
});
