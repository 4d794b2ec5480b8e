import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Logger } from '../../platform/logger.ts';
import { createRedis } from '../../platform/redis.ts';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import { BREAKER_OPTIONS, CLOSED } from '../../workflows/domain/route/breaker.ts';
import { createBreakers, type Breakers } from './breakers.ts';
import { createRedisState, type SharedState } from './shared-state.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: processes see the same breakers and let no more probes through together than one would
 * alone; and without Redis each goes on with its own, at once. The clock is the test's.
 */
const { openMs, probesMax, probesToClose } = BREAKER_OPTIONS;

let redis: Redis;
let now: number;
let acquirer: string;
let events: string[];
const logger: Logger = {
  error: (event) => void events.push(event),
  warn: (event) => void events.push(event),
  info: (event) => void events.push(event),
  debug: () => undefined,
};

beforeAll(async () => {
  redis = createRedis((await readRunFile(stackRunFile())).redis, logger);
  await new Promise((resolve) => redis.once('ready', resolve));
});
afterAll(() => {
  redis.disconnect();
});
beforeEach(() => {
  now = 1_760_000_000_000;
  acquirer = `acquirer ${randomUUID()}`;
  events = [];
});

const breakersOn = (shared: SharedState): Breakers => createBreakers({ shared, logger, now: () => now });
const process = (): Breakers => breakersOn(createRedisState(redis, 'test:breaker:', 60_000));

async function end(breakers: Breakers, failed: boolean, probe = false): Promise<void> {
  await breakers.report(acquirer, { failed, probe, plannedAt: now });
}
async function stateOf(breakers: Breakers) {
  const view = (await breakers.view([acquirer])).get(acquirer);
  if (view === undefined) throw new Error('no view');
  return view;
}
async function trip(breakers: Breakers): Promise<void> {
  for (let n = 0; n < 5; n += 1) await end(breakers, true);
}

describe('two processes with one Redis', () => {
  it('count together, and both see why it opened', async () => {
    const [one, other] = [process(), process()];
    for (let n = 0; n < 5; n += 1) await end(n % 2 === 0 ? one : other, true);
    expect(await stateOf(one)).toMatchObject({ state: 'open', reason: '5 of 5 calls failed within 10 s' });
    expect(await stateOf(other)).toEqual(await stateOf(one));
    expect(events).toEqual(['breaker_opened']);
  });

  it('let through no more probes than one would, however many ask at once', async () => {
    const processes = Array.from({ length: 10 }, process);
    await trip(process());
    now += openMs;
    const taken = await Promise.all(processes.map((one) => one.takeProbe(acquirer)));
    expect(taken.filter(Boolean).length).toBeGreaterThan(0);
    expect(taken.filter(Boolean).length).toBeLessThanOrEqual(probesMax);
  });

  it('close it together after enough probes went well', async () => {
    const [one, other] = [process(), process()];
    await trip(one);
    now += openMs;
    for (let n = 0; n < probesToClose; n += 1) {
      const asked = n % 2 === 0 ? one : other;
      expect(await asked.takeProbe(acquirer)).toBe(true);
      await end(asked, false, true);
    }
    expect(await stateOf(other)).toMatchObject({ state: 'closed' });
    expect(events).toEqual(['breaker_opened', 'breaker_closed']);
  });

  it('lose few counts when many report at once, and never more than they are', async () => {
    const processes = Array.from({ length: 4 }, process);
    await Promise.all(processes.map((one) => trip(one)));
    expect((await stateOf(process())).state).toBe('open');
  });

  it.each([
    ['no JSON', 'not json'],
    ['no object', '7'],
    ['null', 'null'],
    ['an empty object', '{}'],
    ['slices that are no list', '{"slices":5}'],
    ['a list of what are no slices', JSON.stringify({ ...CLOSED, slices: [7, null] })],
    ['probes that are no list', JSON.stringify({ ...CLOSED, state: 'half_open', probes: 'two' })],
    ['a state that does not exist', JSON.stringify({ ...CLOSED, state: 'ajar' })],
    ['a time that is none', JSON.stringify({ ...CLOSED, state: 'open', until: 'tomorrow' })],
  ])('take %s for a breaker that has seen nothing, and write over it', async (_what, text) => {
    await redis.set(`test:breaker:${acquirer}`, text, 'PX', 60_000);
    const breakers = process();
    expect((await stateOf(breakers)).state).toBe('closed');
    expect(await breakers.takeProbe(acquirer)).toBe(false);
    await trip(breakers);
    expect((await stateOf(breakers)).state).toBe('open');
    expect(events).toEqual(['breaker_opened']);
  });
});

describe('without Redis', () => {
  let silent: Server | null = null;
  afterEach(() => {
    silent?.close();
    silent = null;
  });

  it('a process goes on with its own breaker, and with the shared one when it is back', async () => {
    let away = true;
    const shared = createRedisState(redis, 'test:breaker:', 60_000);
    const flaky: SharedState = {
      get: (keys) => (away ? Promise.reject(new Error('gone')) : shared.get(keys)),
      replace: (...args) => (away ? Promise.reject(new Error('gone')) : shared.replace(...args)),
    };
    const breakers = breakersOn(flaky);
    await trip(breakers);
    expect((await stateOf(breakers)).state).toBe('open');
    away = false;
    now += 1_000;
    expect((await stateOf(breakers)).state).toBe('closed');
  });

  it('one that does not answer costs one timeout, not one a payment', async () => {
    silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent?.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const hanging = createRedis(`redis://127.0.0.1:${address.port}`, logger);
    const breakers = breakersOn(createRedisState(hanging, 'test:breaker:', 60_000));
    for (let n = 0; n < 20; n += 1) expect((await stateOf(breakers)).state).toBe('closed');
    expect(events.filter((event) => event === 'breakers_not_shared')).toHaveLength(1);
    hanging.disconnect();
  });
});
