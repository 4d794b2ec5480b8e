import { ApplicationFailure } from '@temporalio/common';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startHarness, type Harness } from '../../temporal-dev/simulators/stripe/testing.ts';
import { quietActivity } from '../../temporal-dev/testing/quiet-activity.ts';
import type { AttemptId } from '../../workflows/domain/ids.ts';
import type { AcquirerActivities, AttemptRef, CallResult } from '../../workflows/ports/acquirer.ts';
import { createStripeActivities } from './stripe/index.ts';

/**
 * The promise of the sending activity alone, as Temporal runs it: what was begun is ended whatever Temporal says
 * meanwhile, and what it throws is never tried again by Temporal.
 */
let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterEach(() => {
  harness.simulator().clearFaults();
});
afterAll(() => harness.stop());

type Sending = Pick<AcquirerActivities, 'authorize' | 'capture'>;

/** The call of an attempt, as Temporal makes it. */
const run = (
  activities: Sending,
  ref: AttemptRef,
  { as = 'authorize', environment = quietActivity() }: RunOptions = {},
): Promise<CallResult> =>
  environment.run<[AttemptRef], CallResult, (of: AttemptRef) => Promise<CallResult>>(
    (of) => activities[as](of),
    ref,
  );

interface RunOptions {
  readonly as?: keyof Sending;
  readonly environment?: ReturnType<typeof quietActivity>;
}

/** What was thrown. */
async function failureOf(running: Promise<unknown>): Promise<ApplicationFailure> {
  const thrown = await running.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof ApplicationFailure) return thrown;
  throw new Error('it threw no ApplicationFailure', { cause: thrown });
}

it('goes on when it is cancelled between its write and the answer: the answer is recorded', async () => {
  const { plan, activities, simulator, journal } = harness;
  const attempt = await plan('sale', 5_100n);
  const environment = quietActivity();
  simulator().addFault({ times: 1, match: { request: 'confirm' }, action: { type: 'delay', delayMs: 300 } });
  const beats: unknown[] = [];
  environment.on('heartbeat', (details) => beats.push(details));
  harness.hooks.afterMarkSending = () => environment.cancel('CANCELLED');
  try {
    const result = await run(activities, attempt.ref, { environment });
    expect(result).toMatchObject({ outcome: 'approved' });
  } finally {
    harness.hooks.afterMarkSending = () => undefined;
  }
  expect(attempt).toMatchObject({ state: 'answered', answer: { outcome: 'approved' } });
  expect(journal().filter(({ amount }) => amount === 5_100)).toHaveLength(1);
  // Nobody may take a beat that fails to come for a call that was not made: its limit is its own.
  expect(beats).toEqual([]);
});

it('run a second time by Temporal it sends nothing: what it recorded is the answer', async () => {
  const { plan, activities, journal } = harness;
  const attempt = await plan('sale', 5_200n);
  const first = await run(activities, attempt.ref);
  const again = await run(activities, attempt.ref, { environment: quietActivity({ attempt: 2 }) });
  expect(again).toMatchObject({ outcome: first.outcome, responseCode: first.responseCode });
  expect(journal().filter(({ amount }) => amount === 5_200)).toHaveLength(1);
});

it('an attempt that was never planned, or is of another kind, is a bug that nobody tries again', async () => {
  const { plan, activities, journal } = harness;
  const before = journal().length;
  const attempt = await plan('sale', 5_300n);
  const unknown = { ...attempt.ref, attempt: 'att_nobody' as AttemptId };
  for (const [running, what] of [
    [run(activities, unknown), 'att_nobody'],
    [run(activities, attempt.ref, { as: 'capture' }), 'is a sale'],
  ] as const) {
    const failure = await failureOf(running);
    expect(failure).toMatchObject({ type: 'AttemptBug', nonRetryable: true });
    expect(failure.message).toContain(what);
  }
  expect(attempt.state).toBe('planned');
  expect(journal()).toHaveLength(before);
});

it.each(['load', 'markSending'] as const)(
  'while the database does not answer (%s) it writes nothing, and says that nobody knows where the attempt stands',
  async (step) => {
    const { plan, store, cards, journal } = harness;
    const before = journal().length;
    const attempt = await plan('sale', 5_400n);
    const client = {
      createIntent: () => Promise.resolve({ type: 'object', value: { id: `pi_${step}` } }),
    };
    const activities = createStripeActivities({
      store: { ...store, [step]: () => Promise.reject(new Error('the database is away')) },
      cards,
      client: client as unknown as Parameters<typeof createStripeActivities>[0]['client'],
      logger: { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} },
      onLateReply: () => undefined,
    });
    const failure = await failureOf(run(activities, attempt.ref));
    expect(failure).toMatchObject({ type: 'AttemptStateUnknown', nonRetryable: true });
    expect(failure.message).toContain(attempt.ref.attempt);
    expect(attempt.state).toBe('planned');
    expect(journal()).toHaveLength(before);
  },
);

it('what a vault that is away keeps from being sent says nothing about the acquirer; one that is away itself does', async () => {
  const { plan, store, cards, journal } = harness;
  const before = journal().length;
  const away = () => Promise.reject(new Error('it is away'));
  const made = { type: 'object', value: { id: 'pi_unpaid' } };
  const unmade = { type: 'unsent', reason: 'no connection' };
  const send = async (intent: object, vault: typeof cards, amount: bigint): Promise<CallResult> => {
    const client = { createIntent: () => Promise.resolve(intent) };
    const activities = createStripeActivities({
      store,
      cards: vault,
      client: client as unknown as Parameters<typeof createStripeActivities>[0]['client'],
      logger: { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} },
      onLateReply: () => undefined,
    });
    return run(activities, (await plan('sale', amount)).ref);
  };
  const withoutVault = await send(made, { ...cards, detokenize: away }, 5_500n);
  expect(withoutVault).toMatchObject({ outcome: 'retryable', ours: true });
  const withoutAcquirer = await send(unmade, cards, 5_600n);
  expect(withoutAcquirer).toMatchObject({ outcome: 'retryable' });
  expect(withoutAcquirer).not.toHaveProperty('ours');
  expect(journal()).toHaveLength(before);
});
