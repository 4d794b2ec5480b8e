import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readHistory, writeHistory } from './history-file.ts';

// The promise: a recording is what happened, and says nothing of the machine that it was made on.

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quittance-history-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('a recording names the workers without their machine', async () => {
  const path = join(folder, 'one.json');
  const [workflowId, identity] = ['pay_1', 'payments@17@a-machine.example'];
  const started = { eventId: 1, workflowExecutionStartedEventAttributes: { workflowId, identity } };
  const taken = { eventId: 2, workflowTaskStartedEventAttributes: { identity: 'back-office@18' } };
  await writeHistory(path, { events: [started, taken] } as never);
  const { history } = await readHistory(path);
  expect(history.events?.[0]?.workflowExecutionStartedEventAttributes?.identity).toBe('payments@17');
  expect(history.events?.[1]?.workflowTaskStartedEventAttributes?.identity).toBe('back-office@18');
});
