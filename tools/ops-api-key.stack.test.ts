import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readRunFile } from '../temporal-dev/run-file.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';
import { runTool, type Ended } from './testing/run-tool.ts';

/** The promise: a merchant's first key comes from the command; with it the merchant makes all others itself. */

const command = (...args: string[]): Promise<Ended> =>
  runTool('ops-api-key', [...args, '--run-file', stackRunFile()]);

const ORIGIN = 'https://shop.example';

async function call(key: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const { api } = await readRunFile(stackRunFile());
  const response = await fetch(`${api}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(20_000),
  });
  return (await response.json()) as Record<string, unknown>;
}

async function tokenize(key: string): Promise<unknown> {
  const { vaultPublic } = await readRunFile(stackRunFile());
  const card = { number: '4111111111111111', expiry_month: 12, expiry_year: 2031, cvv: '123' };
  const response = await fetch(`${vaultPublic}/v1/card-tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', origin: ORIGIN },
    body: JSON.stringify({ card }),
    signal: AbortSignal.timeout(20_000),
  });
  const body = (await response.json()) as Record<string, unknown>;
  return body['code'] ?? body['object'];
}

describe('npm run ops:api-key', () => {
  it('makes the first key of a merchant, with which pages get theirs; what is revoked ends at api and vault', async () => {
    const { merchant, api } = await readRunFile(stackRunFile());
    const added = await command('add', '--merchant', merchant.id, '--name', 'first');
    expect(added, added.errors).toMatchObject({ code: 0, errors: '' });
    const [id = '', line = ''] = added.out.split('\n');
    const key = line.replace('key, shown this once: ', '');
    expect(key).toMatch(/^sk_test_[0-9a-f]{64}$/);

    const { version } = await call(key, `/v1/api-keys/${id}`);
    const { headers } = await fetch(`${api}/v1/api-keys`, { headers: { authorization: `Bearer ${key}` } });
    // Only the newest version is not deprecated.
    expect([headers.get('quittance-version'), headers.get('deprecation')]).toEqual([version, null]);
    expect(version).not.toBe(null);

    const page = await call(key, '/v1/api-keys', { kind: 'publishable', origins: [ORIGIN] });
    const publishable = String(page['key']);
    expect(await tokenize(publishable)).toBe('card_token');
    const rolled = await call(key, `/v1/api-keys/${String(page['id'])}/roll`, { overlap_seconds: 600 });
    expect(await tokenize(publishable)).toBe('card_token');
    expect(await tokenize(String(rolled['key']))).toBe('card_token');
    await call(key, `/v1/api-keys/${String(page['id'])}/revoke`, {});
    for (const ended of [publishable, String(rolled['key'])])
      expect(await tokenize(ended)).toBe('publishable_key_invalid');

    expect((await command('list', '--merchant', merchant.id)).out).toMatch(
      new RegExp(`^${id} test secret .* read,payments,refunds,payouts,admin first used \\d{4}-`, 'm'),
    );
    expect(await command('revoke', '--key', id)).toMatchObject({ code: 0, out: `${id}: revoked\n` });
    expect(await command('revoke', '--key', id)).toMatchObject({ code: 1 });
    // Remembered for three seconds.
    const deadline = Date.now() + 10_000;
    while ((await call(key, '/v1/balances'))['code'] !== 'api_key_invalid') {
      if (Date.now() > deadline) throw new Error(`${id} is still let in`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });

  it('says what is wrong with what was typed, and does nothing', async () => {
    const typed: readonly (readonly [readonly string[], number, string])[] = [
      [['add'], 2, '--merchant is missing'],
      [['add', '--merchant', 'mer_1', '--scope', 'everything'], 2, 'everything is no scope'],
      [['add', '--merchant', 'mer_1'], 1, 'there is no merchant mer_1'],
      [['revoke'], 2, '--key is missing'],
      [['remove'], 2, 'say add, revoke or list'],
    ];
    for (const [args, ended, text] of typed) {
      const { code, errors } = await command(...args);
      expect([code, errors]).toEqual([ended, expect.stringContaining(text)]);
    }
  });
});
