import type { CardToken } from '../workflows/domain/ids.ts';
import type { CardMode, CardsRequest, StoredCard } from '../vault/contract.ts';
import type { Credential } from './auth/api-key.ts';
import { checkCursor } from './lists/cursor.ts';
import { pageOf } from './ledger/page.ts';
import { Problem } from './problem.ts';
import type { ListStoredCards } from './schemas/stored-cards.ts';
import { VaultRefused, type VaultStage } from './vault.ts';

type Vault = Pick<VaultStage, 'card' | 'cards' | 'forget' | 'cardToken'>;

/**
 * One card as the vault knows it, without its number.
 * @throws Problem `stored_card_not_found`, `stored_card_deleted`; VaultUnavailable.
 */
export async function readStoredCard(
  vault: Vault,
  { merchant, mode }: Credential,
  token: CardToken,
): Promise<Record<string, unknown>> {
  const { card, forgotten } = await vault.card({ merchant, mode, token });
  if (forgotten) throw storedCardDeleted();
  if (card === null) throw storedCardNotFound();
  return storedCardResource(mode, card);
}

/**
 * One page of the merchant's stored cards, newest first.
 * @throws Problem when the cursor is none of this key's cards; VaultUnavailable.
 */
export async function listStoredCards(
  vault: Vault,
  { merchant, mode }: Credential,
  wish: ListStoredCards,
): Promise<Record<string, unknown>> {
  const { starting_after: after, ending_before: before, created = {}, card_fingerprint: fingerprint } = wish;
  const request: CardsRequest = {
    merchant,
    mode,
    limit: wish.limit + 1,
    ...(after === undefined ? {} : { startingAfter: after }),
    ...(before === undefined ? {} : { endingBefore: before }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    // Without the bounds that are not there: on the way to the vault they would be missing anyway.
    created: Object.fromEntries(Object.entries(created).filter(([, bound]) => bound !== undefined)),
  };
  const { cards } = await vault.cards(request);
  await checkCursor(wish, 'stored card that belongs to this key', () => Promise.resolve(cards !== null));
  return pageOf(wish, cards ?? [], (card) => storedCardResource(mode, card));
}

/**
 * Hides the card from payments to come; what is under way with it, captures and refunds go on. Deleting it
 * again is no error.
 * @throws Problem `stored_card_not_found`; VaultUnavailable.
 */
export async function deleteStoredCard(
  vault: Vault,
  { merchant, mode }: Credential,
  token: CardToken,
): Promise<void> {
  try {
    await vault.forget({ merchant, mode, token });
  } catch (error) {
    if (error instanceof VaultRefused && error.code === 'unknown_token') throw storedCardNotFound();
    throw error;
  }
}

/** A one-time token as its page was told, and what became of it. Null when there is none, or none any more. */
export async function readCardToken(
  vault: Vault,
  { merchant, mode }: Credential,
  id: string,
): Promise<Record<string, unknown> | null> {
  const { cardToken } = await vault.cardToken({ merchant, mode, cardToken: id });
  if (cardToken === null) return null;
  return {
    id,
    object: 'card_token',
    mode,
    status: cardToken.status,
    card: {
      brand: cardToken.brand,
      last_four: cardToken.lastFour,
      expiry_month: cardToken.expiryMonth,
      expiry_year: cardToken.expiryYear,
    },
    expires_at: cardToken.expiresAt,
  };
}

function storedCardResource(mode: CardMode, card: StoredCard): Record<string, unknown> {
  return {
    id: card.token,
    object: 'stored_card',
    mode,
    created: card.createdAt,
    fingerprint: card.fingerprint,
    brand: card.brand,
    bin: card.bin,
    last_four: card.lastFour,
    expiry_month: card.expiryMonth,
    expiry_year: card.expiryYear,
  };
}

/** The same words whether it never was, is another merchant's, or is of the other mode. */
export function storedCardNotFound(): Problem {
  return new Problem(
    'stored_card_not_found',
    'no stored card with this token belongs to this key: check the token, and whether the key is for test or live',
  );
}

/** It was this merchant's, and it pays no more. */
export function storedCardDeleted(): Problem {
  return new Problem(
    'stored_card_deleted',
    'this stored card was deleted, or nobody used it for long: ask the customer for the card again',
  );
}
