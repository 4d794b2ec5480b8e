import { describe, expect, it, vi } from 'vitest';
import { createLogger, type Logger } from '../platform/logger.ts';
import { logThrough } from './temporal-runtime.ts';

function fixture() {
  const lines: unknown[] = [];
  const log = (severity: string) => (event: string, fields?: unknown) =>
    lines.push([severity, event, fields]);
  const logger: Logger = { error: log('error'), warn: log('warn'), info: log('info'), debug: log('debug') };
  return { lines, log: logThrough(logger) };
}

describe('a line of the Temporal SDK', () => {
  it('keeps the event name that our workflow or activity gave it', () => {
    const { lines, log } = fixture();
    log({
      level: 'ERROR',
      message: 'step_failed',
      timestampNanos: 0n,
      meta: { workflowId: 'pay_1', runId: 'run_1', work: 'retry' },
    });
    expect(lines).toEqual([
      ['error', 'step_failed', { workflow_id: 'pay_1', run_id: 'run_1', work: 'retry' }],
    ]);
  });

  it('becomes one kind of line of ours when it is the own word of the SDK', () => {
    const { lines, log } = fixture();
    log({ level: 'INFO', message: 'Worker state changed', timestampNanos: 0n, meta: { state: 'RUNNING' } });
    log({ level: 'TRACE', message: 'Something', timestampNanos: 0n });
    expect(lines).toEqual([
      ['info', 'temporal_sdk', { text: 'Worker state changed', state: 'RUNNING' }],
      ['debug', 'temporal_sdk', { text: 'Something' }],
    ]);
  });

  it('passes the scrubber like any other line: of workflows, of activities, of the Rust core', () => {
    const written: string[] = [];
    // Where winston writes; vitest has a console of its own.
    const { _stdout: stdout } = console as unknown as { readonly _stdout: NodeJS.WriteStream };
    const write = vi.spyOn(stdout, 'write').mockImplementation((line) => {
      written.push(String(line));
      return true;
    });
    try {
      const log = logThrough(createLogger('payments', 'info'));
      const meta = {
        workflowId: 'pay_1',
        error: new Error('no', { cause: { cvv: '7391', at: '4242-4242-4242-4242' } }),
      };
      log({ level: 'WARN', message: 'step_failed', timestampNanos: 0n, meta });
      log({
        level: 'ERROR',
        message: 'card 4242424242424242 of Bearer sk_test_abcdefgh',
        timestampNanos: 0n,
      });
    } finally {
      write.mockRestore();
    }
    expect(written).toHaveLength(2);
    for (const line of written) JSON.parse(line);
    expect(written.join('').replaceAll('[card …4242]', '')).not.toMatch(/4242|7391|sk_test/);
  });
});
