import { afterAll, beforeAll, expect, it } from 'vitest';
import { newId } from '../platform/new-id.ts';
import type { CardToken } from '../workflows/domain/ids.ts';
import type { CardsRequest, StoredCard } from './contract.ts';
import { newOneTimeToken } from './new-token.ts';
import {
  aCard,
  aTokenizedPayment,
  AMEX,
  MASTERCARD,
  startVaultFixture,
  VISA,
  type VaultFixture,
} from './testing/fixture.ts';

/** What a merchant may know of its cards: its own, of the mode that it asks in, until it wants one no more. */
let vault: VaultFixture;
beforeAll(async () => {
  vault = await startVaultFixture();
});
afterAll(() => vault.close());

it('are listed newest first from any place, without their numbers, until they are forgotten', async () => {
  const merchant = newId('mer');
  const tokens: CardToken[] = [];
  for (const number of [VISA, MASTERCARD, AMEX])
    tokens.push((await aTokenizedPayment(vault, { number }, merchant)).token);
  const [visa, mastercard, amex] = tokens as [CardToken, CardToken, CardToken];
  // Paid with again a card is the same one, with its latest expiry.
  await aTokenizedPayment(vault, { expiryYear: 2036 }, merchant);
  // Of one moment, as two payments can be: the token decides, and none is passed over.
  await vault.sql(
    "UPDATE vault.cards SET created_at = '2031-05-14T10:00:00.000001Z' WHERE token = ANY ($1)",
    [[visa, mastercard]],
  );
  await aTokenizedPayment(vault);
  const list = async (wish: Partial<CardsRequest> = {}): Promise<readonly StoredCard[] | null> =>
    (await vault.api.cards({ merchant, mode: 'live', limit: 10, ...wish })).cards;
  const ids = async (wish: Partial<CardsRequest> = {}): Promise<unknown> =>
    (await list(wish))?.map(({ token }) => token) ?? null;
  const newestFirst = [...[visa, mastercard].sort().reverse(), amex];

  expect(await ids()).toEqual(newestFirst);
  expect(await ids({ limit: 1, startingAfter: newestFirst[0] ?? visa })).toEqual([newestFirst[1]]);
  expect(await ids({ limit: 1, endingBefore: amex })).toEqual([newestFirst[1]]);
  expect(await ids({ endingBefore: newestFirst[0] ?? visa })).toEqual([]);
  expect(await ids({ created: { gte: '2031-05-14T10:00:00.000001Z' } })).toEqual(newestFirst.slice(0, 2));
  expect(await ids({ created: { gt: '2031-05-14T10:00:00.000001Z' } })).toEqual([]);
  expect(await ids({ created: { lt: '2031-05-14T10:00:00.000001Z' } })).toEqual([amex]);
  const facts = (await list())?.find(({ token }) => token === visa);
  expect(facts).toMatchObject({ brand: 'visa', bin: '42424242', lastFour: '4242', expiryYear: 2036 });
  const fingerprint = facts?.fingerprint ?? '';
  expect(await ids({ fingerprint })).toEqual([visa]);
  expect(await ids({ fingerprint, endingBefore: amex })).toEqual([visa]);
  expect(await ids({ fingerprint, startingAfter: amex })).toEqual([]);
  expect(JSON.stringify(await list())).not.toContain(VISA);

  expect(await vault.api.forget({ merchant, mode: 'live', token: visa })).toEqual({ forgotten: true });
  expect(await vault.api.forget({ merchant, mode: 'live', token: visa })).toEqual({ forgotten: false });
  expect(await ids()).toEqual(newestFirst.filter((token) => token !== visa));
  expect(await vault.api.card({ merchant, mode: 'live', token: visa })).toEqual({
    card: null,
    forgotten: true,
  });
  // Who reads page by page goes on behind one that was forgotten meanwhile.
  expect(await ids({ startingAfter: visa })).toEqual(newestFirst.slice(newestFirst.indexOf(visa) + 1));
  await expect(
    vault.api.claim({ merchant, mode: 'live', cardToken: visa, idempotencyKey: 'again' }),
  ).rejects.toMatchObject({ code: 'card_forgotten' });
  const audited = await vault.sql(
    "SELECT caller, granted FROM vault.audit_log WHERE token = $1 AND action = 'forget'",
    [visa],
  );
  expect(audited).toEqual([{ caller: 'api', granted: true }]);
});

it('of a one-time token a merchant reads what its page was told, and what became of it, without using it up', async () => {
  const merchant = newId('mer');
  const made = async (until: string) => {
    const cardToken = newOneTimeToken();
    const { staging } = await vault.api.stage({ merchant, idempotencyKey: cardToken, card: aCard() });
    await vault.sql(
      `INSERT INTO vault.card_tokens (token, staging, merchant, mode, expires_at)
       VALUES ($1, $2, $3, 'live', now() + $4::interval)`,
      [cardToken, staging, merchant, until],
    );
    return cardToken;
  };
  const ask = async (cardToken: string, mode: 'live' | 'test' = 'live') =>
    (await vault.api.cardToken({ merchant, mode, cardToken })).cardToken;
  const token = await made('15 minutes');
  const facts = { brand: 'visa', lastFour: '4242', expiryMonth: 12, expiryYear: 2034 };
  for (let times = 0; times < 2; times += 1)
    expect(await ask(token)).toEqual({ ...facts, status: 'ready', expiresAt: expect.any(String) as unknown });
  await vault.api.claim({ merchant, mode: 'live', cardToken: token, idempotencyKey: 'one' });
  expect(await ask(token)).toMatchObject({ status: 'used' });
  expect(await ask(await made('-1 minutes'))).toMatchObject({ status: 'expired' });
  expect(await ask(token, 'test')).toBeNull();
  expect(await vault.api.cardToken({ merchant: newId('mer'), mode: 'live', cardToken: token })).toEqual({
    cardToken: null,
  });
});

it('are nobody else’s: not another merchant’s, not those of the other mode', async () => {
  const { merchant, token } = await aTokenizedPayment(vault);
  for (const who of [
    { merchant: newId('mer'), mode: 'live' },
    { merchant, mode: 'test' },
  ] as const) {
    expect(await vault.api.card({ ...who, token })).toEqual({ card: null, forgotten: false });
    expect(await vault.api.cards({ ...who, limit: 10 })).toEqual({ cards: [] });
    expect(await vault.api.cards({ ...who, limit: 10, startingAfter: token })).toEqual({ cards: null });
    await expect(vault.api.forget({ ...who, token })).rejects.toMatchObject({ code: 'unknown_token' });
  }
  expect(await vault.api.card({ merchant, mode: 'live', token })).toMatchObject({ card: { token } });
});
