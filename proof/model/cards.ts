import { testCard } from '../support/cards.ts';
import type { ModelPayment, RefusedPayment, Refusal } from './payment.ts';

/** Cards that the model knows, as docs/test-cards.md promises them at the ISO 8583 simulator. */
export const CARD_NAMES = [
  'good',
  'declined',
  'without funds',
  'expired at its bank',
  'half',
  'no increments',
  'ends soon',
  'used too often',
] as const;
export type CardName = (typeof CARD_NAMES)[number];

/** A card that is used more than six times in a minute is blocked: nobody here uses one so often by chance. */
const USES_MAX = 5;

interface Card {
  /** Null: another number of the schemes' test range for each payment. */
  readonly number: string | null;
  /** What becomes of a payment with it. */
  readonly refused: (allowsPart: boolean) => RefusedPayment | null;
  /** Of what is asked for, what the issuer approves. */
  readonly approves: (amount: number) => number;
  readonly incrementDeclinedWith: string | null;
  readonly endsSoon: boolean;
}

const whole = (amount: number): number => amount;
const yes = {
  number: null,
  refused: () => null,
  approves: whole,
  incrementDeclinedWith: null,
  endsSoon: false,
} as const satisfies Card;
const no = (number: string, declineCode: string, remedy: 'none' | 'later' | 'fix_data'): Card => ({
  ...yes,
  number,
  refused: () => ({ status: 'declined', declineCode, remedy }),
});

const CARDS: Readonly<Record<CardName, Card>> = {
  good: yes,
  declined: no('4000000000000002', '05', 'none'),
  'without funds': no('4000000000009995', '51', 'later'),
  'expired at its bank': no('4000000000000069', '54', 'fix_data'),
  half: {
    ...yes,
    number: '4000000000000010',
    refused: (allowsPart) =>
      allowsPart ? null : { status: 'declined', failureCode: 'partial_not_accepted' },
    approves: (amount) => amount / 2,
  },
  'no increments': { ...yes, number: '5105105105105100', incrementDeclinedWith: '51' },
  'ends soon': { ...yes, number: '4012888888881881', endsSoon: true },
  'used too often': { ...yes, refused: () => ({ status: 'blocked' }) },
};

/** What is asked of a new payment. What is undefined is not said. */
export interface AskedPayment {
  readonly card: CardName;
  readonly amount: number;
  readonly currency: 'EUR' | 'JPY' | 'KWD';
  readonly capture: 'automatic' | 'manual' | undefined;
  readonly authorization_type: 'final' | 'pre' | undefined;
  readonly partial_approval: 'allow' | 'refuse' | undefined;
}

/** Whether the card can be used once more by a merchant that has used it so often. */
export function isUsable(card: CardName, usedBefore: number): boolean {
  return CARDS[card].number === null || usedBefore < USES_MAX;
}

/** The number for a merchant's payment after so many others. */
export function numberOf(card: CardName, paymentsBefore: number): string {
  return CARDS[card].number ?? testCard(paymentsBefore);
}

/** What is wrong with a request before anybody looks at its card; null = nothing. */
export function refusedAsSuch(asked: AskedPayment): Refusal | null {
  const { capture = 'automatic', authorization_type: type = 'final' } = asked;
  return type === 'pre' && capture !== 'manual' ? { status: 400, code: 'field_invalid' } : null;
}

/** A new payment as it is promised to be; its id is known when it is answered. */
export function created(asked: AskedPayment): Omit<ModelPayment, 'id'> {
  const { currency, amount, capture = 'automatic', authorization_type: type = 'final' } = asked;
  const card = CARDS[asked.card];
  const refused = card.refused(asked.partial_approval === 'allow');
  const authorized = refused === null ? card.approves(amount) : 0;
  const taken = refused === null && capture === 'automatic';
  return {
    currency,
    amount,
    capture,
    authorizationType: type,
    refused,
    authorized,
    held: taken ? 0 : authorized,
    captures: taken ? [authorized] : [],
    refunds: [],
    incrementDeclinedWith: card.incrementDeclinedWith,
    endsSoon: card.endsSoon,
  };
}
