import type { Operation } from '../ends.ts';
import type { AttemptRow, MatrixWire } from './wire.ts';

const REQUESTS = {
  authorize: 'pay',
  sale: 'pay',
  capture: 'capture',
  void: 'cancel',
  refund: 'refund',
} as const satisfies Record<Operation, string>;

const isPurchase = ({ kind }: AttemptRow): boolean => kind === 'authorization' || kind === 'sale';

/** Keys that live for days, nothing to ask with; what follows a payment is only received, and reported later. */
export const adyen: MatrixWire = {
  id: 'adyen',
  acquirer: 'acquirer-4',
  settles: { authorize: 'repeat', sale: 'repeat', capture: 'repeat', void: 'repeat', refund: 'repeat' },
  codes: { hard: '12', soft: '38', elsewhere: '10' },
  disturbing: [],
  differs: {
    answered_twice: null,
    partial_approval: null,
    // Settled there by hand only.
    pending: null,
    // Turned away before it was begun, and its security code is gone: given up, where there is no other route.
    rate_limited: { authorize: 'not_executed', sale: 'not_executed' },
    // The failure is all that its key answers, for days.
    error_not_executed: null,
    // The amount that it says is what was granted.
    approved_less: { authorize: 'partial', sale: 'partial' },
    approved_more: { authorize: 'mismatch', sale: 'mismatch' },
  },
  matchOf: (operation, { attempts, lastFour }) => ({
    request: REQUESTS[operation],
    ...(operation === 'authorize' || operation === 'sale'
      ? { lastFour }
      : { payment: attempts.findLast(isPurchase)?.reference }),
  }),
  matchOfNext(operation, facts) {
    return this.matchOf(operation, facts);
  },
  linesOf(journal, attempts) {
    const ours = new Set<unknown>(attempts.map(({ id }) => id));
    const payments = new Set(journal.filter(({ attempt = null }) => ours.has(attempt)).map(({ rrn }) => rrn));
    return journal.filter(({ rrn }) => payments.has(rrn));
  },
};
