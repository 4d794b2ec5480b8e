import { afterAll, beforeAll, expect, it } from 'vitest';
import { resetAsTemporalDoes } from '../../proof/support/server-reset.ts';
import { idOf, openWorld, sale, until, type World } from '../../proof/support/world.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';
import { openTemporal, type TemporalAccess } from '../temporal-access.ts';
import { beginAgain, lookAt } from './reset-run.ts';

/** The promise: a reset ends the run that was looked at, and no other. */

let world: World;
let temporal: TemporalAccess;
beforeAll(async () => {
  world = await openWorld(stackRunFile(), { singleMessage: false, acquirers: ['acquirer-1'] });
  temporal = await openTemporal(stackRunFile(), 'reset-run-test');
});
afterAll(async () => {
  await Promise.all([world.close(), temporal.close()]);
});

it('leaves a run alone that began since somebody looked, which Temporal’s own reset would end', async () => {
  const { client } = temporal;
  const id = idOf(
    await world.post(
      '/v1/payments',
      { ...sale('5555555555554444'), capture: 'manual', amount: 6_002 },
      { wait: 20 },
    ),
  );
  const request = { workflowId: id, runId: null, reason: 'a test', batch: `batch-${id}` };
  const seen = await lookAt(client, request);
  // As the keeper, or the next request of the merchant, begins one in between.
  await client.workflow.getHandle(id, seen.runId).terminate('a test');
  const between = await beginAgain(client, await lookAt(client, request), { ...request, batch: 'other' });
  expect(between).not.toBe(seen.runId);

  expect(await beginAgain(client, seen, request)).toBe(between);
  expect(await client.workflow.getHandle(id).describe()).toMatchObject({
    runId: between,
    status: { name: 'RUNNING' },
  });

  await until(
    'it has done its first task',
    () => client.workflow.getHandle(id).fetchHistory(),
    ({ events }) => events?.some((event) => event.workflowTaskCompletedEventAttributes != null) === true,
  );
  const begun = await resetAsTemporalDoes(client, id, seen.runId);
  const ended = await client.workflow.getHandle(id, between).describe();
  expect(ended.status.name).toBe('TERMINATED');
  expect((await client.workflow.getHandle(id).describe()).runId).toBe(begun);

  const captured = await world.post(`/v1/payments/${id}/capture`, {});
  expect(captured.body['status'], captured.text).toBe('captured');
  expect(
    (await world.journal()).filter((line) => Number(line.amount) === 6_002).map(({ kind }) => kind),
  ).toEqual(['approved', 'captured']);
});
