import { describe, expect, it } from 'vitest';
import { newId } from '../platform/new-id.ts';
import { readRunFile } from '../temporal-dev/run-file.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';
import { runTool, type Ended } from './testing/run-tool.ts';

/** The promise: a key that the command made lets pages of its origins in, until the command revokes it. */

const command = (...args: string[]): Promise<Ended> =>
  runTool('ops-publishable-key', [...args, '--run-file', stackRunFile()]);

const CARD = { number: '4111111111111111', expiry_month: 12, expiry_year: 2031, cvv: '123' };

async function tokenize(key: string, origin: string): Promise<unknown> {
  const { vaultPublic } = await readRunFile(stackRunFile());
  const response = await fetch(`${vaultPublic}/v1/card-tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', origin },
    body: JSON.stringify({ card: CARD }),
    signal: AbortSignal.timeout(20_000),
  });
  const body = (await response.json()) as Record<string, unknown>;
  return body['code'] ?? body['object'];
}

describe('npm run ops:publishable-key', () => {
  it('makes a key for pages of its origins, lists it, and revokes it', async () => {
    const merchant = newId('mer');
    const added = await command('add', '--merchant', merchant, '--origin', 'https://shop.example');
    expect(added, added.errors).toMatchObject({ code: 0, errors: '' });
    const key = added.out.trim();
    expect(key).toMatch(/^pk_test_[0-9a-f]{48}$/);
    expect(await tokenize(key, 'https://shop.example')).toBe('card_token');
    expect(await tokenize(key, 'https://another.example')).toBe('origin_not_allowed');
    expect((await command('list', '--merchant', merchant)).out).toBe(`${key} https://shop.example\n`);

    expect(await command('revoke', '--key', key)).toMatchObject({ code: 0, out: `${key}: revoked\n` });
    expect(await tokenize(key, 'https://shop.example')).toBe('publishable_key_invalid');
    expect((await command('list', '--merchant', merchant)).out).toMatch(/ revoked \d{4}-.*Z\n$/);
    expect(await command('revoke', '--key', key)).toMatchObject({ code: 1 });
  });

  it('says what is wrong with what was typed, and does nothing', async () => {
    const typed: readonly (readonly [readonly string[], string])[] = [
      [['add'], '--merchant is missing'],
      [['add', '--merchant', 'm', '--origin', 'shop.example'], 'must be an origin'],
      [['remove'], 'say add, revoke or list'],
    ];
    for (const [args, text] of typed) {
      const { code, errors } = await command(...args);
      expect([code, errors]).toEqual([2, expect.stringContaining(text)]);
    }
  });
});
