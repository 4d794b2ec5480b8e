import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPool } from '../platform/database.ts';
import { newId } from '../platform/new-id.ts';
import {
  aCard,
  AMEX,
  aPayment,
  aTokenizedPayment,
  MASTERCARD,
  startVaultFixture,
  VISA,
  type VaultFixture,
} from './testing/fixture.ts';
import type { StagingId } from '../workflows/domain/ids.ts';

let vault: VaultFixture;
beforeAll(async () => {
  vault = await startVaultFixture();
});
afterAll(async () => {
  await vault.close();
});

describe('staging a card', () => {
  it('answers what may be known of it, and never the number', async () => {
    const staged = await vault.api.stage({
      merchant: newId('mer'),
      idempotencyKey: 'k',
      card: aCard({ number: AMEX, cvv: '1234' }),
    });
    expect(staged).toMatchObject({
      brand: 'amex',
      bin: '378282',
      lastFour: '0005',
      expiryMonth: 12,
      expiryYear: 2034,
    });
    expect(staged.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(staged)).not.toContain(AMEX);
  });

  it('repeated after a lost answer gives the same staging id and stores nothing twice', async () => {
    const merchant = newId('mer');
    const request = { merchant, idempotencyKey: 'order-1', card: aCard() };
    const first = await vault.api.stage(request);
    expect(await vault.api.stage(request)).toEqual(first);
    expect(await vault.sql('SELECT FROM vault.security_codes WHERE merchant = $1', [merchant])).toHaveLength(
      1,
    );
  });

  it('gives one staging id to fifty that ask at once', async () => {
    const request = { merchant: newId('mer'), idempotencyKey: 'order-1', card: aCard() };
    const all = await Promise.all(Array.from({ length: 50 }, () => vault.api.stage(request)));
    expect(new Set(all.map(({ staging }) => staging)).size).toBe(1);
  });

  it('gives another card, or another expiry, under the same key an id of its own', async () => {
    const merchant = newId('mer');
    const stage = (card: Parameters<typeof aCard>[0]) =>
      vault.api.stage({ merchant, idempotencyKey: 'order-1', card: aCard(card) });
    const [visa, later, mastercard] = await Promise.all([
      stage({}),
      stage({ expiryYear: 2035 }),
      stage({ number: MASTERCARD }),
    ]);
    expect(new Set([visa.staging, later.staging, mastercard.staging]).size).toBe(3);
    expect(later.fingerprint).toBe(visa.fingerprint);
    expect(mastercard.fingerprint).not.toBe(visa.fingerprint);
  });

  it('shows two merchants two fingerprints of one card', async () => {
    const stage = () => vault.api.stage({ merchant: newId('mer'), idempotencyKey: 'k', card: aCard() });
    expect((await stage()).fingerprint).not.toBe((await stage()).fingerprint);
  });

  it('keeps fingerprints over a restart', async () => {
    const merchant = newId('mer');
    const stage = (idempotencyKey: string) => vault.api.stage({ merchant, idempotencyKey, card: aCard() });
    const { fingerprint } = await stage('before');
    await vault.restart();
    expect((await stage('after')).fingerprint).toBe(fingerprint);
  });
});

describe('tokenizing', () => {
  it('gives the same card of one merchant one token, when fifty payments ask at once', async () => {
    const merchant = newId('mer');
    const all = await Promise.all(Array.from({ length: 50 }, () => aTokenizedPayment(vault, {}, merchant)));
    expect(new Set(all.map(({ token }) => token)).size).toBe(1);
    expect(await vault.sql('SELECT FROM vault.cards WHERE merchant = $1', [merchant])).toHaveLength(1);
  });

  it('gives one answer to fifty that ask for one payment at once', async () => {
    const { attempts: _, ...ref } = aPayment();
    const { staging } = await vault.api.stage({ merchant: ref.merchant, idempotencyKey: 'k', card: aCard() });
    const all = await Promise.all(
      Array.from({ length: 50 }, () => vault.payments.tokenize({ ...ref, staging })),
    );
    expect(new Set(all.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  it('gives two merchants two tokens for one card', async () => {
    expect((await aTokenizedPayment(vault)).token).not.toBe((await aTokenizedPayment(vault)).token);
  });

  it('answers what was staged, with a token of 26 random characters', async () => {
    const { attempts: _, ...ref } = aPayment();
    const { staging, ...facts } = await vault.api.stage({
      merchant: ref.merchant,
      idempotencyKey: 'k',
      card: aCard({ number: MASTERCARD }),
    });
    const { token, ...answer } = await vault.payments.tokenize({ ...ref, staging });
    expect(answer).toEqual(facts);
    expect(answer.bin).toBe('55555555');
    expect(token).toMatch(/^card_[0-9a-hjkmnp-tv-z]{26}$/);
  });

  it('is one-time: the same payment gets the same answer again, another is refused', async () => {
    const { merchant, payment, staging, token } = await aTokenizedPayment(vault);
    expect((await vault.payments.tokenize({ merchant, payment, staging })).token).toBe(token);
    await expect(vault.payments.tokenize({ merchant, payment: newId('pay'), staging })).rejects.toMatchObject(
      {
        name: 'VaultRefused',
        code: 'staging_used',
      },
    );
  });

  it('lets only one of two payments that race for a staged card have it', async () => {
    const merchant = newId('mer');
    const { staging } = await vault.api.stage({ merchant, idempotencyKey: 'k', card: aCard() });
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, () => vault.payments.tokenize({ merchant, payment: newId('pay'), staging })),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'staging_used' });
  });

  it('refuses a second card for a payment, and leaves it staged', async () => {
    const { merchant, payment } = await aTokenizedPayment(vault);
    const { staging } = await vault.api.stage({
      merchant,
      idempotencyKey: 'second',
      card: aCard({ number: MASTERCARD }),
    });
    await expect(vault.payments.tokenize({ merchant, payment, staging })).rejects.toMatchObject({
      code: 'payment_has_card',
    });
    expect(
      await vault.sql('SELECT FROM vault.staged_cards WHERE id = $1 AND payment IS NULL', [staging]),
    ).toHaveLength(1);
  });

  it('does not find another merchant’s staged card, nor one that does not exist', async () => {
    const { staging } = await vault.api.stage({ merchant: newId('mer'), idempotencyKey: 'k', card: aCard() });
    const { attempts: _, ...ref } = aPayment();
    await expect(vault.payments.tokenize({ ...ref, staging })).rejects.toMatchObject({
      code: 'unknown_staging',
    });
    const none = `stg_${'0'.repeat(26)}` as StagingId;
    await expect(vault.payments.tokenize({ ...ref, staging: none })).rejects.toMatchObject({
      code: 'unknown_staging',
    });
  });

  it('keeps the latest expiry with the card, and each payment’s own with the payment', async () => {
    const merchant = newId('mer');
    const older = await aTokenizedPayment(vault, { expiryMonth: 3, expiryYear: 2030 }, merchant);
    const newer = await aTokenizedPayment(vault, { expiryMonth: 1, expiryYear: 2033 }, merchant);
    const oldAgain = await aTokenizedPayment(vault, { expiryMonth: 12, expiryYear: 2030 }, merchant);
    expect([newer.token, oldAgain.token]).toEqual([older.token, older.token]);
    expect(
      await vault.sql('SELECT expiry_month, expiry_year FROM vault.cards WHERE token = $1', [older.token]),
    ).toEqual([{ expiry_month: 1, expiry_year: 2033 }]);
    const { merchant: _, payment, token, attempts } = older;
    expect(await vault.detokenize({ merchant, payment, token, attempt: attempts[0] })).toMatchObject({
      expiryMonth: 3,
      expiryYear: 2030,
    });
  });

  it('leaves one copy of the number: sealed, beside the token', async () => {
    const { merchant } = await aTokenizedPayment(vault);
    const tables = await vault.sql<{ text: string }>(
      `SELECT (SELECT json_agg(c)::text FROM vault.cards c WHERE merchant = $1) || (SELECT json_agg(s)::text FROM vault.staged_cards s WHERE merchant = $1) AS text`,
      [merchant],
    );
    expect(tables[0]?.text).toContain('"sealed":null');
    expect(tables[0]?.text).not.toContain(VISA);
    expect(tables[0]?.text).not.toContain(Buffer.from(VISA).toString('hex'));
  });
});

describe('the vault’s database', () => {
  it('does not let go of a card that a payment has taken, not even for its owner', async () => {
    const { staging } = await aTokenizedPayment(vault);
    await expect(vault.sql('DELETE FROM vault.staged_cards WHERE id = $1', [staging])).rejects.toThrow(
      staging,
    );
    await expect(
      vault.sql(`UPDATE vault.staged_cards SET payment = $2 WHERE id = $1`, [staging, newId('pay')]),
    ).rejects.toThrow(staging);
  });

  it.each([
    'DELETE FROM vault.cards',
    `UPDATE vault.cards SET sealed = ''`,
    `UPDATE vault.cards SET merchant = 'mer_x'`,
    'DELETE FROM vault.data_keys',
    'TRUNCATE vault.security_codes',
    'SELECT * FROM vault.audit_log',
    'DELETE FROM vault.audit_log',
    'UPDATE vault.audit_log SET granted = true',
    'CREATE TABLE vault.mine (id int)',
    'CREATE TABLE public.mine (id int)',
  ])('does not let the service itself do: %s', async (statement) => {
    const pool = createPool(
      { url: vault.databaseUrls.app, poolSize: 1, statementTimeoutMs: 5_000, role: 'test' },
      { error() {}, warn() {}, info() {}, debug() {} },
    );
    try {
      await expect(pool.query(statement)).rejects.toMatchObject({ code: '42501' });
    } finally {
      await pool.end();
    }
  });

  it.each(['api', 'worker'] as const)('does not let the %s of the application connect', async (role) => {
    const url = new URL(vault.run.postgres.urls[role]);
    url.pathname = new URL(vault.databaseUrls.app).pathname;
    const pool = createPool(
      { url: url.href, poolSize: 1, statementTimeoutMs: 5_000, role: 'test' },
      { error() {}, warn() {}, info() {}, debug() {} },
    );
    try {
      await expect(pool.query('SELECT 1')).rejects.toMatchObject({ code: '42501' });
    } finally {
      await pool.end();
    }
  });
});

describe('a numeric token', () => {
  const staged = async (number: string, merchant = newId('mer')) => {
    const payment = newId('pay');
    const { staging } = await vault.api.stage({ merchant, idempotencyKey: payment, card: aCard({ number }) });
    return { merchant, payment, staging };
  };

  it('is given where it is asked for, the same each time, and is no card’s number', async () => {
    const first = await staged(VISA);
    const { token, numericToken } = await vault.payments.tokenize({ ...first, numeric: true });
    expect(numericToken).toMatch(/^424242\d{6}4242$/);
    expect(numericToken).not.toBe(VISA);
    const again = await vault.payments.tokenize({ ...(await staged(VISA, first.merchant)), numeric: true });
    expect(again).toMatchObject({ token, numericToken });
    const other = await vault.payments.tokenize({ ...(await staged(VISA)), numeric: true });
    expect(other.numericToken).not.toBe(numericToken);
    expect(await vault.payments.tokenize(first)).not.toHaveProperty('numericToken');
  });

  it('is refused for a card that leaves too few digits, and when its cell is full', async () => {
    const short = await staged(AMEX);
    await expect(vault.payments.tokenize({ ...short, numeric: true })).rejects.toMatchObject({
      code: 'no_numeric_token',
    });
    const full = await staged(MASTERCARD);
    const { token } = await vault.payments.tokenize(full);
    // Ten thousand cards would be needed: their tokens alone are as full.
    await vault.sql('ALTER TABLE vault.numeric_tokens DROP CONSTRAINT numeric_tokens_token_fkey');
    await vault.sql(
      `INSERT INTO vault.numeric_tokens (numeric_token, token, cell)
       SELECT '555555' || lpad(n::text, 6, '0') || '4444', 'card_' || lpad(n::text, 26, '0'), '555555:4444:16' FROM generate_series(1, 10000) n`,
    );
    await expect(vault.payments.tokenize({ ...full, numeric: true })).rejects.toMatchObject({
      code: 'no_numeric_token',
    });
    expect(vault.logged.map(({ event }) => event)).toContain('numeric_cell_filling');
    expect((await vault.payments.tokenize(full)).token).toBe(token);
  });
});
