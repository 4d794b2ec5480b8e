import { createKeyStore, type KeyStore } from '../http/keys.ts';
import type { IntentState, RefundState, StripeEntry } from './journal-entry.ts';

/** The state of the acquirer: a fold over its journal. */
export interface Book {
  apply(entry: StripeEntry): void;
  intent(account: string, id: string): IntentState | null;
  refund(account: string, id: string): RefundState | null;
  /** The refunds of an intent, newest first. */
  refundsOf(account: string, intent: string): readonly RefundState[];
  /** By account. */
  readonly keys: Pick<KeyStore, 'recall'>;
  intents(): readonly IntentState[];
  pendingRefunds(): readonly RefundState[];
  /** Null when there is none of that id, on whatever account. */
  anyRefund(id: string): RefundState | null;
}

export function createBook(keyLifetimeMs: number): Book {
  const intents = new Map<string, IntentState>();
  const refunds = new Map<string, RefundState>();
  const keys = createKeyStore(keyLifetimeMs);
  const of = <T extends { readonly account: string }>(account: string, one: T | undefined): T | null =>
    one?.account === account ? one : null;

  return {
    apply({ merchantAccount, key, bodyHash, status, reply, at, intentAfter, refundAfter }) {
      if (intentAfter !== null) intents.set(intentAfter.id, intentAfter);
      if (refundAfter !== null) refunds.set(refundAfter.id, refundAfter);
      if (key !== null && bodyHash !== null && status !== null && reply !== null)
        keys.remember(merchantAccount, key, { bodyHash, status, reply, at: Date.parse(at) });
    },
    intent: (account, id) => of(account, intents.get(id)),
    refund: (account, id) => of(account, refunds.get(id)),
    refundsOf: (account, intent) =>
      [...refunds.values()].filter((one) => one.account === account && one.intent === intent).reverse(),
    keys,
    intents: () => [...intents.values()],
    anyRefund: (id) => refunds.get(id) ?? null,
    pendingRefunds: () => [...refunds.values()].filter(({ status }) => status === 'pending'),
  };
}
