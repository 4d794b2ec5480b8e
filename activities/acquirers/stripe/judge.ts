import type { AttemptAnswer, AttemptRecord } from '../attempts.ts';
import { fromStripe } from './amounts.ts';
import { approved, declined, doubt, held, notExecuted, type Judged } from '../answers.ts';
import type { Intent, Refund } from './objects.ts';
import { planned, readStripeWire } from './plan.ts';
import {
  DECLINE_CODES,
  ERROR_CODES,
  INTENT_STATUSES,
  isIntentStatus,
  isRefundStatus,
  REFUND_STATUSES,
} from './reply-table.ts';

/**
 * What an intent says of the attempt to authorize or sell with it, whether it is the answer to the
 * confirmation or was read afterwards.
 * @param absent nothing that was sent can be under way any more: "not confirmed" is proof.
 */
export function judgeAuthorization(attempt: AttemptRecord, intent: Intent, absent: boolean): Judged {
  const asked = { amount: intent.amount, currency: intent.currency };
  if (fromStripe(asked, attempt.currency) !== attempt.amount)
    return doubt(
      `${intent.id} is for ${intent.amount} ${intent.currency}, which is not what was asked for`,
      true,
    );
  if (!isIntentStatus(intent.status))
    return doubt(`${intent.id} is in an unknown status ${intent.status}`, true);
  switch (INTENT_STATUSES[intent.status]) {
    case 'not_paid':
      return judgeUnpaid(intent, absent);
    case 'action_required':
      return held('action_required', 'the issuer asks for authentication', null);
    case 'pending':
      return held('pending', 'Stripe is processing it', null);
    case 'held':
      return attempt.kind === 'authorization'
        ? approvedAs(attempt, intent, intent.amount_capturable)
        : doubt(`${intent.id} is held where it was to be taken`, true);
    case 'taken':
      return attempt.kind === 'sale'
        ? approvedAs(attempt, intent, intent.amount_received)
        : doubt(`${intent.id} was taken where it was to be held`, true);
    case 'canceled':
      return declined('canceled', 'none', `${intent.id} was canceled: nothing is held`);
  }
}

function judgeUnpaid({ id, last_payment_error: error }: Intent, absent: boolean): Judged {
  if (error == null)
    return absent ? notExecuted(`${id} was never confirmed`) : doubt(`${id} is not confirmed yet`);
  const code = error.decline_code ?? error.code ?? error.type;
  const row = DECLINE_CODES.rows[code] ?? ERROR_CODES.rows[code];
  // The status says that it was not executed; a code that we do not know only keeps the remedy from us.
  const known = row?.meaning === 'declined' ? row : null;
  const judged = declined(code, known?.remedy ?? 'none', known?.text ?? null);
  return known === null ? { ...judged, alarm: `unknown decline code ${code} on ${id}` } : judged;
}

/** @param amount as Stripe says that it is held or taken. */
function approvedAs(attempt: AttemptRecord, intent: Intent, amount: number): Judged {
  const granted = fromStripe({ amount, currency: intent.currency }, attempt.currency);
  if (granted === null || granted <= 0n)
    return doubt(`${intent.id} stands with ${amount} ${intent.currency}, which cannot be`, true);
  return approved({
    responseCode: intent.status,
    approvedAmount: granted,
    acquirerReference: intent.id,
    reason: granted > attempt.amount ? 'approved_amount_above_request' : null,
    ...chargeOf(intent),
  });
}

/** Stripe's words for the checks, as this system writes them (ISO 8583, match and no match). */
const CHECK_RESULTS: Readonly<Record<string, string>> = {
  pass: 'M',
  fail: 'N',
  unavailable: 'U',
  unchecked: 'P',
};

function chargeOf({
  latest_charge: charge,
}: Intent): Pick<AttemptAnswer, 'approvalCode' | 'networkReference' | 'cvvResult' | 'avsResult'> {
  const known = typeof charge === 'object' && charge !== null ? charge : null;
  const card = known?.payment_method_details?.card ?? null;
  return {
    approvalCode: known?.authorization_code ?? null,
    networkReference: card?.network_transaction_id ?? null,
    cvvResult: CHECK_RESULTS[card?.checks?.cvc_check ?? ''] ?? null,
    avsResult: CHECK_RESULTS[card?.checks?.address_postal_code_check ?? ''] ?? null,
  };
}

/**
 * What an intent says of a capture, a void, or the release of what is left.
 * @param absent nothing that was sent can be under way any more: "not done" is proof.
 */
export function judgeFollowUp(attempt: AttemptRecord, intent: Intent, absent: boolean): Judged {
  const wire = readStripeWire(attempt.wire);
  if (!isIntentStatus(intent.status))
    return doubt(`${intent.id} is in an unknown status ${intent.status}`, true);
  const status = INTENT_STATUSES[intent.status];
  const notYet = (what: string): Judged =>
    absent ? notExecuted(`${intent.id} is not ${what}`) : doubt(`${intent.id} is not ${what} yet`);
  switch (wire.request) {
    case 'capture': {
      const before = Number(planned(wire, 'capturedBefore'));
      const responseCode = intent.status;
      if (intent.amount_received === before + Number(wire.amount))
        return approved({ responseCode, approvedAmount: attempt.amount });
      if (intent.amount_received !== before)
        return doubt(
          `${intent.id} has received ${intent.amount_received}, of which we know ${before}: somebody else captured`,
          true,
        );
      if (status === 'canceled') return declined('canceled', 'none', 'advice_refused');
      return status === 'taken'
        ? declined('charge_already_captured', 'none', 'advice_refused')
        : notYet('captured');
    }
    case 'cancel':
      if (status === 'canceled') return approved({ responseCode: intent.status });
      if (status === 'taken') return declined('charge_already_captured', 'none', 'it was captured');
      return notYet('canceled');
    case 'release': {
      const before = Number(planned(wire, 'capturedBefore'));
      if (intent.amount_received !== before)
        return doubt(`${intent.id} has received ${intent.amount_received}, of which we know ${before}`, true);
      return status === 'taken' || status === 'canceled'
        ? approved({ responseCode: intent.status })
        : notYet('released');
    }
    case 'confirm_manual':
    case 'confirm_automatic':
    case 'refund':
    case 'undo':
      throw new RangeError(`a ${wire.request} is not read from its intent`);
  }
}

/** What a refund says of the attempt that made it. */
export function judgeRefund(attempt: AttemptRecord, refund: Refund, amount: bigint | null): Judged {
  const { id, status } = refund;
  const named = fromStripe(refund, attempt.currency);
  if (amount !== null && named !== amount)
    return doubt(`${id} is of ${refund.amount} ${refund.currency}, which is not what was asked for`, true);
  if (status === null || !isRefundStatus(status))
    return doubt(`${id} is in an unknown status ${status ?? '(none)'}`, true);
  switch (REFUND_STATUSES[status]) {
    case 'approved':
      return approved({ responseCode: status, approvedAmount: named, acquirerReference: id });
    case 'pending':
      return held('pending', `${id} is ${status}`, id);
    case 'declined':
      return declined(refund.failure_reason ?? status, 'none', `${id} is ${status}`, {
        acquirerReference: id,
      });
  }
}
