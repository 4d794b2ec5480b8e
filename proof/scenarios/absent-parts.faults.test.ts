import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectAgreement } from '../support/agreement.ts';
import { GOOD_CARD, idOf, openWorld, sale, settled, until, type World } from '../support/world.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: while a part is away, what was accepted is finished, truthfully, when it is back, and
 * what cannot be accepted is refused with 503 and Retry-After. A part is away while it is stopped
 * (SIGSTOP: its port is open and nobody answers), which is worse than being dead.
 */
let world: World;

beforeEach(async () => {
  world = await openWorld(stackRunFile());
});
afterEach(async () => {
  await expectAgreement(world);
  await world.close();
});

async function withStopped<T>(role: string, run: () => Promise<T>): Promise<T> {
  const pid = await world.pid(role);
  process.kill(pid, 'SIGSTOP');
  try {
    return await run();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

describe('a part is away', () => {
  it.each(['temporal', 'acquirers', 'payments'])(
    '%s: the payment is accepted and finished when it is back',
    async (role) => {
      const created = await withStopped(role, () => world.post('/v1/payments', sale(GOOD_CARD), { wait: 1 }));
      expect(created.status, created.text).toBe(202);
      expect(created.body['status']).toBe('processing');
      const payment = await settled(world, idOf(created), 120_000);
      expect(payment['status']).toBe('captured');
      const journal = await world.journal();
      expect(journal.filter(({ kind }) => kind === 'sale')).toHaveLength(1);
    },
    150_000,
  );

  it('redis: payments go on, scored by what the record says', async () => {
    const created = await withStopped('redis', () => world.post('/v1/payments', sale(GOOD_CARD)));
    expect(created.body['status'], created.text).toBe('captured');
    expect(created.body['risk']).toMatchObject({ reasons: ['velocity_counted_without_redis'] });
  });

  it('the acquirer: its silence is never called a decline; its late approval is reversed', async () => {
    const id = await withStopped('acquirer-1', async () => {
      const created = await world.post('/v1/payments', sale(GOOD_CARD), { wait: 0 });
      expect(created.status, created.text).toBe(202);
      await until(
        'its silence is noted',
        () => world.get(`/v1/payments/${idOf(created)}`),
        ({ text }) => text.includes('authorization_unknown'),
      );
      expect((await world.get(`/v1/payments/${idOf(created)}`)).body['status']).toBe('processing');
      return idOf(created);
    });
    const payment = await settled(world, id, 120_000);
    expect(payment).toMatchObject({ status: 'failed', failure_code: 'reversed_unknown' });
    expect((await world.journal()).map(({ kind }) => kind)).toEqual(['sale', 'reversed']);
  }, 150_000);

  it('the vault: a raw card is refused with 503 and Retry-After, and nothing is written', async () => {
    const refused = await withStopped('vault', () => world.post('/v1/payments', sale(GOOD_CARD)));
    expect(refused.status, refused.text).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await world.sql('select 1 from payments where merchant_id = $1', [world.merchant])).toEqual([]);
  });

  it('the key service: cards are still staged and paid with keys that are cached', async () => {
    const before = await world.post('/v1/payments', sale(GOOD_CARD));
    expect(before.body['status']).toBe('captured');
    const created = await withStopped('kms', () =>
      world.post('/v1/payments', { ...sale(GOOD_CARD), amount: 700 }),
    );
    expect(created.body['status'], created.text).toBe('captured');
  });

  it('PostgreSQL is killed: the api says 503 until it is back, and what was accepted stays accepted', async () => {
    const created = await world.post('/v1/payments', sale(GOOD_CARD));
    expect(created.body['status'], created.text).toBe('captured');
    process.kill(await world.pid('postgres'), 'SIGKILL');
    const answer = await until(
      'the api answers again',
      () => world.get(`/v1/payments/${idOf(created)}`),
      ({ status }) => {
        expect([200, 503]).toContain(status);
        return status === 200;
      },
    );
    expect(answer.body['status']).toBe('captured');
    const next = await until(
      'payments are taken again',
      () => world.post('/v1/payments', sale(GOOD_CARD)),
      ({ status }) => status === 201,
    );
    expect(next.body['status']).toBe('captured');
  });
});
