import type pg from 'pg';
import { expect, it } from 'vitest';
import { VaultRefused, type DestroyRequest, type ForgottenAnswer } from '../../vault/contract.ts';
import { createCardRetention } from './card-retention.ts';

const nobody = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
const card = (name: string) => ({ merchant: 'mer_1', token: `card_${name}`, payments: [`pay_${name}`] });

/** A vault that answers what it is told to: one that refuses a single card cannot be made on a stack. */
function round(destroy: (request: DestroyRequest) => Promise<{ destroyed: boolean }>) {
  const cards = ['one', 'two', 'three'].map(card);
  const page = { unused: 0, cards, next: null } as unknown as ForgottenAnswer;
  const rows = cards.flatMap(({ payments }) => payments.map((id) => ({ id })));
  return createCardRetention({
    vault: { forgotten: () => Promise.resolve(page), destroy },
    pool: { query: () => Promise.resolve({ rows }) } as unknown as pg.Pool,
    logger: nobody,
    neededMs: 0,
  })(() => undefined);
}

it('a card that the vault does not let go keeps none of those after it', async () => {
  const asked: string[] = [];
  const summary = await round(({ token }) => {
    asked.push(token);
    return String(token) === 'card_one'
      ? Promise.reject(new VaultRefused('it is in use', 'in_use'))
      : Promise.resolve({ destroyed: true });
  });
  expect(asked).toEqual(['card_one', 'card_two', 'card_three']);
  expect(summary).toEqual({ unused: 0, destroyed: 2, kept: 1 });
});

it('a vault that is away ends the round, which is tried again', async () => {
  await expect(round(() => Promise.reject(new Error('it is away')))).rejects.toThrow('it is away');
});
