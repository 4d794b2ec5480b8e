import { describe, expect, it } from 'vitest';
import { newId } from '../platform/new-id.ts';
import type { CardToken } from '../workflows/domain/ids.ts';
import { createVaultCounters } from './counters.ts';
import type { VaultDatabase } from './database.ts';
import { createNumericTokens } from './numeric-tokens.ts';
import type { Sealing } from './sealing.ts';

/**
 * A numeric token is no number of a card that is kept here, whatever became of the card. The drawing of such
 * a number, one in a hundred thousand, is made by hand, and so is what the tables answer.
 */
const merchant = newId('mer');
const NUMBER = '4242424242424242';
const FORGOTTEN = '4242420000104242';
const FREE = '4242420000284242';
const sealed = (number: string) => ({ data_key: 'dk', sealed: Buffer.from(number) });

function tokens(drawn: readonly string[], tokensInCell: number) {
  const forgotten = Array.from({ length: 150 }, (_, place) => ({
    merchant,
    token: `card_${String(place).padStart(3, '0')}` as CardToken,
    ...sealed(place === 149 ? FORGOTTEN : NUMBER),
  }));
  const answers: Readonly<Record<string, (values: readonly unknown[]) => unknown[]>> = {
    find_numeric: () => [{ ...sealed(NUMBER), numeric_token: null }],
    count_numeric: () => [{ tokens: tokensInCell }],
    cell_cards: () => [],
    cell_forgotten: ([, , after, limit]) =>
      forgotten.filter(({ token }) => token > String(after)).slice(0, Number(limit)),
    insert_numeric: ([candidate]) => [{ numeric_token: candidate }],
  };
  const database: VaultDatabase = {
    query: <Row>(name: string, _: string, values: readonly unknown[]) =>
      Promise.resolve((answers[name]?.(values) ?? []) as Row[]),
  };
  const sealing: Pick<Sealing, 'openCard'> = {
    openCard: (_, __, card) => Promise.resolve(card.sealed.toString()),
  };
  const fingerprinter = {
    fingerprint: () => Promise.resolve(''),
    ready: () => Promise.resolve(),
    close() {},
  };
  const counters = createVaultCounters();
  const silent = { error() {}, warn() {}, info() {}, debug() {} };
  let next = 0;
  const make = createNumericTokens(
    database,
    sealing as Sealing,
    fingerprinter,
    counters,
    silent,
    () => drawn[next++] ?? FREE,
  );
  return { counters, make: () => make(merchant, 'card_x' as CardToken) };
}

describe('a numeric token', () => {
  it('is not the number of a card that is forgotten and not destroyed yet', async () => {
    expect(await tokens([FORGOTTEN], 0).make()).toBe(FREE);
  });

  it('tells how full its cell is', async () => {
    const { counters, make } = tokens([], 250);
    await make();
    expect(counters.numericCellLoad).toBe(0.0025);
  });
});
