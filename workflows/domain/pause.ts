import { change, type Change } from './change.ts';
import {
  undoesAnother,
  type Command,
  type Operation,
  type OperationKind,
  type PaymentState,
} from './payment.ts';
import type { Refusal } from './problem.ts';

/**
 * What asks an acquirer for something new, and what gives back or finds out: a paused payment begins none of
 * the former. What is at an acquirer already is concluded, paused or not (docs/decisions/018-pause.md).
 */
const BEGINS_ANEW = {
  authorize: true,
  reauthorize: true,
  increment: true,
  capture: true,
  refund: true,
  release: false,
  void: false,
  expiry: false,
  undo: false,
  chargeback: false,
  chargeback_reversal: false,
  withdrawal: false,
} as const satisfies Record<OperationKind, boolean>;

/** Pauses a payment or lets it go on; asked of one that is so already, it is taken and changes nothing. */
export function takePause({ payment }: PaymentState, command: Command, now: number): Change {
  const pauses = command.body.kind === 'pause';
  return {
    ...change(`${command.body.kind}:${command.id}`, pauses ? 'paused' : 'resumed'),
    payment: { pausedAt: pauses ? (payment.pausedAt ?? now) : null },
    taken: [command.id],
  };
}

/** Why a command is not begun on a payment that is paused; null where it is. */
export function refusePaused({ payment }: PaymentState, { body }: Command): Refusal | null {
  if (payment.pausedAt === null) return null;
  switch (body.kind) {
    case 'reauthorize':
    case 'increment':
    case 'capture':
    case 'refund':
      break;
    case 'void':
      // What an operator releases or undoes is decided by those who paused it.
      if (body.asOperator === true) return null;
      break;
    case 'create':
    case 'review':
    case 'chargeback':
    case 'chargeback_reversal':
    case 'withdrawal':
    case 'nudge':
    case 'pause':
    case 'resume':
    case 'late_answer':
    case 'adoption':
    case 'resolution':
      return null;
  }
  return {
    code: 'payment_paused',
    detail: `${payment.id} is paused by an operator: its ${body.kind} was not begun and nothing was sent; ask again, with another idempotency key, once it goes on`,
  };
}

/** No attempt of it may be planned now, because its payment is paused. */
export function isHeldBack({ payment }: PaymentState, { kind }: Pick<Operation, 'kind'>): boolean {
  return payment.pausedAt !== null && BEGINS_ANEW[kind];
}

/**
 * What is still held does not wait for it to be given back: a refund that a paused payment holds back, for as long as
 * the pause may last, and the undoing of another authorization, which may never be acknowledged.
 */
export function waitsBesideHold(state: PaymentState, operation: Operation): boolean {
  if (undoesAnother(state, operation)) return true;
  return operation.kind === 'refund' && operation.phase === 'ready' && isHeldBack(state, operation);
}
