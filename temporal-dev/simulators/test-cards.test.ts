import { expect, it } from 'vitest';
import { ISO8583_TEST_CARDS, STRIPE_TEST_CARDS } from '../../platform/test-cards.ts';
import { cardNumbers as iso8583 } from './iso8583/cards.ts';
import { cardNumbers as stripe } from './stripe/cards.ts';

it.each([
  ['ISO 8583', ISO8583_TEST_CARDS, iso8583],
  ['Stripe', STRIPE_TEST_CARDS, stripe],
])('the simulator of %s knows the numbers that are published, and no others', (_, published, known) => {
  expect([...known].sort()).toEqual(published.map(({ number }) => number).sort());
});
