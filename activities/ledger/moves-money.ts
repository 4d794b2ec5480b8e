import {
  attemptOf,
  operationOf,
  type CommandBody,
  type PaymentState,
} from '../../workflows/domain/payment.ts';

/** What of the agreed terms deciding about a command takes: rates for what it refunds, terms for what it captures. */
export function movesMoney(
  body: CommandBody,
  state: PaymentState,
): { readonly refunds: boolean; readonly captures: boolean } {
  const captures = (yes: boolean) => ({ refunds: false, captures: yes });
  switch (body.kind) {
    case 'refund':
      return { refunds: true, captures: false };
    case 'late_answer':
      return { refunds: attemptOf(state, body.attempt)?.kind === 'refund', captures: false };
    case 'adoption':
      return { refunds: body.what === 'refund', captures: body.what === 'capture' };
    case 'resolution':
      return captures(body.outcome === 'executed' && operationOf(state, body.resolves)?.kind === 'capture');
    case 'create':
    case 'reauthorize':
    case 'increment':
    case 'capture':
    case 'void':
    case 'review':
    case 'nudge':
    case 'pause':
    case 'resume':
    case 'chargeback':
    case 'chargeback_reversal':
    case 'withdrawal':
      return captures(false);
  }
}
