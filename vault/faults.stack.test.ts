import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createMetrics } from '../platform/metrics.ts';
import { newId } from '../platform/new-id.ts';
import { serveHealth } from '../platform/process.ts';
import { freePort } from '../temporal-dev/ports.ts';
import type { Caller } from './callers.ts';
import {
  aCard,
  aTokenizedPayment,
  eventually,
  postTo,
  startVaultFixture,
  VISA,
  type VaultFixture,
} from './testing/fixture.ts';

/** Four digits that are nowhere else in a log line. */
const CVV = '9091';
const card = () => aCard({ cvv: CVV });

let vault: VaultFixture;
beforeAll(async () => {
  vault = await startVaultFixture();
});
afterEach(() => {
  vault.kms.mend();
  vault.database.mend();
});
afterAll(async () => {
  await vault.close();
});

const stage = (idempotencyKey = newId('pay')) =>
  vault.api.stage({ merchant: newId('mer'), idempotencyKey, card: card() });

const post = (path: string, body: string, caller: Caller = 'api') =>
  postTo(vault, path, body, vault.tls[caller].current());

const isHealthy = (): Promise<boolean> => vault.healthy();

describe('without its key service the vault', () => {
  it('goes on with the keys it has', async () => {
    const before = await aTokenizedPayment(vault, { cvv: CVV });
    vault.kms.cut();
    const during = await aTokenizedPayment(vault, { cvv: CVV });
    for (const { merchant, payment, token, attempts } of [before, during]) {
      expect(await vault.detokenize({ merchant, payment, token, attempt: attempts[0] })).toMatchObject({
        number: VISA,
        cvv: CVV,
      });
    }
    expect(await isHealthy()).toBe(true);
  });

  it('refuses what needs a new key, clearly and for now, and loses nothing', async () => {
    const of = await aTokenizedPayment(vault, { cvv: CVV });
    await vault.restart();
    vault.kms.cut();
    const { status, headers, text } = await post(
      '/v1/stage',
      JSON.stringify({ merchant: of.merchant, idempotencyKey: 'k', card: card() }),
    );
    expect([status, headers['retry-after']]).toEqual([503, '1']);
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'kms_unavailable', retryable: true } });
    const { merchant, payment, token, attempts } = of;
    const fetch = () => vault.detokenize({ merchant, payment, token, attempt: attempts[0] });
    await expect(fetch()).rejects.toMatchObject({ name: 'VaultUnavailable' });
    expect(await isHealthy()).toBe(false);
    vault.kms.mend();
    expect(await fetch()).toMatchObject({ number: VISA, cvv: CVV });
    expect(await isHealthy()).toBe(true);
  });
});

describe('without its database the vault', () => {
  it('refuses for now, loses nothing, and is back with it', async () => {
    const of = await aTokenizedPayment(vault, { cvv: CVV });
    vault.database.cut();
    const healthPort = await freePort();
    // As its program does.
    const closeHealth = await serveHealth(
      { healthHost: '127.0.0.1', healthPort },
      () => vault.healthy(),
      createMetrics('vault'),
    );
    const ask = async (path: string): Promise<number> =>
      (await fetch(`http://127.0.0.1:${healthPort}${path}`)).status;
    // Nobody is to start it anew for that.
    expect([await ask('/livez'), await ask('/healthz')]).toEqual([200, 503]);
    await closeHealth();
    const { status, headers, text } = await post(
      '/v1/stage',
      JSON.stringify({ merchant: of.merchant, idempotencyKey: 'k', card: card() }),
    );
    expect([status, headers['retry-after']]).toEqual([503, '1']);
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'database_unavailable' } });
    await expect(stage()).rejects.toMatchObject({ name: 'VaultUnavailable' });
    expect(await isHealthy()).toBe(false);
    vault.database.mend();
    await eventually(isHealthy);
    const { merchant, payment, token, attempts } = of;
    expect(await vault.detokenize({ merchant, payment, token, attempt: attempts[0] })).toMatchObject({
      number: VISA,
      cvv: CVV,
    });
  });
});

describe('a client', () => {
  it('outlives a restart of the vault', async () => {
    await stage();
    await vault.restart();
    await stage();
  });
});

describe('bad input', () => {
  const good = () => ({ merchant: newId('mer'), idempotencyKey: 'k', card: card() });
  const tampered = (change: object) => ({ ...good(), card: { ...card(), ...change } });

  it.each<[string, object, string]>([
    ['a number that fails the Luhn check', tampered({ number: '4242424242424241' }), 'card.number'],
    ['a number with separators', tampered({ number: '4242 4242 4242 4242' }), 'card.number'],
    ['a number that is a number', tampered({ number: 4242424242424242 }), 'card.number'],
    ['a month 13', tampered({ expiryMonth: 13 }), 'card.expiryMonth'],
    ['a year of two digits', tampered({ expiryYear: 34 }), 'card.expiryYear'],
    ['a security code of five digits', tampered({ cvv: '12345' }), 'card.cvv'],
    ['an unknown field', tampered({ '4242424242424242': 'x' }), 'unknown fields'],
    ['a merchant that is none', { ...good(), merchant: 'mer_4242424242424242' }, 'merchant'],
    ['an empty idempotency key', { ...good(), idempotencyKey: '' }, 'idempotencyKey'],
    ['no card', { merchant: newId('mer'), idempotencyKey: 'k' }, 'card'],
  ])('%s is refused, by name and without its value', async (_what, body, where) => {
    const { status, text } = await post('/v1/stage', JSON.stringify(body));
    expect(status).toBe(400);
    expect(text).toContain('"code":"malformed"');
    expect(text).toContain(where);
    expect(text).not.toMatch(/\d{8}/);
  });

  it.each([
    ['not JSON', '{"card":{"number":"4242424242424242"', 400],
    ['not an object', '"4242424242424242"', 400],
    ['too large', JSON.stringify({ number: '4242424242424242'.repeat(1_000) }), 413],
  ])('a body that is %s is refused without a word of it', async (_what, body, expected) => {
    const { status, text } = await post('/v1/stage', body);
    expect(status).toBe(expected);
    expect(text).not.toContain('4242');
  });

  it('leaves nothing written', async () => {
    const [before] = await vault.sql('SELECT count(*) FROM vault.staged_cards');
    await post('/v1/stage', JSON.stringify(tampered({ number: '4242424242424241' })));
    await post('/v1/stage', JSON.stringify(good()), 'acquirers');
    expect(await vault.sql('SELECT count(*) FROM vault.staged_cards')).toEqual([before]);
  });

  it('is unknown beyond its routes', async () => {
    expect((await post('/v1/nothing', '{}')).status).toBe(404);
  });

  it('and everything else that went wrong here put no card number and no security code into the log', () => {
    expect(vault.logged.length).toBeGreaterThan(10);
    const text = vault.logged.map(({ event, fields }) => `${event} ${describeDeep(fields)}`).join('\n');
    expect(text).not.toMatch(new RegExp(`4242\\D?4242|${CVV}`));
  });
});

/** All of a value as text, errors with their causes included, before any scrubbing. */
function describeDeep(value: unknown): string {
  if (value instanceof Error)
    return `${value.name} ${value.message} ${value.stack ?? ''} ${describeDeep(value.cause)} ${JSON.stringify(value)}`;
  if (value === null || typeof value !== 'object') return String(value);
  return Object.entries(value)
    .map(([key, item]) => `${key}=${describeDeep(item)}`)
    .join(' ');
}
