import type { CardToken } from '../../workflows/domain/ids.ts';
import type { Call, Route } from '../call.ts';
import { COMPONENTS } from '../contract/components.ts';
import { route } from '../contract/route.ts';
import { jsonReply } from '../json-reply.ts';
import * as schemas from '../schemas/stored-cards.ts';
import { Problem } from '../problem.ts';
import {
  deleteStoredCard,
  listStoredCards,
  readCardToken,
  readStoredCard,
  storedCardNotFound,
} from '../stored-cards.ts';
import type { VaultStage } from '../vault.ts';

export interface StoredCardRoutesOptions {
  readonly vault: Pick<VaultStage, 'card' | 'cards' | 'forget' | 'cardToken'>;
}

const CARDS = '/v1/stored-cards';
const CARD = `${CARDS}/:card`;

/** What a merchant stored by paying with it or verifying it. The vault is asked: nobody else keeps a list. */
export function storedCardRoutes({ vault }: StoredCardRoutesOptions): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: CARDS,
      id: 'listStoredCards',
      tag: 'Cards',
      summary: 'List stored cards',
      description:
        'Newest first: every card that a payment or a verification of yours took, each once, until it is deleted. All filters that are given must hold.',
      query: schemas.listStoredCards,
      answers: { 200: { description: 'A page of stored cards.', schema: COMPONENTS.StoredCardList } },
      handle: async ({ credential, parameters }) =>
        jsonReply(await listStoredCards(vault, credential, parameters)),
    }),
    route({
      method: 'GET',
      path: CARD,
      id: 'getStoredCard',
      tag: 'Cards',
      summary: 'Get a stored card',
      description: 'By the token that payments and verifications show as `card.token`.',
      answers: { 200: { description: 'The card.', schema: COMPONENTS.StoredCard } },
      problems: ['stored_card_not_found', 'stored_card_deleted'],
      handle: async (call) => jsonReply(await readStoredCard(vault, call.credential, cardOf(call))),
    }),
    route({
      method: 'DELETE',
      path: CARD,
      id: 'deleteStoredCard',
      scope: 'payments',
      tag: 'Cards',
      summary: 'Delete a stored card',
      description:
        'From now on nothing is paid with it. What it was paid with before goes on: captures, voids and refunds do not need it in this list. A payment that was accepted before and is not authorized yet is authorized still, and may leave the card behind under another token. Deleting it again is 204 as well. Its number is destroyed when none of its payments was changed in 18 months; at an acquirer that wants the number for a refund, one after that is not possible.',
      answers: { 204: { description: 'It is gone.', schema: null } },
      problems: ['stored_card_not_found'],
      handle: async (call) => {
        await deleteStoredCard(vault, call.credential, cardOf(call));
        return { status: 204, body: '' };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/card-tokens/:token',
      id: 'getCardToken',
      tag: 'Cards',
      summary: 'Get a card token',
      description:
        'Whether a one-time token can still be paid with, and of which card it is: no more than the page that made it was told. Asking does not use it up. It is gone some time after it ran out.',
      answers: { 200: { description: 'The token as it stands.', schema: COMPONENTS.CardToken } },
      problems: ['card_token_unknown'],
      handle: async ({ credential, params }) => {
        const id = params['token'] ?? '';
        const found = schemas.isCardToken(id) ? await readCardToken(vault, credential, id) : null;
        if (found !== null) return jsonReply(found);
        throw new Problem(
          'card_token_unknown',
          'no card token of this merchant and mode is called so, or it ran out of time: have the customer enter the card again',
        );
      },
    }),
  ];
}

function cardOf({ params }: Call): CardToken {
  const token = params['card'] ?? '';
  if (!schemas.isStoredCard(token)) throw storedCardNotFound();
  return token;
}
