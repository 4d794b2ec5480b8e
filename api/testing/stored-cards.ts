import { randomBytes } from 'node:crypto';
import { VaultRefused, type CardMode, type StoredCard } from '../../vault/contract.ts';
import type { CardToken, MerchantId } from '../../workflows/domain/ids.ts';
import type { VaultStage } from '../vault.ts';

/** Cards as the vault keeps them, by their owners; who they belong to is asked as there. Each has a one-time token of its letters. */
export function storedCards(): {
  readonly vault: Pick<VaultStage, 'card' | 'cards' | 'forget' | 'cardToken'>;
  readonly add: (merchant: MerchantId, mode: CardMode) => CardToken;
} {
  const cards = new Map<
    CardToken,
    { readonly owner: string; readonly card: StoredCard; forgotten: boolean }
  >();
  const ownerOf = ({ merchant, mode }: { merchant: MerchantId; mode: CardMode }): string =>
    `${merchant} ${mode}`;
  const find = (request: { merchant: MerchantId; mode: CardMode; token: CardToken }) => {
    const found = cards.get(request.token);
    return found?.owner === ownerOf(request) ? found : undefined;
  };
  return {
    add(merchant, mode) {
      const token = `card_${randomBytes(13).toString('hex')}` as CardToken;
      const card: StoredCard = {
        token,
        fingerprint: randomBytes(32).toString('hex'),
        brand: 'visa',
        bin: '42424242',
        lastFour: '4242',
        expiryMonth: 12,
        expiryYear: 2034,
        createdAt: new Date().toISOString(),
      };
      cards.set(token, { owner: ownerOf({ merchant, mode }), card, forgotten: false });
      return token;
    },
    vault: {
      card(request) {
        const found = find(request);
        const forgotten = found?.forgotten ?? false;
        return Promise.resolve({ card: forgotten ? null : (found?.card ?? null), forgotten });
      },
      cards({ startingAfter, endingBefore, ...request }) {
        const cursor = startingAfter ?? endingBefore;
        if (cursor !== undefined && find({ ...request, token: cursor }) === undefined)
          return Promise.resolve({ cards: null });
        const own = [...cards.values()].filter(
          ({ owner, forgotten }) => owner === ownerOf(request) && !forgotten,
        );
        return Promise.resolve({ cards: own.map(({ card }) => card).reverse() });
      },
      cardToken({ cardToken, ...request }) {
        const found = find({ ...request, token: cardToken.replace('ctok_', 'card_') as CardToken });
        if (found === undefined) return Promise.resolve({ cardToken: null });
        const { brand, lastFour, expiryMonth, expiryYear, createdAt } = found.card;
        const status = found.forgotten ? 'used' : 'ready';
        return Promise.resolve({
          cardToken: { status, brand, lastFour, expiryMonth, expiryYear, expiresAt: createdAt },
        });
      },
      forget(request) {
        const found = find(request);
        if (found === undefined) return Promise.reject(new VaultRefused('no such card', 'unknown_token'));
        const forgotten = !found.forgotten;
        found.forgotten = true;
        return Promise.resolve({ forgotten });
      },
    },
  };
}
