import { describe, expect, it } from 'vitest';
import type { Logger } from '../platform/logger.ts';
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
      meta: { workflowId: 'pay_1', work: 'retry' },
    });
    expect(lines).toEqual([['error', 'step_failed', { workflowId: 'pay_1', work: 'retry' }]]);
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
});
