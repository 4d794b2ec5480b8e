import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createVaultClient } from '../activities/vault/client.ts';
import {
  ACCOUNT,
  aCard,
  aTokenizedPayment,
  eventually,
  MASTERCARD,
  startVaultFixture,
  VISA,
  type VaultFixture,
} from './testing/fixture.ts';
import { newId } from '../platform/new-id.ts';
import type { CardToken } from '../workflows/domain/ids.ts';

let vault: VaultFixture;
beforeAll(async () => {
  vault = await startVaultFixture();
});
afterAll(async () => {
  await vault.close();
});

type Tokenized = Awaited<ReturnType<typeof aTokenizedPayment>>;
const fetchFor = ({ merchant, payment, token, attempts }: Tokenized, attempt: 0 | 1 = 0) =>
  vault.detokenize({ merchant, payment, token, attempt: attempts[attempt] });
const codesOf = ({ payment }: Tokenized) =>
  vault.sql('SELECT FROM vault.security_codes WHERE payment = $1', [payment]);

describe('detokenizing', () => {
  it('gives an attempt the number, the expiry and the security code', async () => {
    const of = await aTokenizedPayment(vault, { number: MASTERCARD, cvv: '042' });
    expect(await fetchFor(of)).toEqual({ number: MASTERCARD, expiryMonth: 12, expiryYear: 2034, cvv: '042' });
  });

  it('gives no security code where none was staged', async () => {
    const { merchant } = await aTokenizedPayment(vault);
    const payment = newId('pay');
    const { cvv: _, ...card } = aCard();
    const { staging } = await vault.api.stage({ merchant, idempotencyKey: 'k', card });
    const { token } = await vault.payments.tokenize({ merchant, payment, staging });
    const attempts = (await aTokenizedPayment(vault)).attempts;
    expect(await vault.detokenize({ merchant, payment, token, attempt: attempts[0] })).toMatchObject({
      number: VISA,
      cvv: null,
    });
  });

  it('writes who got what, each time', async () => {
    const of = await aTokenizedPayment(vault);
    await fetchFor(of, 0);
    await fetchFor(of, 1);
    expect(
      await vault.sql(
        'SELECT caller, merchant, token, attempt, granted, security_code FROM vault.audit_log WHERE payment = $1 ORDER BY id',
        [of.payment],
      ),
    ).toEqual([
      {
        caller: 'acquirers',
        merchant: of.merchant,
        token: of.token,
        attempt: of.attempts[0],
        granted: true,
        security_code: true,
      },
      {
        caller: 'acquirers',
        merchant: of.merchant,
        token: of.token,
        attempt: of.attempts[1],
        granted: true,
        security_code: false,
      },
    ]);
  });

  it('returns no number whose audit row cannot be committed', async () => {
    const of = await aTokenizedPayment(vault);
    await vault.sql('REVOKE INSERT ON vault.audit_log FROM vault_app');
    try {
      await expect(fetchFor(of)).rejects.toMatchObject({ name: 'VaultUnavailable' });
    } finally {
      await vault.sql('GRANT INSERT ON vault.audit_log TO vault_app');
    }
    // The lease went with the transaction that failed: another attempt gets the code.
    expect(await fetchFor(of, 1)).toMatchObject({ cvv: '737' });
  });

  it('has its audit row committed before a number that then does not open', async () => {
    const of = await aTokenizedPayment(vault);
    await vault.sql(
      `UPDATE vault.cards SET sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1) WHERE token = $1`,
      [of.token],
    );
    await expect(fetchFor(of)).rejects.toMatchObject({ name: 'VaultRefused', code: 'tampered' });
    expect(await vault.sql('SELECT granted FROM vault.audit_log WHERE payment = $1', [of.payment])).toEqual([
      { granted: true },
    ]);
  });

  it('does not open a row that was copied to another merchant', async () => {
    const rich = await aTokenizedPayment(vault, { number: MASTERCARD });
    const thief = await aTokenizedPayment(vault);
    await vault.sql(
      'UPDATE vault.cards SET (sealed, data_key) = (SELECT sealed, data_key FROM vault.cards WHERE token = $1) WHERE token = $2',
      [rich.token, thief.token],
    );
    await expect(fetchFor(thief)).rejects.toMatchObject({ code: 'tampered' });
  });

  it('does not open a value cut short, nor one whose data key is not there', async () => {
    const cut = await aTokenizedPayment(vault);
    await vault.sql(`UPDATE vault.cards SET sealed = substr(sealed, 1, 30) WHERE token = $1`, [cut.token]);
    await expect(fetchFor(cut)).rejects.toMatchObject({ code: 'tampered' });
    const keyless = await aTokenizedPayment(vault);
    await vault.sql(`UPDATE vault.cards SET data_key = 'dk_none' WHERE token = $1`, [keyless.token]);
    await expect(fetchFor(keyless)).rejects.toMatchObject({ code: 'unknown_key' });
  });

  it('finds no token for another merchant or another payment, and writes that it was asked', async () => {
    const mine = await aTokenizedPayment(vault);
    const other = await aTokenizedPayment(vault, { number: MASTERCARD }, mine.merchant);
    await expect(fetchFor({ ...mine, merchant: newId('mer') })).rejects.toMatchObject({
      code: 'unknown_token',
    });
    await expect(fetchFor({ ...mine, payment: other.payment })).rejects.toMatchObject({
      code: 'unknown_token',
    });
    await expect(fetchFor({ ...mine, token: `card_${'0'.repeat(26)}` as CardToken })).rejects.toMatchObject({
      code: 'unknown_token',
    });
    const audited = await vault.sql<{ granted: boolean }>(
      'SELECT granted FROM vault.audit_log WHERE token = $1',
      [mine.token],
    );
    expect(audited).toEqual([{ granted: false }, { granted: false }]);
    expect(await fetchFor(other)).toMatchObject({ cvv: '737' });
  });

  it.each([
    ['api', 'detokenize'],
    ['payments', 'detokenize'],
    ['api', 'release'],
    ['api', 'tokenize'],
    ['api', 'burn'],
    ['acquirers', 'tokenize'],
  ] as const)('refuses the %s caller that asks to %s', async (caller, operation) => {
    const of = await aTokenizedPayment(vault);
    const client = createVaultClient({ url: vault.url, tls: vault.tls[caller] });
    const { merchant, payment, token, staging, attempts } = of;
    try {
      await expect(
        client[operation]({
          ...{ merchant, payment, token, staging, attempt: attempts[0] },
          ...{ account: ACCOUNT, purpose: 'sale', grant: null },
        }),
      ).rejects.toMatchObject({ name: 'VaultRefused', code: 'forbidden' });
    } finally {
      await client.close();
    }
    expect(await vault.sql('SELECT FROM vault.audit_log WHERE payment = $1', [payment])).toHaveLength(0);
    expect(await codesOf(of)).toHaveLength(1);
  });
});

describe('a security code', () => {
  it('is leased to one attempt: it may fetch again, another gets none', async () => {
    const of = await aTokenizedPayment(vault);
    expect((await fetchFor(of, 0)).cvv).toBe('737');
    expect((await fetchFor(of, 1)).cvv).toBeNull();
    expect((await fetchFor(of, 0)).cvv).toBe('737');
  });

  it('is leased to one of two attempts that ask at once', async () => {
    const of = await aTokenizedPayment(vault);
    const both = await Promise.all([fetchFor(of, 0), fetchFor(of, 1)]);
    expect(both.map(({ cvv }) => cvv).filter((cvv) => cvv !== null)).toEqual(['737']);
  });

  it('given back by an attempt that proved unsent goes to the next, and never again to the first', async () => {
    const of = await aTokenizedPayment(vault);
    const { merchant, payment, attempts } = of;
    await fetchFor(of, 0);
    expect(await vault.acquirers.release({ merchant, payment, attempt: attempts[0] })).toEqual({
      released: true,
    });
    await expect(fetchFor(of, 0)).rejects.toMatchObject({ code: 'grant_spent' });
    expect((await fetchFor(of, 1)).cvv).toBe('737');
    expect(await vault.acquirers.release({ merchant, payment, attempt: attempts[0] })).toEqual({
      released: false,
    });
    expect((await fetchFor(of, 1)).cvv).toBe('737');
  });

  it('is not taken from the attempt that has it when another is released', async () => {
    const of = await aTokenizedPayment(vault);
    await fetchFor(of, 0);
    await vault.acquirers.release({ merchant: of.merchant, payment: of.payment, attempt: of.attempts[1] });
    expect((await fetchFor(of, 0)).cvv).toBe('737');
  });

  it('is gone once burnt, however often that is asked, and a repeated stage does not bring it back', async () => {
    const of = await aTokenizedPayment(vault);
    const { merchant, payment } = of;
    await fetchFor(of);
    expect(await vault.payments.burn({ merchant, payment })).toEqual({ burnt: true });
    expect(await vault.acquirers.burn({ merchant, payment })).toEqual({ burnt: false });
    expect(await fetchFor(of)).toMatchObject({ number: VISA, cvv: null });
    const again = await vault.api.stage({ merchant, idempotencyKey: payment, card: aCard() });
    expect(again.staging).toBe(of.staging);
    await vault.payments.tokenize({ merchant, payment, staging: again.staging });
    expect((await fetchFor(of)).cvv).toBeNull();
    expect(await vault.sql('SELECT FROM vault.security_codes WHERE staging = $1', [of.staging])).toHaveLength(
      0,
    );
  });

  it('does not open in the row of another payment', async () => {
    const one = await aTokenizedPayment(vault, { cvv: '111' });
    const other = await aTokenizedPayment(vault, { cvv: '222' });
    await vault.sql(
      `UPDATE vault.security_codes SET (data_key, sealed_key, sealed) =
         (SELECT data_key, sealed_key, sealed FROM vault.security_codes WHERE payment = $1) WHERE payment = $2`,
      [one.payment, other.payment],
    );
    await expect(fetchFor(other)).rejects.toMatchObject({ code: 'tampered' });
  });
});

describe('the time limits', () => {
  let short: VaultFixture | null = null;
  afterEach(async () => {
    await short?.close();
    short = null;
  });

  it('end a security code that nobody burnt: first it is not handed out, then it is deleted and counted', async () => {
    const brief = (short = await startVaultFixture({ cvvLifetimeMs: 400, sweepIntervalMs: 3_600_000 }));
    const { merchant, payment, token, attempts } = await aTokenizedPayment(brief);
    const fetch = () => brief.detokenize({ merchant, payment, token, attempt: attempts[0] });
    await eventually(async () => (await fetch()).cvv === null);
    expect(await brief.sql('SELECT FROM vault.security_codes')).toHaveLength(1);
    await brief.close();

    const swept = (short = await startVaultFixture({ sweepIntervalMs: 20 }));
    const { merchant: shop } = await aTokenizedPayment(swept);
    // As a page that somebody left: its code is deleted as well, and is nobody's fault.
    await swept.api.stage({ merchant: shop, idempotencyKey: 'left', card: aCard() });
    await swept.sql('UPDATE vault.security_codes SET expires_at = now()');
    await eventually(async () => (await swept.sql('SELECT FROM vault.security_codes')).length === 0);
    await eventually(async () =>
      Promise.resolve(swept.logged.some(({ event }) => event === 'security_codes_expired')),
    );
    expect(swept.leftovers()).toEqual({ securityCodes: 1, stagedCards: 0 });
  });

  it('end a staged card that no payment took, and leave those that were taken', async () => {
    const taken = await aTokenizedPayment(vault);
    const { staging } = await vault.api.stage({
      merchant: taken.merchant,
      idempotencyKey: 'left',
      card: aCard(),
    });
    // Two hours pass for both; the trigger that keeps taken rows as they are has to look away.
    await vault.sql('ALTER TABLE vault.staged_cards DISABLE TRIGGER USER');
    await vault.sql(
      `UPDATE vault.staged_cards SET staged_at = staged_at - interval '2 hours' WHERE merchant = $1`,
      [taken.merchant],
    );
    await vault.sql('ALTER TABLE vault.staged_cards ENABLE TRIGGER USER');
    const waiting = () => vault.sql('SELECT FROM vault.staged_cards WHERE id = $1', [staging]);
    await eventually(async () => (await waiting()).length === 0);
    expect(await vault.sql('SELECT FROM vault.staged_cards WHERE id = $1', [taken.staging])).toHaveLength(1);
  });
});

describe('detokenizing many at once', () => {
  it('gives each its own number and code, refuses who has none, and audits every one', async () => {
    const asked = await Promise.all(
      Array.from({ length: 24 }, (_, place) =>
        aTokenizedPayment(vault, { number: place % 2 === 0 ? VISA : MASTERCARD, cvv: String(100 + place) }),
      ),
    );
    const answers = await Promise.all(
      asked.map((of, place) =>
        Promise.allSettled([
          fetchFor(of),
          // The same attempt again, another attempt, and a card that is another merchant's.
          ...(place % 3 === 0 ? [fetchFor(of), fetchFor(of, 1)] : []),
          ...(place % 4 === 0 ? [fetchFor({ ...of, token: asked[place + 1]?.token ?? of.token }, 1)] : []),
        ]),
      ),
    );
    for (const [place, some] of answers.entries()) {
      const own = { number: place % 2 === 0 ? VISA : MASTERCARD, cvv: String(100 + place) };
      const none = { number: own.number, cvv: null };
      // Which of two attempts that ask at once gets the code nobody promises: one does, each time it asks.
      const granted =
        place % 3 === 0
          ? [
              [own, own, none],
              [none, none, own],
            ]
          : [[own]];
      const refused = place % 4 === 0 ? ['unknown_token'] : [];
      expect(granted.map((each) => [...each, ...refused])).toContainEqual(
        some.map((answer) =>
          answer.status === 'fulfilled'
            ? { number: answer.value.number, cvv: answer.value.cvv }
            : (answer.reason as { code: string }).code,
        ),
      );
    }
    const rows = await vault.sql<{ granted: boolean; count: number }>(
      'SELECT granted, count(*)::int FROM vault.audit_log WHERE payment = ANY ($1) GROUP BY granted ORDER BY granted',
      [asked.map(({ payment }) => payment)],
    );
    expect(rows).toEqual([
      { granted: false, count: 6 },
      { granted: true, count: 40 },
    ]);
  });

  it('refuses all of them when their audit rows cannot be committed, and gives them when asked again', async () => {
    const asked = await Promise.all(Array.from({ length: 6 }, () => aTokenizedPayment(vault)));
    await vault.sql('REVOKE INSERT ON vault.audit_log FROM vault_app');
    try {
      const answers = await Promise.allSettled(asked.map((of) => fetchFor(of)));
      expect(answers.map(({ status }) => status)).toEqual(asked.map(() => 'rejected'));
    } finally {
      await vault.sql('GRANT INSERT ON vault.audit_log TO vault_app');
    }
    await Promise.all(asked.map((of) => fetchFor(of)));
  });
});
