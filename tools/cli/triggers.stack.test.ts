import { beforeAll, describe, expect, it } from 'vitest';
import { openWorld } from '../../proof/support/world.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';
import { waitUntil } from '../../temporal-dev/testing/wait-until.ts';
import { TRIGGERABLE, triggerOf } from './triggers.ts';

// The promise: what `trigger` offers leads to its event, each at a merchant of its own, all at once.

async function trigger(type: string): Promise<void> {
  // The one that takes everything that is triggered: where else a payment may go follows from what was before.
  const world = await openWorld(stackRunFile(), { acquirers: ['acquirer-1'] });
  try {
    const payment = await triggerOf(type)(world.client, () => undefined);
    await waitUntil(`${payment} tells ${type}`, 60_000, async () => {
      const told = await world.client.events.list({ payment, type }).take(1);
      return told.length > 0;
    });
  } finally {
    await world.close();
  }
}

describe('an event that can be triggered', () => {
  let triggered: ReadonlyMap<string, Promise<void>>;
  beforeAll(async () => {
    triggered = new Map(TRIGGERABLE.map((type) => [type, trigger(type)]));
    await Promise.allSettled(triggered.values());
  });

  it.each(TRIGGERABLE)('%s happens', async (type) => {
    await expect(triggered.get(type)).resolves.toBeUndefined();
  });
});
