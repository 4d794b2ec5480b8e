import type { IntentState, Problem, RefundState } from './journal-entry.ts';

/** An intent as the API shows it, with its charge where that was asked to be expanded. */
export function renderIntent(intent: IntentState, expanded: boolean): Record<string, unknown> {
  return {
    id: intent.id,
    object: 'payment_intent',
    amount: intent.amount,
    amount_capturable: intent.amountCapturable,
    amount_received: intent.amountReceived,
    capture_method: intent.captureMethod,
    currency: intent.currency,
    livemode: false,
    metadata: intent.metadata,
    last_payment_error: intent.lastPaymentError,
    status: intent.status,
    latest_charge: expanded ? renderCharge(intent) : (intent.charge?.id ?? null),
  };
}

function renderCharge({ charge, card, multicapture }: IntentState): Record<string, unknown> | null {
  if (charge === null) return null;
  return {
    id: charge.id,
    object: 'charge',
    authorization_code: charge.approvalCode,
    payment_method_details: {
      type: 'card',
      card: {
        last4: card?.lastFour ?? null,
        checks: {
          address_line1_check: null,
          address_postal_code_check: null,
          cvc_check: charge.cvcCheck,
        },
        multicapture: { status: multicapture ? 'available' : 'unavailable' },
        network_transaction_id: `NT${charge.id}`,
      },
    },
  };
}

export function renderRefund({
  id,
  intent,
  amount,
  currency,
  status,
  metadata,
}: RefundState): Record<string, unknown> {
  return {
    id,
    object: 'refund',
    amount,
    currency,
    payment_intent: intent,
    status,
    metadata,
    ...(status === 'failed' ? { failure_reason: 'expired_or_canceled_card' } : {}),
  };
}

export function renderProblem(problem: Problem, intent: IntentState | null): Record<string, unknown> {
  return {
    error: {
      ...problem,
      ...(intent === null ? {} : { payment_intent: renderIntent(intent, false) }),
      ...(intent?.charge == null ? {} : { charge: intent.charge.id }),
    },
  };
}
