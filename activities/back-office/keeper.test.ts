import { describe, expect, it } from 'vitest';
import type { Logger } from '../../platform/logger.ts';
import { createKeeper, type KeptRows } from './keeper.ts';

function recordingLogger() {
  const lines: { readonly event: string; readonly fields: unknown }[] = [];
  const log = (event: string, fields?: unknown): void => {
    lines.push({ event, fields });
  };
  const logger: Logger = { error: log, warn: log, info: log, debug: log };
  return { logger, lines };
}

function fixture(
  count: number,
  state: { readonly open: (id: number) => boolean; readonly finished?: (id: number) => boolean },
) {
  const started: number[] = [];
  const asked: string[] = [];
  const rows: KeptRows<number> = {
    page: (last, limit) => {
      const from = last === undefined ? 0 : last + 1;
      return Promise.resolve(
        Array.from({ length: Math.min(limit, count - from) }, (_, index) => from + index),
      );
    },
    workflowId: (id) => `pay_${id}`,
    stillOpen: (id) => Promise.resolve(!(state.finished?.(id) ?? false)),
    start: (id) => {
      started.push(id);
      return Promise.resolve();
    },
  };
  const hasOpenRun = (workflowId: string) => {
    asked.push(workflowId);
    return Promise.resolve(state.open(Number(workflowId.slice(4))));
  };
  const { logger, lines } = recordingLogger();
  const keep = createKeeper({
    rows,
    hasOpenRun,
    logger,
    event: 'keeper_restarted_payment',
    concurrency: 2,
    perSecond: 4,
  });
  return { keep, started, asked, lines };
}

describe('the keeper', () => {
  it('starts what has no open run, and says so, over all pages', async () => {
    const { keep, started, asked, lines } = fixture(6, { open: (id) => id !== 1 && id !== 5 });
    await expect(keep(new AbortController().signal)).resolves.toEqual({ asked: 6, started: 2 });
    expect(asked).toHaveLength(6);
    expect(started).toEqual([1, 5]);
    expect(lines).toEqual([
      { event: 'keeper_restarted_payment', fields: { workflow_id: 'pay_1' } },
      { event: 'keeper_restarted_payment', fields: { workflow_id: 'pay_5' } },
    ]);
  });

  it('leaves alone what finished while it was asked about', async () => {
    const { keep, started } = fixture(3, { open: () => false, finished: (id) => id !== 2 });
    await keep(new AbortController().signal);
    expect(started).toEqual([2]);
  });

  it('stops between pages when it is told to', async () => {
    const { keep, asked } = fixture(1_000, { open: () => true });
    const stopping = new AbortController();
    const turn = keep(stopping.signal);
    stopping.abort();
    await turn.catch(() => undefined);
    expect(asked.length).toBeLessThanOrEqual(4);
  });
});
