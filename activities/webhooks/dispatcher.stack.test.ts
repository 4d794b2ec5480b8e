import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../../temporal-dev/testing/wait-until.ts';
import { KmsUnavailable } from '../../platform/key-errors.ts';
import { createWebhookActivities } from './index.ts';
import { startWebhookFixture, type RunningDispatcher, type WebhookFixture } from './testing/fixture.ts';
import { startReceiver, type Receiver } from './testing/receiver.ts';

const LIMIT_MS = 20_000;

let fixture: WebhookFixture;
beforeAll(async () => {
  fixture = await startWebhookFixture();
});
afterAll(async () => {
  await fixture.close();
});

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function receiver(...behaviour: Parameters<typeof startReceiver>): Promise<Receiver> {
  const started = await startReceiver(...behaviour);
  closing.push(() => started.close());
  return started;
}

function dispatcher(overrides: Parameters<WebhookFixture['startDispatcher']>[0] = {}): RunningDispatcher {
  const started = fixture.startDispatcher(overrides);
  closing.push(() => started.stop());
  return started;
}

type Refs = Awaited<ReturnType<WebhookFixture['addDeliveries']>>;
const states = (refs: Refs) => Promise.all(refs.map(async (ref) => (await fixture.facts(ref)).state));
const all = (state: string, refs: Refs) => async () => (await states(refs)).every((each) => each === state);

describe('the webhook dispatcher', () => {
  it('delivers committed events, signed as the standard says, with the exact bytes of the event', async () => {
    const shop = await receiver();
    const { id, secret } = await fixture.addEndpoint(shop.url);
    const refs = await fixture.addDeliveries(id, 3);
    dispatcher();
    await waitUntil('three deliveries are delivered', LIMIT_MS, all('delivered', refs));
    shop.verifyAll(secret);
    expect(shop.received.map((each) => each.id).sort()).toEqual(refs.map(({ delivery }) => delivery).sort());
    expect(shop.received[0]?.body).toContain('"note":"é ✓"');
    expect(shop.received[0]?.headers['content-type']).toBe('application/json; charset=utf-8');
    const [first] = refs;
    if (first === undefined) throw new Error('no delivery');
    expect(await fixture.facts(first)).toEqual({
      state: 'delivered',
      attempts: 1,
      leased: false,
      log: [{ number: 1, response_status: 204, error: null }],
    });
  });

  it('delivers each event once when two of them work at it', async () => {
    const shop = await receiver();
    const { id, secret } = await fixture.addEndpoint(shop.url);
    const refs = await fixture.addDeliveries(id, 120);
    dispatcher({ batch: 7 });
    dispatcher({ batch: 7 });
    await waitUntil('all are delivered', LIMIT_MS, all('delivered', refs));
    shop.verifyAll(secret);
    expect(shop.received).toHaveLength(120);
    expect(new Set(shop.received.map((each) => each.id))).toEqual(
      new Set(refs.map(({ delivery }) => delivery)),
    );
  });

  it('takes over what another claimed and never delivered, when its lease is over', async () => {
    const shop = await receiver();
    const { id } = await fixture.addEndpoint(shop.url);
    const refs = await fixture.addDeliveries(id, 2);
    // A dispatcher that dies right after its claim.
    const claimed = await fixture.store.claim({ limit: 50, leaseMs: 600_000, except: [] });
    expect(claimed.map(({ delivery }) => delivery)).toEqual(refs.map(({ delivery }) => delivery));
    expect(await fixture.store.claim({ limit: 50, leaseMs: 600_000, except: [] })).toEqual([]);
    await fixture.sql('update deliveries set leased_until = clock_timestamp() where endpoint_id = $1', [id]);
    dispatcher();
    await waitUntil('the other one has delivered them', LIMIT_MS, all('delivered', refs));
    expect(shop.received).toHaveLength(2);
  });

  it('leaves what this build cannot tell in its version where it is, and says so; once it can, it is sent', async () => {
    const shop = await receiver();
    const { id } = await fixture.addEndpoint(shop.url);
    const refs = await fixture.addDeliveries(id, 1);
    const [ref] = refs;
    const waitsFor = async (): Promise<unknown> => {
      const { rows } = (await fixture.sql('select state, waits_for from deliveries where id = $1', [
        ref?.delivery,
      ])) as { rows: unknown[] };
      return rows[0];
    };
    await fixture.sql("update deliveries set api_version = '2099-01-01' where id = $1", [ref?.delivery]);
    expect(await fixture.store.claim({ limit: 50, leaseMs: 1, except: [] })).toEqual([]);
    expect(await waitsFor()).toEqual({ state: 'pending', waits_for: 'version' });
    expect(fixture.unmade()).toBe(1);
    expect(fixture.logged).toContainEqual({
      event: 'webhook_body_not_made',
      fields: expect.objectContaining({ delivery: ref?.delivery, version: '2099-01-01' }) as unknown,
    });
    // It is nobody's turn to claim it again for a quarter of an hour: those that can be sent come first.
    expect(await fixture.store.claim({ limit: 50, leaseMs: 1, except: [] })).toEqual([]);
    expect(fixture.unmade()).toBe(1);
    await fixture.sql("update deliveries set api_version = '2026-05-01', leased_until = null where id = $1", [
      ref?.delivery,
    ]);
    dispatcher();
    await waitUntil('it is delivered', LIMIT_MS, all('delivered', refs));
    expect(await waitsFor()).toEqual({ state: 'delivered', waits_for: null });
  });

  it('logs a failed attempt, marks the delivery as retrying, and only then hands it to its workflow', async () => {
    const shop = await receiver((response) => response.writeHead(500).end('no'));
    const { id } = await fixture.addEndpoint(shop.url);
    const refs = await fixture.addDeliveries(id, 1);
    const seen: string[] = [];
    dispatcher({
      startDelivery: async (ref) => {
        seen.push((await fixture.facts(ref)).state);
      },
    });
    await waitUntil('its workflow is asked for', LIMIT_MS, () => seen.length > 0);
    expect(seen).toEqual(['retrying']);
    const [ref] = refs;
    if (ref === undefined) throw new Error('no delivery');
    expect(await fixture.facts(ref)).toEqual({
      state: 'retrying',
      attempts: 1,
      leased: false,
      log: [{ number: 1, response_status: 500, error: 'HTTP 500' }],
    });
    expect(shop.received).toHaveLength(1);
  });

  it('leaves a delivery retrying for the keeper when Temporal is away', async () => {
    const shop = await receiver((response) => response.writeHead(503).end());
    const { id } = await fixture.addEndpoint(shop.url);
    const refs = await fixture.addDeliveries(id, 1);
    dispatcher({ startDelivery: () => Promise.reject(new Error('no Temporal')) });
    await waitUntil('it is retrying', LIMIT_MS, all('retrying', refs));
    expect(shop.received).toHaveLength(1);
  });

  it('does not let an endpoint that never answers hold up another one', async () => {
    const stuck = await receiver(() => undefined);
    const quick = await receiver();
    const slowEndpoint = await fixture.addEndpoint(stuck.url);
    const quickEndpoint = await fixture.addEndpoint(quick.url);
    const slowRefs = await fixture.addDeliveries(slowEndpoint.id, 40);
    const quickRefs = await fixture.addDeliveries(quickEndpoint.id, 40);
    const running = fixture.startDispatcher({ batch: 10 });
    await waitUntil('the quick endpoint has all of its events', LIMIT_MS, all('delivered', quickRefs));
    expect(stuck.waiting()).toBe(4);
    expect(await states(slowRefs)).toEqual(slowRefs.map(() => 'pending'));
    await stuck.close();
    await running.stop();
    await fixture.sql('delete from deliveries where endpoint_id = $1', [slowEndpoint.id]);
  });

  it('does not follow a redirect with a signed message', async () => {
    const elsewhere = await receiver();
    const shop = await receiver((response) => response.writeHead(302, { location: elsewhere.url }).end());
    const { id } = await fixture.addEndpoint(shop.url);
    const refs = await fixture.addDeliveries(id, 1);
    dispatcher();
    await waitUntil('it is retrying', LIMIT_MS, all('retrying', refs));
    expect(elsewhere.received).toHaveLength(0);
  });

  it('sends nothing for an endpoint that is disabled or gone: what waits for it ends without an attempt', async () => {
    const shop = await receiver();
    const [off, gone] = [await fixture.addEndpoint(shop.url), await fixture.addEndpoint(shop.url)];
    const refs = [...(await fixture.addDeliveries(off.id, 2)), ...(await fixture.addDeliveries(gone.id, 1))];
    // Nor is a body made for it that this build cannot make.
    await fixture.sql("update deliveries set api_version = '2099-01-01' where id = $1", [refs[1]?.delivery]);
    await fixture.sql('update webhook_endpoints set enabled = false where id = $1', [off.id]);
    await fixture.sql('delete from webhook_endpoints where id = $1', [gone.id]);
    dispatcher();
    await waitUntil('they have ended', LIMIT_MS, all('endpoint_disabled', refs));
    expect(shop.received).toHaveLength(0);
    const [ref] = refs;
    if (ref === undefined) throw new Error('no delivery');
    expect(await fixture.facts(ref)).toMatchObject({ attempts: 0, leased: false, log: [] });
  });

  it('tells an endpoint that wishes for it the events of one payment in their order, and holds up no other payment', async () => {
    let ill = true;
    const shop = await receiver((response, { id }) => {
      response.writeHead(ill && id === one.delivery ? 500 : 204).end();
    });
    const { id } = await fixture.addEndpoint(shop.url);
    const refs = await fixture.addDeliveries(id, 4);
    const [one, two, three, other] = refs as [Refs[number], Refs[number], Refs[number], Refs[number]];
    // As record_changes writes them, and made in another order than that of the changes.
    await fixture.sql(
      `update deliveries d set order_key = o.payment, order_at = o.version, created_at = now() - o.version * interval '1 s'
       from unnest($1::text[], $2::text[], $3::integer[]) as o(id, payment, version) where d.id = o.id`,
      [refs.map(({ delivery }) => delivery), ['pay_a', 'pay_a', 'pay_a', 'pay_b'], [1, 2, 3, 4]],
    );
    const running = dispatcher();
    await waitUntil('each is where it waits', LIMIT_MS, async () => {
      const [first, second, third, last] = await states(refs);
      return first === 'retrying' && second === 'retrying' && third === 'retrying' && last === 'delivered';
    });
    expect(shop.received.map((each) => each.id).sort()).toEqual([one.delivery, other.delivery].sort());
    expect(new Set(running.started)).toEqual(new Set([one.delivery, two.delivery, three.delivery]));

    const { store, attempt, logger } = fixture;
    let failed = 0;
    const activities = createWebhookActivities({
      store,
      attempt,
      logger,
      attemptsPerEndpoint: 4,
      onFailed: () => {
        failed += 1;
      },
    });
    const deliver = (ref: Refs[number]) => activities.deliver(ref);
    const outOfTurn = { type: 'DeliveryOutOfTurn', nonRetryable: false };
    await expect(deliver(two)).rejects.toMatchObject(outOfTurn);
    ill = false;
    expect(await deliver(one)).toEqual({ concluded: true });
    await expect(deliver(three)).rejects.toMatchObject(outOfTurn);
    // One that was given up holds up nobody either.
    // However often the step runs, it failed once.
    for (let time = 0; time < 2; time += 1) await activities.abandonDelivery(two);
    expect(failed).toBe(1);
    expect(await deliver(three)).toEqual({ concluded: true });
    expect(shop.received.at(-1)?.id).toBe(three.delivery);
  });

  it('does not call it an attempt when the key service is away, and delivers when it is back', async () => {
    const shop = await receiver();
    const { id } = await fixture.addEndpoint(shop.url);
    const refs = await fixture.addDeliveries(id, 1);
    let away = true;
    const running = dispatcher({
      attempt: (delivery) =>
        away ? Promise.reject(new KmsUnavailable('the key service is away')) : fixture.attempt(delivery),
    });
    await waitUntil('the outage is logged', LIMIT_MS, () =>
      fixture.logged.some(({ event }) => event === 'webhook_attempt_failed'),
    );
    expect(await states(refs)).toEqual(['pending']);
    away = false;
    await waitUntil('it is delivered', LIMIT_MS, all('delivered', refs));
    const [ref] = refs;
    if (ref === undefined) throw new Error('no delivery');
    expect((await fixture.facts(ref)).attempts).toBe(1);
    expect(running.started).toEqual([]);
  });

  it('gives an endpoint whose stored secret was tampered with a failed attempt, not a signature', async () => {
    const shop = await receiver();
    const other = await fixture.addEndpoint(shop.url);
    const { id } = await fixture.addEndpoint(shop.url);
    await fixture.sql(
      'update webhook_endpoints set sealed_secret = (select sealed_secret from webhook_endpoints where id = $1) where id = $2',
      [other.id, id],
    );
    const [ref] = await fixture.addDeliveries(id, 1);
    if (ref === undefined) throw new Error('no delivery');
    dispatcher();
    await waitUntil('it is retrying', LIMIT_MS, all('retrying', [ref]));
    expect((await fixture.facts(ref)).log[0]?.error).toContain('cannot be opened (Tampered)');
    expect(shop.received).toHaveLength(0);
  });

  it('finishes what it has begun when it is stopped, and gives back the rest', async () => {
    const answers: (() => void)[] = [];
    const shop = await receiver((response) => {
      answers.push(() => response.writeHead(200).end());
    });
    const { id } = await fixture.addEndpoint(shop.url);
    const refs = await fixture.addDeliveries(id, 10);
    const running = fixture.startDispatcher();
    await waitUntil('four are on their way', LIMIT_MS, () => answers.length === 4);
    const stopped = running.stop();
    for (const answer of answers) answer();
    await stopped;
    const facts = await Promise.all(refs.map((ref) => fixture.facts(ref)));
    expect(facts.filter(({ state }) => state === 'delivered')).toHaveLength(4);
    expect(facts.filter(({ state, leased }) => state === 'pending' && !leased)).toHaveLength(6);
    expect(shop.received).toHaveLength(4);
    await fixture.sql('delete from deliveries where endpoint_id = $1', [id]);
  });
});
