import type pg from 'pg';
import type { TooMany } from '../platform/http-json.ts';
import type { StagedCard } from '../vault/contract.ts';
import type { Credential } from './auth/api-key.ts';
import { stagingKey } from './idempotency.ts';
import { Problem, unavailable } from './problem.ts';
import { isKnownKey } from './requests.ts';
import { expiryFaults, refuseFaults, type CreatePayment } from './schemas/payments.ts';
import { VaultRefused, VaultUnavailable, type VaultStage } from './vault.ts';

export interface StagingOptions {
  readonly database: pg.Pool;
  readonly vault: Pick<VaultStage, 'stage' | 'claim'>;
  /** Epoch ms. */
  readonly now: () => number;
}

/**
 * Gives the vault the card of a request, or claims the one that its token stands for. From here on the number is
 * the vault's; what comes back can be written anywhere. Null only of a request whose key is known and whose
 * token is gone since, or is not told of now: its answer stays.
 * @throws Problem `card_expired` for the card of a token, `service_unavailable` where the key is known and the
 *   vault takes no card now, or the key cannot be looked up; VaultRefused, VaultUnavailable.
 */
export async function stageCard(
  { database, vault, now }: StagingOptions,
  credential: Credential,
  idempotencyKey: string,
  body: Pick<CreatePayment, 'card' | 'card_token'>,
): Promise<StagedCard | null> {
  const isKnown = (): Promise<boolean> =>
    isKnownKey(database, credential, idempotencyKey).catch((cause: unknown) => {
      throw unavailable('the database', cause);
    });
  const at = now();
  const staged = await stageOrClaim(vault, credential, stagingKey(credential, idempotencyKey), body).catch(
    async (error: unknown) => {
      const tooMany = error instanceof VaultUnavailable ? error.tooMany : null;
      const tokenRefused = error instanceof VaultRefused && body.card === undefined;
      if (tooMany === null && !tokenRefused) throw error;
      if (!(await isKnown())) throw error;
      // A token is gone some day, or not told of now; the answer to the request that used it stays.
      if (tooMany === null || body.card === undefined) return null;
      throw repeatHeldUp(tooMany, error);
    },
  );
  if (staged !== null && body.card === undefined) {
    const expired = expiryFaults(staged.expiryMonth, staged.expiryYear, '/card_token', at);
    if (expired.length > 0 && !(await isKnown())) refuseFaults(expired);
  }
  return staged;
}

/**
 * Of a request that was taken the vault's "not now" is no answer: whoever took it for one would pay again. Nor is
 * the stored answer given: only the vault can tell that this is the same card.
 */
function repeatHeldUp({ retryAfterS }: TooMany, cause: unknown): Problem {
  return new Problem(
    'service_unavailable',
    `a request with this Idempotency-Key was taken, and what became of it cannot be told before the card vault takes cards again: send the same request again in ${retryAfterS} s, with the same Idempotency-Key`,
    { headers: { 'retry-after': String(retryAfterS) }, cause },
  );
}

async function stageOrClaim(
  vault: StagingOptions['vault'],
  { merchant, mode }: Credential,
  idempotencyKey: string,
  { card, card_token: cardToken }: Pick<CreatePayment, 'card' | 'card_token'>,
): Promise<StagedCard> {
  if (card !== undefined) {
    const { number, expiry_month: expiryMonth, expiry_year: expiryYear, cvv } = card;
    const details = { number, expiryMonth, expiryYear, ...(cvv === undefined ? {} : { cvv }) };
    return vault.stage({ merchant, mode, idempotencyKey, card: details });
  }
  return vault.claim({ merchant, mode, cardToken: cardToken ?? '', idempotencyKey });
}
