import type { JournalEntry } from './journal-entry.ts';
import type { FinancialRequest } from './request.ts';

/** One authorization or sale and what became of it. Amounts are minor units. */
export interface Transaction {
  readonly key: string;
  readonly kind: 'authorization' | 'sale';
  readonly rrn: string;
  readonly terminal: string;
  readonly merchantAccount: string;
  readonly currency: string;
  readonly card: { readonly bin: string; readonly lastFour: string };
  readonly approvalCode: string | null;
  readonly requested: number;
  readonly approved: number;
  /** Whether it can be added to. */
  readonly authorizationType: 'final' | 'pre';
  /** Added to it since, and not undone. */
  readonly incremented: number;
  /** What it may be captured up to, in total. */
  readonly held: number;
  readonly captured: number;
  readonly refunded: number;
  readonly standing: 'open' | 'voided' | 'reversed';
}

/** One addition to an authorization. */
interface Increment {
  /** Key of the authorization. */
  readonly to: string;
  readonly amount: number;
}

type Reference = Pick<FinancialRequest, 'institution' | 'terminal' | 'merchantAccount' | 'rrn'>;

/** The state of the acquirer: a fold over its journal. */
export interface Book {
  apply(entry: JournalEntry): void;
  /** The authorization or sale with that key. */
  byKey(key: string): Transaction | undefined;
  /** The authorization or sale with that retrieval reference, at that terminal of that merchant. */
  byReference(reference: Reference): Transaction | undefined;
  /** The increment with that key, while it stands. */
  incrementOf(key: string): Increment | undefined;
  /** What became of the message with that key, whatever it asked for. */
  entryOf(key: string): JournalEntry | undefined;
  /** A reversal of this key came before the message itself. */
  reversedBefore(key: string): boolean;
  transactions(): readonly Transaction[];
}

/** @param fencesByReversal whether it remembers reversals of what it does not know. */
export function createBook(fencesByReversal: boolean): Book {
  const transactions = new Map<string, Transaction>();
  const keyByReference = new Map<string, string>();
  const entries = new Map<string, JournalEntry>();
  const tombstones = new Set<string>();
  const increments = new Map<string, Increment>();

  function change(
    key: string | null | undefined,
    changed: (transaction: Transaction) => Partial<Transaction>,
  ): void {
    const transaction = key == null ? undefined : transactions.get(key);
    if (transaction === undefined) return;
    transactions.set(transaction.key, { ...transaction, ...changed(transaction) });
  }

  function grow(key: string | undefined, by: number): void {
    change(key, ({ held, incremented }) => ({ held: held + by, incremented: incremented + by }));
  }

  function open(entry: JournalEntry, kind: Transaction['kind']): void {
    const { key, rrn, terminal, merchantAccount, currency, card, approvalCode, requestedAmount, amount } =
      entry;
    transactions.set(key, {
      key,
      kind,
      rrn,
      terminal,
      merchantAccount,
      currency,
      card,
      approvalCode,
      requested: requestedAmount,
      approved: amount,
      authorizationType: entry.authorizationType,
      incremented: 0,
      held: amount,
      captured: kind === 'sale' ? amount : 0,
      refunded: 0,
      standing: 'open',
    });
    keyByReference.set(referenceOf(entry), key);
  }

  return {
    apply(entry) {
      entries.set(entry.key, entry);
      switch (entry.kind) {
        case 'approved':
          open(entry, 'authorization');
          return;
        case 'sale':
          open(entry, 'sale');
          return;
        case 'incremented': {
          const to = keyByReference.get(referenceOf(entry));
          if (to !== undefined) increments.set(entry.key, { to, amount: entry.amount });
          grow(to, entry.amount);
          return;
        }
        case 'increment_reversed': {
          const undone = increments.get(entry.originalKey ?? '');
          increments.delete(entry.originalKey ?? '');
          grow(undone?.to, -entry.amount);
          return;
        }
        case 'captured':
          change(keyByReference.get(referenceOf(entry)), ({ captured }) => ({
            captured: captured + entry.amount,
          }));
          return;
        case 'refunded':
          change(entry.originalKey, ({ refunded }) => ({ refunded: refunded + entry.amount }));
          return;
        case 'partially_voided':
          change(entry.originalKey, ({ held }) => ({ held: entry.remaining ?? held }));
          return;
        case 'voided':
          change(entry.originalKey, () => ({ standing: 'voided', held: 0 }));
          return;
        case 'reversed':
          change(entry.originalKey, () => ({ standing: 'reversed', held: 0, captured: 0 }));
          return;
        case 'not_found':
          if (fencesByReversal && entry.originalKey !== null && entry.request === 'reversal')
            tombstones.add(entry.originalKey);
          return;
        case 'verified':
        case 'nothing_to_reverse':
        case 'declined':
          return;
      }
    },
    byKey: (key) => transactions.get(key),
    byReference: (reference) => transactions.get(keyByReference.get(referenceOf(reference)) ?? ''),
    incrementOf: (key) => increments.get(key),
    entryOf: (key) => entries.get(key),
    reversedBefore: (key) => tombstones.has(key),
    transactions: () => [...transactions.values()],
  };
}

function referenceOf({ institution, terminal, merchantAccount, rrn }: Reference): string {
  return [institution, terminal, merchantAccount, rrn].join('|');
}
