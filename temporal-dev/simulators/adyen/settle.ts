import type { Book } from './book.ts';
import type { Effect } from './decide.ts';
import type { EntryKind, ModificationState, PaymentState } from './journal-entry.ts';

/** What becomes of a modification that was received, when its time has come. Pure. */
export function settle(book: Book, modification: ModificationState): Effect {
  const { account, payment: pspReference, paymentReference } = modification;
  const payment =
    pspReference === null
      ? book.paymentCalled(account, paymentReference ?? '')
      : book.payment(account, pspReference);
  const done = payment === null || modification.forcedToFail ? null : doneTo(payment, modification);
  if (done === null)
    return { kind: 'refused', amount: 0, payment, modification: { ...modification, status: 'failed' } };
  return { ...done, modification: { ...modification, status: 'succeeded' } };
}

/** The payment after it, and how much was moved or let go; null = it cannot be done. */
function doneTo(
  payment: PaymentState,
  { kind, amount }: ModificationState,
): Omit<Effect, 'modification'> | null {
  const { status, captured, refunded } = payment;
  const held = status === 'authorised' ? payment.amount - captured : 0;
  const owned = captured - refunded;
  switch (kind) {
    case 'capture':
      if (amount > held) return null;
      return { kind: 'captured', amount, payment: { ...payment, captured: captured + amount } };
    case 'refund':
      if (amount > owned) return null;
      return { kind: 'refunded', amount, payment: { ...payment, refunded: refunded + amount } };
    case 'cancel':
      if (held === 0) return null;
      return {
        kind: captured === 0 ? 'voided' : 'partially_voided',
        amount: held,
        payment: { ...payment, status: 'cancelled' },
      };
    case 'cancel_by_reference':
      if (held === 0 || captured > 0) return null;
      return { kind: 'reversed', amount: held, payment: { ...payment, status: 'cancelled' } };
    case 'reverse':
      if (held === 0 && owned === 0) return null;
      return {
        kind: 'reversed',
        amount: owned > 0 ? owned : held,
        payment: { ...payment, status: 'cancelled', refunded: refunded + owned },
      };
  }
}

/** A success that is taken back; null when it is none that can be. */
export function withdraw(book: Book, modification: ModificationState): Effect | null {
  const { kind, amount, account } = modification;
  const payment = modification.payment === null ? null : book.payment(account, modification.payment);
  if (payment === null || modification.status !== 'succeeded') return null;
  const withdrawn: ModificationState = { ...modification, status: 'withdrawn' };
  const effect = (name: EntryKind, after: PaymentState): Effect => ({
    kind: name,
    amount,
    payment: after,
    modification: withdrawn,
  });
  if (kind === 'capture')
    return effect('capture_failed', { ...payment, captured: payment.captured - amount });
  if (kind === 'refund') return effect('refund_failed', { ...payment, refunded: payment.refunded - amount });
  return null;
}
