import type { AttemptAnswer, AttemptRecord } from '../attempts.ts';
import { approved, declined, doubt, held, type Judged } from '../answers.ts';
import { fromAdyen } from './amounts.ts';
import type { Modification, Payment } from './objects.ts';
import { REFUSAL_REASONS, RESULT_CODES, rowOf } from './reply-table.ts';

/**
 * What the answer of /payments says of the attempt to authorize or sell.
 * @param reference what we called it: an answer about something else is none.
 */
export function judgePayment(attempt: AttemptRecord, payment: Payment, reference: string): Judged {
  const { resultCode, pspReference = null, merchantReference = null } = payment;
  const name = pspReference ?? 'a payment without a name';
  if (merchantReference !== null && merchantReference !== reference)
    return doubt(`${name} is about ${merchantReference}, which is not what was asked for`, true);
  const meaning = rowOf(RESULT_CODES, resultCode);
  switch (meaning) {
    case null:
      return doubt(`${name} has an unknown result ${resultCode}`, true);
    case 'approved':
      return judgeApproved(attempt, payment, name);
    case 'refused':
      return judgeRefused(payment, name);
    case 'pending':
      return held('pending', `Adyen holds it: ${resultCode}`, pspReference);
    case 'action_required':
      return held('action_required', `the issuer asks for authentication: ${resultCode}`, pspReference);
  }
}

/** The amount that was granted is Adyen's word: it may be less than was asked for, never another currency. */
function judgeApproved(
  attempt: AttemptRecord,
  { resultCode, pspReference, amount, additionalData }: Payment,
  name: string,
): Judged {
  if (pspReference == null) return doubt('approved without a pspReference: nothing could follow it', true);
  if (amount == null) return doubt(`${name} is approved, and no amount is said`, true);
  const granted = fromAdyen(amount, attempt.currency);
  if (granted === null || granted <= 0n)
    return doubt(`${name} is approved for ${amount.value} ${amount.currency}, which cannot be`, true);
  return approved({
    responseCode: resultCode,
    approvedAmount: granted,
    acquirerReference: pspReference,
    reason: granted > attempt.amount ? 'approved_amount_above_request' : null,
    ...detailsOf(additionalData ?? {}),
  });
}

function judgeRefused({ resultCode, refusalReasonCode, pspReference }: Payment, name: string): Judged {
  const code = refusalReasonCode ?? '';
  const row = rowOf(REFUSAL_REASONS, code);
  if (row === null)
    return doubt(`${name}: ${resultCode} with an unknown reason ${code === '' ? '(none)' : code}`, true);
  return declined(code, row.remedy, row.text, { acquirerReference: pspReference ?? null });
}

/**
 * Adyen's digits for the checks, as this system writes them (ISO 8583: match, no match, not processed,
 * unavailable). The texts behind the digits are for people. From memory (m).
 */
const CVC_RESULTS: Readonly<Record<string, string>> = { '1': 'M', '2': 'N', '3': 'P', '5': 'U', '6': 'P' };
const AVS_RESULTS: Readonly<Record<string, string>> = { '1': 'A', '2': 'N', '3': 'U', '6': 'Z', '7': 'Y' };

function detailsOf(
  data: Readonly<Record<string, unknown>>,
): Pick<AttemptAnswer, 'approvalCode' | 'networkReference' | 'cvvResult' | 'avsResult'> {
  const text = (name: string): string | null => {
    const value = data[name];
    return typeof value === 'string' && value !== '' && value.length <= 64 ? value : null;
  };
  const digit = (name: string): string => /^\d+/.exec(text(name) ?? '')?.[0] ?? '';
  return {
    approvalCode: text('authCode'),
    networkReference: text('networkTxReference'),
    cvvResult: CVC_RESULTS[digit('cvcResult')] ?? null,
    avsResult: AVS_RESULTS[digit('avsResult')] ?? null,
  };
}

/**
 * What the answer to a capture, cancel, refund or reversal says: that it was received. What became of
 * it is reported later.
 * @param about the payment that was named; null = by our own reference.
 */
export function judgeModification(
  attempt: AttemptRecord,
  modification: Modification,
  { reference, about }: { readonly reference: string; readonly about: string | null },
): Judged {
  const { pspReference, status, amount = null, reference: answered = null } = modification;
  if (answered !== null && answered !== reference)
    return doubt(`${pspReference} is about ${answered}, which is not what was asked for`, true);
  if (about !== null && modification.paymentPspReference !== about)
    return doubt(
      `${pspReference} is about the payment ${modification.paymentPspReference ?? '(none)'}, not ${about}`,
      true,
    );
  const moves = attempt.kind === 'capture' || attempt.kind === 'refund';
  if (moves && amount !== null && fromAdyen(amount, attempt.currency) !== attempt.amount)
    return doubt(
      `${pspReference} is of ${amount.value} ${amount.currency}, which is not what was asked for`,
      true,
    );
  if (status !== 'received') return doubt(`${pspReference} has an unknown status ${status}`, true);
  return held('pending', 'received; Adyen reports the result', pspReference);
}
