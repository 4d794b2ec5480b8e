import { SEEN, type End, type Operation } from './ends.ts';
import { EXECUTES } from './faults.ts';
import { faultOf, type Cell } from './cells.ts';
import { standingOf, type PaymentRecord } from './record.ts';

/** Lines of a journal that say that an operation was executed, of whatever wire. */
const EXECUTED = {
  authorize: ['approved'],
  sale: ['sale'],
  capture: ['captured'],
  void: ['voided'],
  refund: ['refunded'],
} as const satisfies Record<Operation, readonly string[]>;
/** Lines that say that it was undone. */
const UNDONE: readonly string[] = ['reversed', 'canceled'];

/** The kind of operation row in our record. */
const ROWS = {
  authorize: 'authorize',
  sale: 'authorize',
  capture: 'capture',
  void: 'void',
  refund: 'refund',
} as const satisfies Record<Operation, string>;

const count = ({ journal }: PaymentRecord, kinds: readonly string[]): number =>
  journal.filter(({ kind }) => kinds.includes(kind)).length;

/** Whether a refund that ended like this was made there and stays in doubt here. */
export function isRefundInDoubt(cell: Cell, end: End): boolean {
  return cell.operation === 'refund' && end === 'in_case' && EXECUTES[faultOf(cell).effect];
}

/** How a cell stands, and what is amiss with that. */
export interface Verdict {
  readonly end: End;
  readonly found: readonly string[];
}

/** Held against each end that it may have; against the first where it is none of them. */
export function judge(cell: Cell, record: PaymentRecord, before: readonly string[]): Verdict {
  const verdicts = cell.ends.map((end) => ({ end, found: faultsFound(cell, end, record, before) }));
  const [first] = verdicts;
  const right = verdicts.find(({ found }) => found.length === 0) ?? first;
  if (right === undefined) throw new Error(`${cell.fault} has no end`);
  return right;
}

/**
 * What is not as it has to be: the merchant's view, the number of executions, and our amounts against the
 * books and against the acquirer's journal. Empty = all of it is.
 * @param before types of the events before the operation.
 */
function faultsFound(cell: Cell, end: End, record: PaymentRecord, before: readonly string[]): string[] {
  const { operation } = cell;
  const { payment, operations, attempts, books, events, cases } = record;
  const found: string[] = [];
  const same = (what: string, is: unknown, expected: unknown): void => {
    const [left, right] = [JSON.stringify(is), JSON.stringify(expected)];
    if (left !== right) found.push(`${what} ${left}, not ${right}`);
  };

  const seen = SEEN[operation][end];
  if (seen === undefined) return [`a ${operation} cannot end ${end}`];
  same('status', payment.status, seen.status);
  same('failure_code', payment.failure_code, seen.failureCode);
  same('events', events.slice(before.length), seen.events);
  if (seen.operation !== null && operation !== 'sale')
    same(
      operation,
      operations.findLast(({ kind }) => kind === ROWS[operation])?.state ?? null,
      seen.operation,
    );
  const open = operations.filter(({ state, phase }) => state === 'pending' && phase !== 'case');
  same('under way', open, []);
  if (seen.operation === 'pending' && cases.length === 0)
    found.push('nobody was asked: there is no open case');

  const executed = count(record, EXECUTED[operation]);
  const undone = count(record, UNDONE);
  const executes = EXECUTES[faultOf(cell).effect];
  switch (end) {
    case 'done':
      same('executions', executed, 1);
      same('undone', undone, 0);
      break;
    case 'reversed':
    case 'mismatch':
    case 'partial':
      same('executions', executed, 1);
      same('undone', undone, 1);
      break;
    case 'declined':
    case 'not_executed':
      same('executions', executed, 0);
      break;
    case 'in_case':
      same('executions', executed, executes ? 1 : 0);
      break;
  }

  const held = payment.authorization_state === 'held' ? payment.authorized - payment.captured : 0;
  const net = payment.captured - payment.refunded;
  const { held: heldThere, net: netThere } = standingOf(record.journal);
  const inDoubt = isRefundInDoubt(cell, end) ? payment.refund_pending : 0;
  same('held by the journal', heldThere, held);
  same('net by the journal', netThere + inDoubt, net);
  same('held by the books', books['auth_hold:acquirer'] ?? 0, held);
  same('net by the books', books['acquirer_receivable'] ?? 0, net);
  same('refunds in flight by the books', -(books['refunds_in_flight'] ?? 0), payment.refund_pending);

  const live = attempts.filter(
    ({ kind, state, outcome }) =>
      (kind === 'authorization' || kind === 'sale') && state === 'answered' && outcome === 'approved',
  );
  if (live.length > 1) found.push(`${live.length} approved authorizations`);
  const doubtful = attempts.filter(({ state }) => state === 'sending' || state === 'reversing');
  if (end !== 'in_case')
    same(
      'attempts without an end',
      doubtful.map(({ kind }) => kind),
      [],
    );
  return found;
}
