import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EndpointId } from '../../workflows/domain/ids.ts';
import type { DeliveryRef } from '../../workflows/ports/webhooks.ts';
import { newId } from '../../platform/new-id.ts';
import { createDeliveryEnder } from './end-deliveries.ts';
import { FAILING_LIMITS } from './failing.ts';
import type { AttemptResult } from './store.ts';
import { startWebhookFixture, type WebhookFixture } from './testing/fixture.ts';

// The promise: an endpoint is disabled only after days without one success, whoever is at it at that moment.

let fixture: WebhookFixture;
beforeAll(async () => {
  fixture = await startWebhookFixture();
});
afterAll(() => fixture.close());

const result = (delivered: boolean, ours = false): AttemptResult => ({
  delivered,
  at: new Date(),
  responseStatus: delivered ? 204 : 500,
  error: delivered ? null : 'HTTP 500',
  ours,
  latencyMs: 1,
});

async function endpoint(): Promise<{ id: EndpointId; ref: DeliveryRef; refs: readonly DeliveryRef[] }> {
  const { id } = await fixture.addEndpoint('https://shop.example/hooks');
  const refs = await fixture.addDeliveries(id, 2);
  const [ref] = refs;
  if (ref === undefined) throw new Error('no delivery');
  return { id, ref, refs };
}

interface Health {
  readonly enabled: boolean;
  readonly disabled_reason: string | null;
  readonly failing: boolean;
  readonly told: boolean;
}
async function health(id: EndpointId): Promise<Health> {
  const { rows } = (await fixture.sql(
    `select enabled, disabled_reason, failing_since is not null as failing, failing_told_at is not null as told
     from webhook_endpoints where id = $1`,
    [id],
  )) as { rows: Health[] };
  return rows[0] as Health;
}
const WELL = { enabled: true, disabled_reason: null, failing: false, told: false };

const failedFor = (id: EndpointId, days: number, toldDays: number | null): Promise<unknown> =>
  fixture.sql(
    `update webhook_endpoints set failing_since = now() - $2 * interval '1 day', failing_told_at = now() - $3 * interval '1 day' where id = $1`,
    [id, days, toldDays],
  );
const judge = (id: EndpointId) =>
  fixture.store.judge({ merchant: fixture.merchant, endpoint: id }, newId('evt'), FAILING_LIMITS);

describe('an endpoint', () => {
  it('fails from its first failure on until its first success, and not by what is our fault', async () => {
    const { id, ref } = await endpoint();
    await fixture.store.record(ref, result(false, true));
    expect(await health(id)).toEqual(WELL);
    expect((await fixture.store.record(ref, result(false))).failing).toBeNull();
    await failedFor(id, 2, 1);
    const again = await fixture.store.record(ref, result(false));
    expect(again.failing?.forMs).toBeGreaterThanOrEqual(2 * 86_400_000);
    expect(await health(id)).toMatchObject({ failing: true, told: true });
    expect(await fixture.store.record(ref, result(true))).toMatchObject({
      state: 'delivered',
      failing: null,
    });
    expect(await health(id)).toEqual(WELL);
  });

  it('is not disabled before it was told of for a day, though it failed for longer', async () => {
    const { id } = await endpoint();
    await failedFor(id, 30, null);
    expect([await judge(id), await judge(id)]).toEqual(['told', null]);
    await failedFor(id, 30, 1);
    expect([await judge(id), await judge(id)]).toEqual(['disabled', null]);
    expect(await health(id)).toMatchObject({ enabled: false, disabled_reason: 'failing' });
    await fixture.sql('update webhook_endpoints set enabled = true where id = $1', [id]);
    expect(await health(id)).toEqual(WELL);
  });

  it('is disabled or well when a success and the disabling come at the same moment, never both', async () => {
    const seen = new Set<string>();
    for (let round = 0; round < 12; round += 1) {
      const { id, refs } = await endpoint();
      const [one, two] = refs as readonly [DeliveryRef, DeliveryRef];
      await failedFor(id, 6, 2);
      // Both orders, and what lies between.
      const success = () => fixture.store.record(one, result(true));
      const [, verdict] =
        round % 2 === 0
          ? await Promise.all([success(), judge(id)])
          : await Promise.all([judge(id), success()]).then(([first, second]) => [second, first] as const);
      seen.add(String(verdict));
      expect(await health(id)).toEqual(
        verdict === null ? WELL : { enabled: false, disabled_reason: 'failing', failing: true, told: true },
      );
      expect((await fixture.facts(one)).state).toBe('delivered');
      // What is still to be sent ends exactly where it is disabled.
      await fixture.store.end(two);
      expect((await fixture.facts(two)).state).toBe(verdict === null ? 'pending' : 'endpoint_disabled');
    }
    expect(seen.size).toBeGreaterThan(0);
  });

  it('that is disabled or deleted has nothing on its way a moment later, and one that is enabled keeps its retries', async () => {
    const [off, gone, on] = [await endpoint(), await endpoint(), await endpoint()];
    for (const { refs } of [off, gone, on])
      for (const ref of refs) await fixture.store.record(ref, result(false));
    await fixture.sql('update webhook_endpoints set enabled = false where id = $1', [off.id]);
    await fixture.sql('delete from webhook_endpoints where id = $1', [gone.id]);
    await createDeliveryEnder({ pool: fixture.pool, logger: fixture.logger, page: 1 })();
    const states = async (refs: readonly DeliveryRef[]): Promise<string[]> =>
      Promise.all(refs.map(async (ref) => (await fixture.facts(ref)).state));
    expect(await states([...off.refs, ...gone.refs])).toEqual(Array(4).fill('endpoint_disabled'));
    expect(await states(on.refs)).toEqual(['retrying', 'retrying']);
    // An attempt that was under way meanwhile is believed.
    expect(await fixture.store.record(off.ref, result(true))).toMatchObject({ state: 'delivered' });
  });
});
