import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { ISO8583_TEST_CARDS, STRIPE_TEST_CARDS, type TestCard } from './test-cards.ts';

const tableOf = (cards: readonly TestCard[], who: string): string =>
  [
    `| Number | What ${who} does | What becomes of the payment |`,
    '|---|---|---|',
    ...cards.map(({ number, does, becomes }) => `| ${number} | ${does} | ${becomes} |`),
  ].join('\n');

const TABLE = /^\| Number \|.*\n(?:\|.*\n?)*/gm;

it('docs/test-cards.md has the tables of the test cards (`vitest run --update` writes them anew)', async () => {
  const path = '../docs/test-cards.md';
  const document = await readFile(new URL(path, import.meta.url), 'utf8');
  const tables = [tableOf(ISO8583_TEST_CARDS, 'the acquirer'), tableOf(STRIPE_TEST_CARDS, 'Stripe')];
  expect(document.match(TABLE)).toHaveLength(tables.length);
  await expect(document.replaceAll(TABLE, () => `${tables.shift() ?? ''}\n`)).toMatchFileSnapshot(path);
});

it.each([
  ['ISO 8583', ISO8583_TEST_CARDS],
  ['Stripe', STRIPE_TEST_CARDS],
])('no number stands twice in the table of %s', (_, cards) => {
  expect(new Set(cards.map(({ number }) => number)).size).toBe(cards.length);
});
