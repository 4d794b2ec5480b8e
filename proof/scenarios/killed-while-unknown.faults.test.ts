import { afterEach, describe, expect, it } from 'vitest';
import { expectAgreement } from '../support/agreement.ts';
import { idOf, openWorld, sale, settled, until, type World } from '../support/world.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: a payment whose outcome is unknown survives the death of whoever asks about it. The
 * worker of payments and the one of acquirers are killed between two questions; those that come after
 * them ask on, send nothing a second time, and end it as it is.
 */
let world: World;
let control: string;

afterEach(async () => {
  await fetch(`${control}/faults`, { method: 'DELETE', signal: AbortSignal.timeout(5_000) });
  await world.close();
});

async function at(acquirer: string): Promise<void> {
  world = await openWorld(stackRunFile(), { acquirers: [acquirer] });
  control = (await world.run()).acquirers.find(({ id }) => id === acquirer)?.control ?? '';
}

async function fault(match: Record<string, unknown>, type: string, times = 1): Promise<void> {
  const response = await fetch(`${control}/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ times, match, action: { type } }),
    signal: AbortSignal.timeout(5_000),
  });
  expect(response.ok, await response.text()).toBe(true);
}

/** Asked about at least so often without an answer, and both workers killed after it; then nothing hinders them. */
async function killBothWhileUnknown(id: string, phase: 'unknown' | 'reversing'): Promise<void> {
  const asked = () =>
    world.sql<{ phase: string; inquiries: number }>(
      "select phase, inquiries from operations where payment_id = $1 and kind = 'authorize'",
      [id],
    );
  await until(
    `${id} is ${phase}, and was asked about twice`,
    asked,
    ([operation]) => operation?.phase === phase && operation.inquiries >= 2,
    40_000,
  );
  const [payments, acquirers] = [await world.pid('payments'), await world.pid('acquirers')];
  process.kill(payments, 'SIGKILL');
  process.kill(acquirers, 'SIGKILL');
  await until(
    'both are others',
    async () => [await world.pid('payments'), await world.pid('acquirers')],
    (pids) => !pids.includes(payments) && !pids.includes(acquirers),
  );
  expect((await world.get(`/v1/payments/${id}`)).body['status']).toBe('processing');
  await fetch(`${control}/faults`, { method: 'DELETE', signal: AbortSignal.timeout(5_000) });
}

const attempts = (id: string) =>
  world.sql<{ kind: string; state: string; sends: number }>(
    'select kind, state, sends from attempts where payment_id = $1 order by planned_at',
    [id],
  );

describe('both workers are killed while a payment is unknown', () => {
  it('that nobody can be asked about: its reversal is repeated until it is acknowledged', async () => {
    await at('acquirer-1');
    const amount = 4_301;
    await fault({ kind: 'sale', amount }, 'reset_after');
    await fault({ kind: 'reversal', amount }, 'reset_before', 30);
    const id = idOf(await world.post('/v1/payments', sale('4242424242424242', { amount }), { wait: 0 }));
    await killBothWhileUnknown(id, 'reversing');
    expect(await settled(world, id)).toMatchObject({ status: 'failed', failure_code: 'reversed_unknown' });
    expect((await world.journal()).map(({ kind }) => kind)).toEqual(['sale', 'reversed']);
    expect(await attempts(id)).toMatchObject([
      { kind: 'sale', state: 'reversed', sends: 1 },
      { kind: 'reversal', state: 'answered' },
    ]);
    await expectAgreement(world);
  });

  it('that can be asked about: the question is asked again, and it is captured', async () => {
    await at('acquirer-3');
    for (const event of ['payment_intent.succeeded', 'charge.succeeded'])
      await fault({ event }, 'event_lost');
    await fault({ request: 'confirm' }, 'reset_after');
    await fault({ request: 'read' }, 'reset_before', 30);
    await fault({ request: 'confirm' }, 'reset_before', 30);
    const id = idOf(await world.post('/v1/payments', sale('5555555555554444'), { wait: 0 }));
    await killBothWhileUnknown(id, 'unknown');
    expect(await settled(world, id)).toMatchObject({ status: 'captured', amount_captured: 5_000 });
    expect(await attempts(id)).toMatchObject([{ kind: 'sale', state: 'answered', sends: 1 }]);
    await expectAgreement(world);
  });
});
