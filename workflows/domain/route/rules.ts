import type { AcquirerAccountId } from '../ids.ts';
import { drawPpm } from './hash.ts';
import type { RouteRequest, RouteRule, RuleScope } from './types.ts';

/** The rule that decides about this payment: the first that is about it; null when none is. */
export function ruleFor({ rules, ...request }: RouteRequest): RouteRule | null {
  return [...rules].sort(inOrder).find(({ scope }) => isAbout(scope, request)) ?? null;
}

function inOrder(a: RouteRule, b: RouteRule): number {
  return a.priority - b.priority || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

function isAbout(
  { currencies, brands, bins, amountFrom, amountTo }: RuleScope,
  { currency, brand, bin, amount }: Pick<RouteRequest, 'currency' | 'brand' | 'bin' | 'amount'>,
): boolean {
  return (
    (currencies.length === 0 || currencies.includes(currency)) &&
    (brands.length === 0 || brands.includes(brand)) &&
    (bins.length === 0 || bins.some((prefix) => bin.startsWith(prefix))) &&
    (amountFrom === null || amount >= amountFrom) &&
    (amountTo === null || amount <= amountTo)
  );
}

/**
 * The accounts that a rule puts before all others, in its order. Of a split it is the one that this
 * payment falls to, among those that can take it: what one account cannot take is shared by the others
 * in their proportion.
 */
export function preferredBy(
  rule: RouteRule | null,
  { payment }: Pick<RouteRequest, 'payment'>,
  canTake: (account: AcquirerAccountId) => boolean,
): readonly AcquirerAccountId[] {
  switch (rule?.kind) {
    case undefined:
      return [];
    case 'pin':
      return [rule.account];
    case 'prefer':
      return rule.accounts;
    case 'split': {
      const shares = rule.shares.filter(({ account, percent }) => percent > 0 && canTake(account));
      const whole = shares.reduce((sum, { percent }) => sum + percent, 0);
      let below = drawPpm(`${payment}:${rule.id}`) * whole;
      for (const { account, percent } of shares) {
        below -= percent * 1_000_000;
        if (below < 0) return [account];
      }
      return [];
    }
  }
}
