import type { Operation } from '../ends.ts';
import type { MatrixWire } from './wire.ts';

const KINDS = {
  authorize: 'authorization',
  sale: 'sale',
  capture: 'capture',
  void: 'void',
  refund: 'refund',
} as const satisfies Record<Operation, string>;

const PURCHASE_ONLY = { capture: null, void: null, refund: null } as const;

/** One host, two connections that all requests share, no keys, nothing to ask with. */
export const iso8583: MatrixWire = {
  id: 'iso8583',
  acquirer: 'acquirer-1',
  settles: { authorize: 'reverse', sale: 'reverse', capture: 'repeat', void: 'repeat', refund: 'case' },
  codes: { hard: '05', soft: '1A', elsewhere: '91' },
  disturbing: ['reset_before', 'reset_after', 'half_open'],
  differs: {
    rate_limited: null,
    pending: null,
    partial_approval: { ...PURCHASE_ONLY, authorize: 'partial', sale: 'partial' },
    approved_more: { authorize: 'mismatch', sale: 'mismatch' },
  },
  // A void names the whole that was authorized.
  matchOf: (operation, { amount, authorized }) => ({
    kind: KINDS[operation],
    amount: operation === 'void' ? authorized : amount,
  }),
  matchOfNext(operation, facts) {
    const purchase = operation === 'authorize' || operation === 'sale';
    return purchase ? { kind: 'reversal', amount: facts.authorized } : this.matchOf(operation, facts);
  },
  linesOf(journal, attempts) {
    const references = new Set(attempts.map(({ wire }) => wire['rrn']));
    return journal.filter(({ rrn }) => references.has(rrn));
  },
};
