import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../platform/new-id.ts';
import type { CardToken } from '../../workflows/domain/ids.ts';
import type { ForgottenCard } from '../contract.ts';
import {
  aCard,
  aTokenizedPayment,
  eventually,
  MASTERCARD,
  startVaultFixture,
  VISA,
  type VaultFixture,
} from '../testing/fixture.ts';

/** The promise: a card ends when nobody needs it, not before, and all that is left of it says only that it was. */

let vault: VaultFixture;
beforeAll(async () => {
  vault = await startVaultFixture();
});
afterAll(() => vault.close());

type Tokenized = Awaited<ReturnType<typeof aTokenizedPayment>>;
const refOf = ({ merchant, token }: Tokenized) => ({ merchant, token });
const cardOf = (mine: Tokenized) => ({ ...refOf(mine), mode: 'live' }) as const;
const numberOf = async ({ merchant, payment, token, attempts }: Tokenized) =>
  (await vault.detokenize({ merchant, payment, token, attempt: attempts[0] })).number;
const auditOf = async (token: CardToken) =>
  (
    await vault.sql<{ line: string }>(
      `SELECT concat_ws(' ', caller, action, granted) AS line FROM vault.audit_log WHERE token = $1 ORDER BY id`,
      [token],
    )
  ).map(({ line }) => line);

async function allForgotten(): Promise<readonly ForgottenCard[]> {
  const cards: ForgottenCard[] = [];
  let after: CardToken | null = null;
  do {
    const page = await vault.backOffice.forgotten({ after });
    cards.push(...page.cards);
    after = page.next;
  } while (after !== null);
  return cards;
}

describe('a forgotten card', () => {
  it('is given to no payment any more; the same card gets a new token; those that took it keep it', async () => {
    const mine = await aTokenizedPayment(vault);
    expect(await vault.backOffice.forget(cardOf(mine))).toEqual({ forgotten: true });
    expect(await vault.backOffice.forget(cardOf(mine))).toEqual({ forgotten: false });
    const next = await aTokenizedPayment(vault, {}, mine.merchant);
    expect(next.token).not.toBe(mine.token);
    expect(await numberOf(mine)).toBe(VISA);
    expect(await auditOf(mine.token)).toEqual(['back-office forget t', 'acquirers detokenize t']);
  });

  it('is not taken by a payment that found it just before', async () => {
    const { merchant, token } = await aTokenizedPayment(vault, { number: MASTERCARD });
    const payments = Array.from({ length: 12 }, () => newId('pay'));
    const staged = await Promise.all(
      payments.map((payment) =>
        vault.api.stage({ merchant, idempotencyKey: payment, card: aCard({ number: MASTERCARD }) }),
      ),
    );
    const [forgotten, ...taken] = await Promise.all([
      vault.backOffice.forget({ merchant, token, mode: 'live' }),
      ...payments.map((payment, index) =>
        vault.payments.tokenize({ merchant, payment, staging: staged[index]?.staging ?? ('' as never) }),
      ),
    ]);
    expect(forgotten).toEqual({ forgotten: true });
    const before = await vault.sql<{ count: number }>(
      `SELECT count(*)::integer AS count FROM vault.staged_cards s JOIN vault.cards c USING (token) WHERE c.token = $1`,
      [token],
    );
    // Each has either the old token, from before, or the one new token.
    const others = new Set(taken.map((one) => one.token).filter((one) => one !== token));
    expect(others.size).toBeLessThanOrEqual(1);
    expect(before[0]?.count).toBe(1 + taken.filter((one) => one.token === token).length);
  });

  it('of another merchant, or none, is not found', async () => {
    const { token } = await aTokenizedPayment(vault);
    await expect(
      vault.backOffice.forget({ merchant: newId('mer'), token, mode: 'live' }),
    ).rejects.toMatchObject({
      code: 'unknown_token',
    });
  });
});

describe('destroying', () => {
  it('leaves a token and dates, and nothing of the card, not even what would tell it again', async () => {
    const mine = await aTokenizedPayment(vault);
    await vault.backOffice.forget(cardOf(mine));
    const found = (await allForgotten()).find(({ token }) => token === mine.token);
    expect(found).toEqual({ ...refOf(mine), payments: [mine.payment] });
    expect(await vault.backOffice.destroy({ ...refOf(mine), payments: 1 })).toEqual({ destroyed: true });
    expect(await vault.backOffice.destroy({ ...refOf(mine), payments: 1 })).toEqual({ destroyed: false });
    const [row] = await vault.sql(
      'SELECT to_jsonb(c) - $2::text[] AS left FROM vault.cards c WHERE token = $1',
      [mine.token, ['created_at', 'last_used_at', 'forgotten_at', 'destroyed_at']],
    );
    expect(row).toEqual({
      left: {
        token: mine.token,
        merchant: mine.merchant,
        mode: 'live',
        fingerprint: null,
        brand: null,
        bin: null,
        last_four: null,
        expiry_month: null,
        expiry_year: null,
        data_key: null,
        sealed: null,
      },
    });
    expect(
      await vault.sql('SELECT fingerprint FROM vault.staged_cards WHERE token = $1', [mine.token]),
    ).toEqual([{ fingerprint: null }]);
    expect(await vault.sql('SELECT FROM vault.security_codes WHERE payment = $1', [mine.payment])).toEqual(
      [],
    );
    await expect(numberOf(mine)).rejects.toMatchObject({ code: 'unknown_token' });
    expect(await auditOf(mine.token)).toEqual([
      'back-office forget t',
      'back-office destroy t',
      'acquirers detokenize f',
    ]);
    expect((await allForgotten()).map(({ token }) => token)).not.toContain(mine.token);
    // Paid with again it is a card that nobody has seen.
    expect((await aTokenizedPayment(vault, {}, mine.merchant)).token).not.toBe(mine.token);
  });

  it('is refused for a card that is not forgotten, and for one with a payment that nobody has looked at', async () => {
    const mine = await aTokenizedPayment(vault);
    await expect(vault.backOffice.destroy({ ...refOf(mine), payments: 1 })).rejects.toMatchObject({
      code: 'card_in_use',
    });
    await aTokenizedPayment(vault, {}, mine.merchant);
    await vault.backOffice.forget(cardOf(mine));
    await expect(vault.backOffice.destroy({ ...refOf(mine), payments: 1 })).rejects.toMatchObject({
      code: 'card_in_use',
    });
    expect(await numberOf(mine)).toBe(VISA);
    expect(await vault.backOffice.destroy({ ...refOf(mine), payments: 2 })).toEqual({ destroyed: true });
  });

  it.each(['payments', 'acquirers'] as const)(
    'is not for the %s caller, nor is anything else of it',
    async (caller) => {
      const mine = await aTokenizedPayment(vault);
      const client = vault[caller];
      for (const call of [
        () => client.forget(cardOf(mine)),
        () => client.forgotten({ after: null }),
        () => client.destroy({ ...refOf(mine), payments: 1 }),
        () => client.rekey({ rotation: 'kr_1', after: null }),
      ])
        await expect(call()).rejects.toMatchObject({ code: 'forbidden' });
    },
  );
});

describe('what nobody used', () => {
  it('for long is forgotten; one that is used stays', async () => {
    const unused = await aTokenizedPayment(vault);
    const used = await aTokenizedPayment(vault);
    await vault.sql(
      `UPDATE vault.cards SET last_used_at = now() - interval '2 days' WHERE token = ANY ($1)`,
      [[unused.token, used.token]],
    );
    expect((await aTokenizedPayment(vault, {}, used.merchant)).token).toBe(used.token);
    expect((await vault.backOffice.forgotten({ after: null })).unused).toBe(1);
    const tokens = (await allForgotten()).map(({ token }) => token);
    expect([tokens.includes(unused.token), tokens.includes(used.token)]).toEqual([true, false]);
    expect(await auditOf(unused.token)).toEqual(['vault forget t']);
  });

  it('was staged and never taken: it is destroyed, counted, and a row of the audit log says so', async () => {
    const merchant = newId('mer');
    const { staging } = await vault.api.stage({ merchant, idempotencyKey: 'left', card: aCard() });
    await vault.sql(
      `UPDATE vault.staged_cards SET staged_at = staged_at - interval '2 hours' WHERE id = $1`,
      [staging],
    );
    await eventually(async () => {
      const rows = await vault.sql('SELECT action, merchant FROM vault.audit_log WHERE staging = $1', [
        staging,
      ]);
      return rows.length === 1;
    });
    expect(await vault.sql('SELECT FROM vault.staged_cards WHERE id = $1', [staging])).toEqual([]);
    expect(vault.logged.map(({ event }) => event)).toContain('staged_cards_expired');
  });
});
