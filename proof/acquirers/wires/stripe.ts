import type { Operation } from '../ends.ts';
import type { AttemptRow, MatrixWire } from './wire.ts';

const REQUESTS = {
  authorize: 'confirm',
  sale: 'confirm',
  capture: 'capture',
  void: 'cancel',
  refund: 'refund',
} as const satisfies Record<Operation, string>;

const purchase = (operation: Operation): boolean => operation === 'authorize' || operation === 'sale';
const PURCHASE = { authorize: null, sale: null } as const;

/** An attempt that was given up before it was sent may have left an intent too. */
function intentsOf(attempts: readonly AttemptRow[]): readonly string[] {
  return attempts
    .filter(({ kind }) => kind === 'authorization' || kind === 'sale')
    .flatMap(({ reference }) => (reference === null ? [] : [reference]));
}

/** A request of its own for everything; keys that live for a day; a payment intent that can be read. */
export const stripe: MatrixWire = {
  id: 'stripe',
  acquirer: 'acquirer-3',
  settles: { authorize: 'inquire', sale: 'inquire', capture: 'repeat', void: 'repeat', refund: 'repeat' },
  codes: { hard: 'do_not_honor', soft: 'authentication_required', elsewhere: 'issuer_not_available' },
  disturbing: [],
  differs: {
    // A request has one answer; cards are approved whole or not at all.
    answered_twice: null,
    partial_approval: null,
    pending: { ...PURCHASE, capture: null, void: null },
  },
  matchOf: (operation, { attempts, lastFour }) => ({
    request: REQUESTS[operation],
    ...(purchase(operation) ? { lastFour } : { intent: intentsOf(attempts).at(-1) }),
  }),
  matchOfNext(operation, facts) {
    return purchase(operation)
      ? { request: 'read', intent: intentsOf(facts.attempts).at(-1) }
      : this.matchOf(operation, facts);
  },
  linesOf(journal, attempts) {
    const intents = intentsOf(attempts);
    return journal.filter(({ rrn }) => intents.includes(rrn));
  },
};
