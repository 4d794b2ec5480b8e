import { afterEach, describe, expect, it } from 'vitest';
import { newId } from '../platform/new-id.ts';
import { passesLuhn } from '../platform/scrub.ts';
import { newOneTimeToken } from './new-token.ts';
import {
  aCard,
  ACCOUNT,
  aTokenizedPayment,
  eventually,
  postTo,
  startVaultFixture,
  VISA,
  type VaultFixture,
} from './testing/fixture.ts';

/** Whoever asks too often waits, and whoever tries many cards is seen. */
let vault: VaultFixture;
afterEach(async () => {
  await vault.close();
});

const generous = { perCaller: 100_000, perMerchant: 100_000 };
const calm = {
  windowMs: 60_000,
  failures: 1_000,
  tokensPerMerchant: 1_000,
  tokensPerCaller: 1_000,
  lockMs: 0,
  cellCards: 5,
};
const alarmsIn = ({ logged }: VaultFixture) =>
  logged.filter(({ event }) => event === 'vault_enumeration_alarm');
const audited = (of: VaultFixture) =>
  of.sql(`SELECT caller, merchant, refusal FROM vault.audit_log WHERE action = 'alarm'`);

describe('rates', () => {
  it('of one merchant are its own, and whoever is above is told when to come again', async () => {
    vault = await startVaultFixture({ limits: { ...generous, perMerchant: 3 } });
    const merchant = newId('mer');
    const stage = (of: string) =>
      postTo(
        vault,
        '/v1/stage',
        JSON.stringify({ merchant: of, idempotencyKey: newId('pay'), card: aCard() }),
        vault.tls.api.current(),
      );
    const answers = await Promise.all(Array.from({ length: 40 }, () => stage(merchant)));
    const limited = answers.filter(({ status }) => status === 429);
    expect(limited.length).toBeGreaterThan(0);
    for (const { headers, text } of limited) {
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      expect(JSON.parse(text)).toMatchObject({ error: { code: 'rate_limited', retryable: true } });
      expect(text).not.toContain('ofCaller');
    }
    expect((await stage(newId('mer'))).status).toBe(200);
    expect(vault.counters().refused.get('rate_limited')).toBe(limited.length);
    await eventually(async () => (await stage(merchant)).status === 200);
  });

  it('of one caller are its own, and what ends a security code is never kept waiting', async () => {
    vault = await startVaultFixture({ limits: { ...generous, perCaller: 2 } });
    const { merchant, payment } = await aTokenizedPayment(vault);
    const ask = () =>
      vault.payments.tokenize({ merchant, payment, staging: `stg_${'0'.repeat(26)}` as never });
    const codes = await Promise.all(
      Array.from({ length: 40 }, () => ask().catch((error: unknown) => (error as Error).name)),
    );
    expect(codes).toContain('VaultUnavailable');
    for (let n = 0; n < 10; n += 1) await vault.payments.burn({ merchant, payment });
  });
});

describe('an alarm', () => {
  it('comes from many refusals: one line, one audit row, counted; and without a lock it only tells', async () => {
    vault = await startVaultFixture({ alarms: { ...calm, failures: 5 } });
    const of = await aTokenizedPayment(vault);
    const { merchant, payment, token, attempts } = of;
    for (let n = 0; n < 8; n += 1) {
      await expect(
        vault.detokenize({ merchant, payment, token, attempt: attempts[0], grant: null }),
      ).rejects.toMatchObject({ code: 'grant_missing' });
    }
    // Of the caller, and of the merchant.
    expect(alarmsIn(vault)).toHaveLength(2);
    await eventually(async () => (await audited(vault)).length === 2);
    expect(await audited(vault)).toEqual(
      expect.arrayContaining([
        { caller: 'acquirers', merchant: '', refusal: 'many_failures' },
        { caller: 'acquirers', merchant, refusal: 'many_failures' },
      ]),
    );
    expect(vault.counters().alarms.get('many_failures')).toBe(2);
    expect(await vault.detokenize({ merchant, payment, token, attempt: attempts[0] })).toMatchObject({
      number: VISA,
    });
  });

  it('comes from many different tokens, and locks that merchant where that is configured', async () => {
    vault = await startVaultFixture({ alarms: { ...calm, tokensPerMerchant: 3, lockMs: 60_000 } });
    const merchant = newId('mer');
    const cards = ['4242424242424242', '5555555555554444', '378282246310005', '4000056655665556'];
    const other = await aTokenizedPayment(vault);
    const results: unknown[] = [];
    for (const number of cards) {
      const { payment, token, attempts } = await aTokenizedPayment(vault, { number }, merchant).catch(
        () => other,
      );
      results.push(
        await vault
          .detokenize({ merchant, payment, token, attempt: attempts[0] })
          .then((found) => found.number === number)
          .catch((error: unknown) => (error as Error).message),
      );
    }
    expect(results).toEqual([true, true, true, expect.stringContaining('locked')]);
    expect(alarmsIn(vault)).toHaveLength(1);
    const { payment, token, attempts } = other;
    expect(
      await vault.detokenize({ merchant: other.merchant, payment, token, attempt: attempts[0] }),
    ).toMatchObject({ number: VISA });
    await vault.acquirers.burn({ merchant, payment });
  });
});

describe('whoever tries the numbers that first digits and last four leave', () => {
  /** All of one cell: 4242 4242 xxxx 4242. */
  const cell = Array.from({ length: 10_000 }, (_, middle) => `42424242${String(middle).padStart(4, '0')}4242`)
    .filter(passesLuhn)
    .slice(0, 20);
  const stage = (merchant: string, number: string, idempotencyKey: string = newId('pay')) =>
    postTo(
      vault,
      '/v1/stage',
      JSON.stringify({ merchant, idempotencyKey, card: aCard({ number }) }),
      vault.tls.api.current(),
    );
  const many = async (numbers: readonly string[], ask: (number: string) => Promise<number>) => {
    const statuses: number[] = [];
    for (const number of numbers) statuses.push(await ask(number));
    return statuses;
  };
  const FIVE_OF_20 = [...Array.from({ length: 5 }, () => 200), ...Array.from({ length: 15 }, () => 429)];

  it('is told five of them: an alarm, an audit row, and the others are refused and not kept', async () => {
    vault = await startVaultFixture();
    const merchant = newId('mer');
    expect(await many(cell, async (number) => (await stage(merchant, number)).status)).toEqual(FIVE_OF_20);
    const { headers, text } = await stage(merchant, cell[19] ?? '');
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'rate_limited', retryable: true } });
    expect(text).not.toContain('4242');
    expect(Number(headers['retry-after'])).toBeGreaterThan(3_000);
    expect(
      await vault.sql('SELECT count(*)::integer AS kept FROM vault.staged_cards WHERE merchant = $1', [
        merchant,
      ]),
    ).toEqual([{ kept: 5 }]);
    expect(alarmsIn(vault)).toHaveLength(1);
    expect(vault.counters().alarms.get('many_cards_of_a_cell')).toBe(1);
    await eventually(async () => (await audited(vault)).length === 1);
    expect(await audited(vault)).toEqual([{ caller: 'api', merchant, refusal: 'many_cards_of_a_cell' }]);

    // Customers with other cards, those who were here before, and other merchants' go on.
    const customers = ['5555555555554444', '4000056655665556', '378282246310005', cell[0] ?? ''];
    expect(await many(customers, async (number) => (await stage(merchant, number)).status)).toEqual([
      200, 200, 200, 200,
    ]);
    expect((await stage(newId('mer'), cell[19] ?? '')).status).toBe(200);
  });

  it('is told nothing at the address for pages, and no more than five by claiming its tokens', async () => {
    vault = await startVaultFixture({
      publicListener: {
        host: '127.0.0.1',
        port: 0,
        tls: null,
        perKeyAndMinute: 1_000,
        perAddressAndMinute: 1_000,
        trustedProxies: 0,
      },
    });
    const merchant = newId('mer');
    const key = `pk_live_${'a'.repeat(24)}`;
    await vault.sql(`INSERT INTO vault.publishable_keys (key, merchant, mode) VALUES ($1, $2, 'live')`, [
      key,
      merchant,
    ]);
    const tokens: string[] = [];
    const make = async (number: string): Promise<number> => {
      const answer = await fetch(`http://127.0.0.1:${vault.publicPort() ?? 0}/v1/card-tokens`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ card: { number, expiry_month: 12, expiry_year: 2034 } }),
      });
      const { id } = (await answer.json()) as { id?: string };
      if (id !== undefined) tokens.push(id);
      return answer.status === 201 ? 200 : answer.status;
    };
    // Who has a page's key hears nothing by it, and locks nobody out.
    expect(await many(cell, make)).toEqual(cell.map(() => 200));
    const claim = (cardToken: string) =>
      vault.api.claim({ merchant, mode: 'live', cardToken, idempotencyKey: newId('pay') }).then(
        () => 200,
        (error: unknown) => ((error as Error).name === 'VaultUnavailable' ? 429 : 0),
      );
    expect(await many(tokens, claim)).toEqual(FIVE_OF_20);
    await eventually(async () => (await audited(vault)).length === 1);
    expect(await audited(vault)).toEqual([{ caller: 'api', merchant, refusal: 'many_cards_of_a_cell' }]);
    // What was refused is not used up: another request finds it as it was.
    expect(
      await vault.sql(
        'SELECT count(*)::integer AS free FROM vault.card_tokens WHERE merchant = $1 AND claimed_by IS NULL',
        [merchant],
      ),
    ).toEqual([{ free: 15 }]);
  });
});

describe('a number that is refused before its grant is looked at', () => {
  const refusals = () =>
    vault.sql(
      `SELECT caller, merchant, refusal FROM vault.audit_log
        WHERE action = 'detokenize' AND NOT granted AND refusal <> 'grant_missing' ORDER BY refusal, caller`,
    );
  const ask = (body: unknown, caller: 'api' | 'acquirers') =>
    postTo(vault, '/v1/detokenize', JSON.stringify(body), vault.tls[caller].current());

  it('is a row of the audit log, one a minute for each caller and reason', async () => {
    vault = await startVaultFixture({
      limits: { ...generous, perMerchant: 1 },
      alarms: { ...calm, failures: 5, lockMs: 60_000 },
    });
    const { merchant, payment, token, attempts } = await aTokenizedPayment(vault);
    const body = {
      merchant,
      payment,
      token,
      attempt: attempts[0],
      account: ACCOUNT,
      purpose: 'authorization',
    };
    for (let n = 0; n < 3; n += 1) {
      expect((await ask({ ...body, grant: null }, 'api')).status).toBe(403);
      expect((await ask({ ...body, more: 1 }, 'acquirers')).status).toBe(400);
    }
    // More than the merchant's rate; then so many refusals that the caller is locked.
    await eventually(async () => {
      await Promise.all([1, 2, 3].map(() => ask({ ...body, grant: null }, 'acquirers')));
      return (await refusals()).length === 4;
    });
    expect(await refusals()).toEqual([
      { caller: 'api', merchant: '', refusal: 'forbidden' },
      { caller: 'acquirers', merchant: expect.anything() as unknown, refusal: 'locked' },
      { caller: 'acquirers', merchant: '', refusal: 'malformed' },
      { caller: 'acquirers', merchant, refusal: 'rate_limited' },
    ]);
  });
});

describe('a card token that nobody paid with in time', () => {
  it('is destroyed, and its end is a row of the audit log', async () => {
    vault = await startVaultFixture({ cardTokenLifetimeMs: 1 });
    const merchant = newId('mer');
    const { staging } = await vault.api.stage({ merchant, idempotencyKey: newOneTimeToken(), card: aCard() });
    await eventually(
      async () =>
        (
          await vault.sql(`SELECT FROM vault.audit_log WHERE action = 'destroy_staged' AND staging = $1`, [
            staging,
          ])
        ).length === 1,
    );
    expect(await vault.sql('SELECT FROM vault.staged_cards WHERE id = $1', [staging])).toEqual([]);
  });
});
