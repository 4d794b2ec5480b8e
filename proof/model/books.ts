import { expect } from 'vitest';
import { disagreements } from '../support/disagreements.ts';
import type { World } from '../support/world.ts';
import { shown, type Books } from './payment.ts';
import type { Model } from './shop.ts';

/**
 * Everything that can be seen of the merchant over HTTP is as the model says: each payment and its entries
 * in the ledger, the list, the balances, the trial balance. And the acquirer's journal says the same.
 */
export async function expectEverythingForetold(model: Model, world: World): Promise<void> {
  const { rules, payments } = model;
  const expected = new Map<string, number>();
  for (const payment of payments) {
    const { ledger = [], ...is } = await world.client.payments.get(payment.id);
    expect(is, payment.id).toMatchObject(shown(rules, payment));
    const entries = ledger.flatMap((transaction) => transaction.entries);
    expect(new Set(entries.map(({ currency }) => currency)).size, payment.id).toBeLessThanOrEqual(1);
    const books = rules.books(payment);
    expect(byAccount(entries), `${payment.id}, by its entries in the ledger`).toEqual(withoutZero(books));
    for (const [account, balance] of Object.entries(books)) {
      const id = `${account} ${payment.currency}`;
      expected.set(id, (expected.get(id) ?? 0) + balance);
    }
  }
  await expectListed(model, world);
  const { data } = await world.client.ledger.balances();
  const balances = data.map(
    ({ account, currency, balance }) => [`${account} ${currency}`, Number(balance)] as const,
  );
  expect(withoutZero(Object.fromEntries(balances)), 'balances').toEqual(
    withoutZero(Object.fromEntries(expected)),
  );
  expect((await world.client.ledger.trialBalance()).balanced, 'the trial balance').toBe(true);
  expect(await disagreements(world)).toEqual([]);
}

/** The list has every payment once, newest first, as GET shows it, also read page by page. */
export async function expectListed({ rules, payments }: Model, world: World): Promise<void> {
  const newestFirst = [...payments].sort((left, right) => (left.id < right.id ? 1 : -1));
  const listed = await world.client.payments.list({ limit: 3 }).take(payments.length + 1);
  expect(listed, 'the list').toMatchObject(newestFirst.map((payment) => shown(rules, payment)));
  expect(listed, 'the list').toHaveLength(payments.length);
}

interface Entry {
  readonly account: string;
  readonly side: 'debit' | 'credit';
  readonly amount: number | string;
}

/** Accounts on whose credit side a balance counts as positive (docs/money.md). */
const CREDIT: readonly string[] = ['auth_hold:merchant', 'merchant_payable:pending', 'refunds_in_flight'];

function byAccount(entries: readonly Entry[]): Books {
  const balances = new Map<string, number>();
  for (const { account, side, amount } of entries) {
    const sign = (side === 'credit') === CREDIT.includes(account) ? 1 : -1;
    balances.set(account, (balances.get(account) ?? 0) + sign * Number(amount));
  }
  return withoutZero(Object.fromEntries(balances));
}

function withoutZero(books: Books): Books {
  return Object.fromEntries(Object.entries(books).filter(([, balance]) => balance !== 0));
}
