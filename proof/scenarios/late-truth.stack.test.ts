import { execFile } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAgreement } from '../support/agreement.ts';
import { GOOD_CARD, idOf, openWorld, sale, settled, until, type World } from '../support/world.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: an answer that comes after its call was over still counts, and never against what was
 * committed meanwhile; what no machine knows two people may say, and the machine is believed after all.
 */
const ACQUIRER = 'acquirer-1';
/** Above the acquirer call limit of the stack (8 s). */
const LATE_MS = 10_000;
let world: World;

beforeAll(async () => {
  world = await openWorld(stackRunFile(), { acquirers: [ACQUIRER] });
});
afterAll(() => world.close());

async function fault(
  kind: string,
  amount: number,
  action: Record<string, unknown>,
  times = 1,
): Promise<void> {
  const control = (await world.run()).acquirers.find(({ id }) => id === ACQUIRER)?.control ?? '';
  const response = await fetch(`${control}/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ times, match: { kind, amount }, action }),
    signal: AbortSignal.timeout(5_000),
  });
  expect(response.status, await response.text()).toBe(201);
}

function tool(name: string, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const all = [`dist/tools/${name}.js`, ...args, '--run-file', stackRunFile()];
    execFile(process.execPath, all, (error, out, errors) => {
      if (error === null) resolve(out);
      else reject(new Error(`${name} ${args.join(' ')}: ${errors}${out}`));
    });
  });
}

const show = async (id: string): Promise<Record<string, unknown>> =>
  (await world.get(`/v1/payments/${id}`)).body;
const rows = (text: string, id: string) => world.sql<Record<string, unknown>>(text, [id]);
const cases = (id: string) => rows('select kind, state from cases where payment_id = $1 order by kind', id);
const operation = async (id: string, kind: string) => {
  const [row] = await world.sql<{ id: string; phase: string; state: string }>(
    'select id, phase, state from operations where payment_id = $1 and kind = $2 order by created_at desc',
    [id, kind],
  );
  return row;
};

/** A captured payment of its own amount, so that its faults are its own. */
async function captured(amount: number, number = GOOD_CARD): Promise<string> {
  const created = await world.post('/v1/payments', sale(number, { amount }));
  expect(created.body['status'], created.text).toBe('captured');
  return idOf(created);
}

const inCase = (id: string): Promise<unknown> =>
  until(
    `the refund of ${id} is in a case`,
    () => operation(id, 'refund'),
    (one) => one?.phase === 'case',
  );

describe.concurrent('an answer that comes after its call was over', () => {
  it('of an authorization that is being reversed is kept, and revives nothing', async () => {
    await fault('authorization', 4_101, { type: 'delay', delayMs: LATE_MS });
    const created = await world.post('/v1/payments', sale(GOOD_CARD, { amount: 4_101, capture: 'manual' }), {
      wait: 0,
    });
    const id = idOf(created);
    expect(await settled(world, id)).toMatchObject({ status: 'failed', failure_code: 'reversed_unknown' });
    await until(
      'the late approval is a command, and done',
      () => rows("select state from commands where payment_id = $1 and kind = 'late_answer'", id),
      ([row]) => row?.['state'] === 'done',
    );
    expect(await show(id)).toMatchObject({ status: 'failed' });
    expect(
      await rows("select state from attempts where payment_id = $1 and kind = 'authorization'", id),
    ).toEqual([{ state: 'reversed' }]);
  });

  it('of a capture finds it known: it was repeated meanwhile', async () => {
    const id = idOf(
      await world.post('/v1/payments', sale('5555555555554444', { amount: 4_102, capture: 'manual' })),
    );
    await fault('capture', 4_102, { type: 'delay', delayMs: LATE_MS });
    await world.post(`/v1/payments/${id}/capture`, {}, { wait: 0 });
    await until(
      `${id} is captured`,
      () => show(id),
      ({ status }) => status === 'captured',
    );
    expect(await show(id)).toMatchObject({ amount_captured: 4_102 });
  });

  it('of a refund concludes it, and closes its case', async () => {
    const id = await captured(4_103);
    await fault('refund', 4_103, { type: 'delay', delayMs: LATE_MS });
    await world.post(`/v1/payments/${id}/refunds`, {}, { wait: 0 });
    await until(
      `${id} is refunded`,
      () => show(id),
      ({ status }) => status === 'refunded',
    );
    expect(await cases(id)).toEqual([{ kind: 'refund_unknown', state: 'resolved' }]);
  });
});

describe.concurrent('what no machine knows', () => {
  it('is called not executed by two people, blocks what would move money, and the acquirer is believed', async () => {
    const id = await captured(4_104, '4111111111111111');
    await fault('refund', 1_104, { type: 'delay', delayMs: 35_000 });
    await world.post(`/v1/payments/${id}/refunds`, { amount: 1_104 }, { wait: 0 });
    await inCase(id);
    const refund = await operation(id, 'refund');
    const said = ['--merchant', world.merchant, '--payment', id, '--operation', refund?.id ?? ''];
    const why = ['--evidence', 'report line 7', '--reason', 'not in the report'];
    const out = await tool(
      'ops-resolve',
      'propose',
      '--by',
      'anna',
      ...said,
      '--outcome',
      'not_executed',
      ...why,
    );
    const resolution = /res_\w+/.exec(out)?.[0] ?? '';
    await expect(tool('ops-resolve', 'approve', resolution, '--by', 'anna')).rejects.toThrow('somebody else');
    expect(await show(id)).toMatchObject({ amount_refunded: 0 });
    await tool('ops-resolve', 'approve', resolution, '--by', 'ben');
    await until(
      'the refund has failed',
      () => operation(id, 'refund'),
      (one) => one?.state === 'failed',
    );
    const again = await world.post(`/v1/payments/${id}/refunds`, { amount: 500 });
    expect([again.status, again.body['code']], again.text).toEqual([409, 'operation_pending']);
    await until(
      'the acquirer is believed',
      () => show(id),
      (body) => body['amount_refunded'] === 1_104,
    );
    expect((await cases(id)).map(({ kind }) => kind)).toEqual([
      'adopted',
      'late_answer',
      'refund_unknown',
      'resolution_contradicted',
      'unknown_too_long',
    ]);
  });

  it('is called executed by one person with evidence; its case stays open', async () => {
    const id = await captured(4_105, '2223003122003222');
    await fault('refund', 1_105, { type: 'lose_answer' });
    await world.post(`/v1/payments/${id}/refunds`, { amount: 1_105 }, { wait: 0 });
    await inCase(id);
    const refund = await operation(id, 'refund');
    const said = ['--merchant', world.merchant, '--payment', id, '--operation', refund?.id ?? ''];
    const why = ['--evidence', 'ARN 7412', '--reason', 'in the report of the day'];
    await tool('ops-resolve', 'propose', '--by', 'anna', ...said, '--outcome', 'executed', ...why);
    await until(
      `${id} is refunded in part`,
      () => show(id),
      (body) => body['amount_refunded'] === 1_105,
    );
    expect(await cases(id)).toEqual([
      { kind: 'refund_unknown', state: 'open' },
      { kind: 'unknown_too_long', state: 'open' },
    ]);
  });
});

it('after an outage everything unfinished is asked about now, each payment once', async () => {
  const since = new Date().toISOString();
  const id = idOf(
    await world.post('/v1/payments', sale('5105105105105100', { amount: 4_106, capture: 'manual' })),
  );
  await fault('capture', 4_106, { type: 'no_answer_not_executed' });
  await world.post(`/v1/payments/${id}/capture`, {}, { wait: 0 });
  const affected = ['--acquirer', ACQUIRER, '--since', since];
  await until(
    'it is found',
    () => tool('recover', ...affected),
    (out) => out.includes('nothing was done; with --go 1 '),
  );
  expect(await tool('recover', ...affected, '--go', '--by', 'anna')).toContain('1 nudged, 0 had been before');
  expect(
    await world.sql(`select 1 from gateway_audit where kind = 'command_line' and action like 'recover %'`),
  ).not.toEqual([]);
  await until(
    'the nudge is heard',
    () => rows("select state from commands where payment_id = $1 and kind = 'nudge'", id),
    ([row]) => row?.['state'] === 'done',
  );
  await until(
    `${id} is captured`,
    () => show(id),
    ({ status }) => status === 'captured',
  );
  expect(await tool('recover', ...affected, '--go', '--by', 'anna')).toContain('0 nudged');
});

it('leaves three records that agree', async () => {
  await expectAgreement(world);
});
