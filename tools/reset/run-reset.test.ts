import { WorkflowNotFoundError } from '@temporalio/client';
import { expect, it } from 'vitest';
import type { TemporalAccess } from '../temporal-access.ts';
import { runReset } from './run-reset.ts';

// The promise: without --go it says which runs it means and how they stand, of payments alone, and does nothing.

it('shows the current run of each payment that the query finds, and its status', async () => {
  const asked: unknown[] = [];
  const started = { workflowExecutionStartedEventAttributes: {} };
  const client = {
    options: { namespace: 'default' },
    withDeadline: (_until: number, run: () => Promise<unknown>) => run(),
    workflow: {
      list: (options: unknown) => {
        asked.push(options);
        // A workflow has a row for each of its runs.
        return ['pay_1', 'pay_1', 'pay_2', 'pay_gone'].map((workflowId) => ({ workflowId }));
      },
      getHandle: (id: string) => ({
        describe: () =>
          id === 'pay_gone'
            ? Promise.reject(new WorkflowNotFoundError('there is none', id, undefined))
            : Promise.resolve(
                id === 'pay_1'
                  ? { runId: 'run-1', status: { name: 'RUNNING' } }
                  : { runId: 'run-2', status: { name: 'COMPLETED' }, closeTime: new Date() },
              ),
      }),
    },
    workflowService: {
      getWorkflowExecutionHistory: () => Promise.resolve({ history: { events: [started] } }),
    },
  };
  const close = () => Promise.resolve();
  const open = () => Promise.resolve({ client, close } as unknown as TemporalAccess);

  const [out, err]: [string[], string[]] = [[], []];
  const io = { out: (text: string) => out.push(text), err: (text: string) => err.push(text) };
  const why = ['--by', 'anna', '--reason', 'a test', '--batch', 'b'];
  expect(await runReset(['--query', 'A = 1 OR B = 2', ...why], io, open)).toBe(1);
  expect(asked).toEqual([{ query: `(A = 1 OR B = 2) AND WorkflowType = 'payment'` }]);
  expect(out.slice(0, 2)).toEqual([
    'would reset pay_1 run run-1 RUNNING\n',
    'would reset pay_2 run run-2 COMPLETED\n',
  ]);
  expect(err).toEqual(['would be refused: pay_gone: there is none\n']);
  expect(out.slice(2).join('')).toContain('--go looks again: it asks the query anew');
});
