import { expect, it } from 'vitest';
import { quietActivity } from '../../temporal-dev/testing/quiet-activity.ts';
import type { DeliveryId, EndpointId, EventId, MerchantId } from '../../workflows/domain/ids.ts';
import type { DeliveryRef } from '../../workflows/ports/webhooks.ts';
import { createWebhookActivities } from './index.ts';
import type { AttemptResult, Delivery, DeliveryStore, RecordedAttempt } from './store.ts';

/**
 * The promise of `deliver` alone, as Temporal runs it: it sends what is to be sent and logs it; what keeps it from
 * that is thrown in a way that Temporal tries again when it should, and not where that would help nobody.
 */
const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
const ref = { merchant: 'mer_test' as MerchantId, delivery: 'dlv_test' as DeliveryId };
const delivery: Delivery = {
  ...ref,
  state: 'retrying',
  event: 'evt_test' as EventId,
  endpoint: 'whe_test' as EndpointId,
  version: '2026-11-01',
  traceparent: null,
  behind: null,
  body: '{}',
  target: { url: 'https://shop.example/hook', sealedSecret: null, previousSecret: null },
};
const TAKEN: AttemptResult = {
  delivered: true,
  at: new Date(),
  responseStatus: 204,
  error: null,
  ours: false,
  latencyMs: 3,
};

interface Scene {
  readonly found?: Delivery | null;
  readonly attempt?: () => Promise<AttemptResult>;
}

/** The activity with a store that has one delivery; what was logged of it. */
function scene({ found = delivery, attempt = () => Promise.resolve(TAKEN) }: Scene) {
  const logged: AttemptResult[] = [];
  const store: Pick<DeliveryStore, 'find' | 'record' | 'judge'> = {
    find: () => Promise.resolve(found),
    record(_, result): Promise<RecordedAttempt> {
      logged.push(result);
      return Promise.resolve({
        state: result.delivered ? 'delivered' : 'retrying',
        attempts: logged.length + 1,
        failing: null,
      });
    },
    judge: () => Promise.resolve(null),
  };
  const activities = createWebhookActivities({
    store: store as DeliveryStore,
    attempt,
    logger: silent,
    attemptsPerEndpoint: 1,
    onFailed: () => undefined,
  });
  return { logged, run: () => quietActivity().run((of: DeliveryRef) => activities.deliver(of), ref) };
}

it('an answer other than 2xx is a value: its pause is the schedule’s, not Temporal’s', async () => {
  const failed = { ...TAKEN, delivered: false, responseStatus: 500, error: 'HTTP 500' };
  const { run, logged } = scene({ attempt: () => Promise.resolve(failed) });
  expect(await run()).toEqual({ concluded: false, attempts: 2, reason: 'HTTP 500' });
  expect(logged).toEqual([failed]);
});

it('what is concluded is not sent again', async () => {
  const never = () => Promise.reject(new Error('it was sent'));
  const { run, logged } = scene({ found: { ...delivery, state: 'delivered' }, attempt: never });
  expect(await run()).toEqual({ concluded: true });
  expect(logged).toEqual([]);
});

it('a delivery that is not there is nothing to try again', async () => {
  await expect(scene({ found: null }).run()).rejects.toMatchObject({
    type: 'DeliveryNotFound',
    nonRetryable: true,
  });
});

it('one that is behind another of its payment is tried again in 30 seconds', async () => {
  await expect(scene({ found: { ...delivery, behind: 'retrying' } }).run()).rejects.toMatchObject({
    type: 'DeliveryOutOfTurn',
    nonRetryable: false,
    nextRetryDelay: '30 s',
  });
});

it('one whose endpoint has enough under way is tried again in 5 seconds; the place is free when that ends, however', async () => {
  let end: (how: 'taken' | 'thrown') => void = () => undefined;
  const { run, logged } = scene({
    attempt: () =>
      new Promise((resolve, reject) => {
        end = (how) => (how === 'taken' ? resolve(TAKEN) : reject(new Error('the key service is away')));
      }),
  });
  const first = run();
  await expect(run()).rejects.toMatchObject({
    type: 'EndpointBusy',
    nonRetryable: false,
    nextRetryDelay: '5 s',
  });
  end('thrown');
  // As it is: Temporal tries it again by the workflow's policy, and no attempt is counted.
  await expect(first).rejects.toThrow('the key service is away');
  expect(logged).toEqual([]);
  const next = run();
  await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  end('taken');
  expect(await next).toEqual({ concluded: true });
});

it('cancelled while it sends, it logs what came of it: what the receiver has taken is delivered', async () => {
  const environment = quietActivity();
  const logged: AttemptResult[] = [];
  const activities = createWebhookActivities({
    store: {
      find: () => Promise.resolve(delivery),
      record(_: unknown, result: AttemptResult) {
        logged.push(result);
        return Promise.resolve({ state: 'delivered', attempts: 2, failing: null });
      },
      judge: () => Promise.resolve(null),
    } as unknown as DeliveryStore,
    attempt() {
      environment.cancel('WORKER_SHUTDOWN');
      return Promise.resolve(TAKEN);
    },
    logger: silent,
    attemptsPerEndpoint: 1,
    onFailed: () => undefined,
  });
  expect(await environment.run((of: DeliveryRef) => activities.deliver(of), ref)).toEqual({
    concluded: true,
  });
  expect(logged).toEqual([TAKEN]);
});
