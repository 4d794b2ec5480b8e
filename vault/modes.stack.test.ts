import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../platform/new-id.ts';
import type { CardMode } from './contract.ts';
import { newOneTimeToken } from './new-token.ts';
import { aCard, aPayment, postTo, startVaultFixture, VISA, type VaultFixture } from './testing/fixture.ts';

/**
 * What a token stands for: a card belongs to a merchant and a mode, so that a test key never pays with a live
 * card, nor the other way round; and what was entered with it lives no longer for being claimed.
 */
let vault: VaultFixture;
beforeAll(async () => {
  vault = await startVaultFixture();
});
afterAll(async () => {
  await vault.close();
});

async function stored(mode: CardMode, merchant = newId('mer')) {
  const { payment } = aPayment(merchant);
  const { staging } = await vault.api.stage({ merchant, mode, idempotencyKey: payment, card: aCard() });
  return { merchant, ...(await vault.payments.tokenize({ merchant, payment, staging })) };
}

const claim = (merchant: Awaited<ReturnType<typeof stored>>['merchant'], mode: CardMode, cardToken: string) =>
  vault.api.claim({ merchant, mode, cardToken, idempotencyKey: newId('pay') });

describe('a stored card', () => {
  it.each([
    ['live', 'test'],
    ['test', 'live'],
  ] as const)('of %s mode pays in it, and is unknown to a %s key', async (of, other) => {
    const { merchant, token } = await stored(of);
    await expect(claim(merchant, other, token)).rejects.toMatchObject({
      name: 'VaultRefused',
      code: 'unknown_card_token',
    });
    const { staging, lastFour } = await claim(merchant, of, token);
    expect(lastFour).toBe('4242');
    // Paid with again it is the same card, not one of the other mode.
    expect((await vault.payments.tokenize({ merchant, payment: newId('pay'), staging })).token).toBe(token);
  });

  it('has a token and a fingerprint of its own in each mode, the same each time', async () => {
    const live = await stored('live');
    const test = await stored('test', live.merchant);
    expect(test.token).not.toBe(live.token);
    expect(test.fingerprint).not.toBe(live.fingerprint);
    const again = await stored('test', live.merchant);
    expect([again.token, again.fingerprint]).toEqual([test.token, test.fingerprint]);
  });

  it('that an api from before modes staged is live', async () => {
    const { merchant, payment } = aPayment();
    const answer = await postTo(
      vault,
      '/v1/stage',
      JSON.stringify({
        merchant,
        idempotencyKey: payment,
        card: { number: VISA, expiryMonth: 12, expiryYear: 2034 },
      }),
      vault.tls.api.current(),
    );
    expect(answer.status).toBe(200);
    const { staging } = JSON.parse(answer.text) as { staging: never };
    const { token } = await vault.payments.tokenize({ merchant, payment, staging });
    await expect(claim(merchant, 'test', token)).rejects.toMatchObject({ code: 'unknown_card_token' });
    expect((await claim(merchant, 'live', token)).lastFour).toBe('4242');
  });
});

describe('the security code of a card token', () => {
  /** As the address for pages leaves it, with so long until the code ends. */
  async function entered(untilCodeEnds: string) {
    const { merchant, payment, attempts } = aPayment();
    const token = newOneTimeToken();
    const { staging } = await vault.api.stage({ merchant, idempotencyKey: token, card: aCard() });
    await vault.sql(
      `INSERT INTO vault.card_tokens (token, staging, merchant, mode, expires_at)
       VALUES ($1, $2, $3, 'live', now() + interval '15 minutes')`,
      [token, staging, merchant],
    );
    await vault.sql(
      `UPDATE vault.security_codes SET stored_at = now() - interval '10 minutes', expires_at = now() + $2::interval WHERE staging = $1`,
      [staging, untilCodeEnds],
    );
    const end = () =>
      vault.sql<{ expires_at: Date }>('SELECT expires_at FROM vault.security_codes WHERE staging = $1', [
        staging,
      ]);
    return { merchant, payment, attempt: attempts[0], token, end };
  }

  it('ends when it was to end as the card was entered, however late it is claimed', async () => {
    const { merchant, token, end } = await entered('5 minutes');
    const before = await end();
    expect(before).toHaveLength(1);
    await claim(merchant, 'live', token);
    expect(await end()).toEqual(before);
  });

  it('is not there any more for a payment that comes after it: that goes without', async () => {
    const { merchant, payment, attempt, token } = await entered('-1 minutes');
    const { staging } = await claim(merchant, 'live', token);
    const { token: card } = await vault.payments.tokenize({ merchant, payment, staging });
    expect(await vault.detokenize({ merchant, payment, token: card, attempt })).toMatchObject({
      number: VISA,
      cvv: null,
    });
  });
});
