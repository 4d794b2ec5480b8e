import type pg from 'pg';
import { describe, expect, it } from 'vitest';
import type { MerchantId } from '../workflows/domain/ids.ts';
import type { Credential } from './auth/api-key.ts';
import { problemOf } from './problem-of.ts';
import { stageCard } from './stage-card.ts';
import { VaultUnavailable } from './vault.ts';

// What a repeat is told while the vault takes no cards. The vault and the table of keys are played: whether a
// key can be looked up cannot be broken from outside between two statements.

const credential = { merchant: 'mer_1' as MerchantId, mode: 'test' } as Credential;
const card = { number: '4242424242424242', expiry_month: 12, expiry_year: 2034 };
const locked = () => Promise.reject(new VaultUnavailable('locked', { tooMany: { retryAfterS: 3_540 } }));

function stage(known: () => Promise<number>, body: Parameters<typeof stageCard>[3]) {
  const database = { query: async () => ({ rowCount: await known() }) } as unknown as pg.Pool;
  return stageCard(
    { database, vault: { stage: locked, claim: locked }, now: () => 0 },
    credential,
    'order-7',
    body,
  ).catch((error: unknown) => {
    const { code, status, headers } = problemOf(error);
    return { code, status, retryAfter: headers['retry-after'] };
  });
}
const taken = () => Promise.resolve(1);
const never = () => Promise.resolve(0);
const away = () => Promise.reject(new Error('Query read timeout'));

describe('while the vault takes no cards, a request', () => {
  it('that was never taken is told that nothing was done', async () => {
    const told = { code: 'rate_limited', status: 429, retryAfter: '3540' };
    expect(await stage(never, { card })).toEqual(told);
    expect(await stage(never, { card_token: 'ctok_1' })).toEqual(told);
  });

  it('that was taken is told to come back for its answer, not that nothing was done', async () => {
    expect(await stage(taken, { card })).toEqual({
      code: 'service_unavailable',
      status: 503,
      retryAfter: '3540',
    });
  });

  it('that was taken with a token gets its answer: the token is in the body, nobody need look at the card', async () => {
    expect(await stage(taken, { card_token: 'ctok_1' })).toBeNull();
  });

  it('of which that cannot be looked up is told that it may have been taken', async () => {
    for (const body of [{ card }, { card_token: 'ctok_1' }])
      expect(await stage(away, body)).toMatchObject({ code: 'service_unavailable', status: 503 });
  });
});
