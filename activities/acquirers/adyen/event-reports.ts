import type { AttemptId } from '../../../workflows/domain/ids.ts';
import type { AttemptKind } from '../../../workflows/domain/outcome.ts';
import type { AttemptAnswer } from '../attempts.ts';
import { approved, declined } from '../answers.ts';
import type { EventItem, EventReader, KnownAttempt, Standing, Told } from '../events.ts';
import { fromAdyen } from './amounts.ts';
import { readItem, type AdyenItem } from './events.ts';
import { ANSWERED_KINDS, EVENT_CODES, rowOf, type AnsweringCode } from './reply-table.ts';

/**
 * Reads events of Adyen, from what was signed alone: codes of the issuer, approval codes and checks are
 * not, so a reported decline has no remedy and nothing is tried again because of it. What had succeeded
 * and failed after all never succeeds again, in whatever order the two are told.
 */
export const adyenEventReader: EventReader = {
  subjectOf(item) {
    const event = readItem(item);
    if (rowOf(EVENT_CODES, event.eventCode) === 'nothing') return null;
    return {
      account: event.merchantAccountCode,
      references: given(event.pspReference, event.originalReference),
      attempts: given(event.merchantReference),
    };
  },

  tell(item, standing) {
    const event = readItem(item);
    const { eventCode, success } = event;
    switch (rowOf(EVENT_CODES, eventCode)) {
      case null:
        return [{ type: 'alarm', reason: `${eventCode} stands in no table` }];
      case 'nothing':
        return [];
      case 'answers':
        return ofAnswer(event, eventCode as AnsweringCode, standing);
      case 'withdraws':
        // That it did not fail leaves it as it was.
        return success === 'true' ? ofWithdrawal(event, standing) : [];
      case 'chargeback':
      case 'chargeback_reversal':
        return success === 'true' ? ofChargeback(event, standing) : [];
    }
  },
};

function given(...texts: readonly (string | null | undefined)[]): readonly string[] {
  return texts.filter((text): text is string => text != null && text !== '');
}

/** The attempt that it is about: what Adyen calls it wins over what we called it. */
function findAttempt(
  { pspReference, merchantReference }: AdyenItem,
  { attempts }: Standing,
  kinds: readonly AttemptKind[],
): KnownAttempt | null {
  const possible = attempts.filter(({ kind }) => kinds.includes(kind));
  return (
    possible.find(({ acquirerReference }) => acquirerReference === pspReference) ??
    possible.find(({ id, acquirerReference }) => id === merchantReference && acquirerReference === null) ??
    null
  );
}

function ofAnswer(event: AdyenItem, eventCode: AnsweringCode, standing: Standing): readonly Told[] {
  const attempt = findAttempt(event, standing, ANSWERED_KINDS[eventCode]);
  if (attempt === null) return event.success === 'true' ? ofOthers(event, eventCode, standing) : [];
  const answered = answerOf(event, attempt);
  if (typeof answered === 'string') return [{ type: 'alarm', reason: answered }];
  // An undoing has no refusal for an end: it stays what it is, and somebody has to look.
  if (attempt.kind === 'reversal' && answered.outcome === 'declined')
    return [{ type: 'alarm', reason: `${eventCode}: ${attempt.id} was not undone` }];
  if (answered.outcome === 'approved' && hasFailed(event.pspReference, standing.told)) return [];
  const told: Told = { type: 'answer', attempt: attempt.id, answer: answered };
  if (attempt.state === 'sending') return [told];
  // Past its sending only that it was approved, and called something else, is news.
  const news = answered.outcome === 'approved' && attempt.outcome !== 'approved';
  return news && attempt.state !== 'planned' ? [told] : [];
}

/** How the attempt ended; a text is why that cannot be. */
function answerOf(
  { eventCode, success, amount, pspReference: acquirerReference }: AdyenItem,
  { id, kind, amount: asked, currency }: KnownAttempt,
): AttemptAnswer | string {
  const responseCode = `${eventCode}:${success}`;
  if (success === 'false') {
    const reason = kind === 'capture' ? 'advice_refused' : 'refused, as Adyen reports';
    return declined(responseCode, 'none', reason, { acquirerReference }).answer;
  }
  if (kind === 'void' || kind === 'partial_void' || kind === 'reversal')
    return approved({ responseCode, acquirerReference }).answer;
  const moved = fromAdyen(amount, currency);
  const said = `${id} is reported as ${amount.value} ${amount.currency}`;
  if (moved === null || moved <= 0n) return `${said}, which cannot be`;
  const asks = kind === 'authorization' || kind === 'sale';
  if (!asks && moved !== asked) return `${said}, which is not what was asked for`;
  return approved({
    responseCode: asks ? 'Authorised' : responseCode,
    acquirerReference,
    approvedAmount: moved,
    reason: moved > asked ? 'approved_amount_above_request' : null,
  }).answer;
}

/** What somebody else asked Adyen for, on a payment of ours. */
function ofOthers(event: AdyenItem, eventCode: AnsweringCode, standing: Standing): readonly Told[] {
  const { pspReference: reference, originalReference, amount } = event;
  if (hasFailed(reference, standing.told)) return [];
  const original = standing.attempts.find(({ acquirerReference }) => acquirerReference === originalReference);
  const reason = `${eventCode} outside of this system`;
  // A sale is captured by Adyen itself, and was counted when it was authorised.
  if (eventCode === 'CAPTURE' && original?.kind === 'sale') return [];
  const of = original?.kind === 'authorization' || original?.kind === 'sale' ? original.id : null;
  switch (eventCode) {
    case 'CAPTURE':
      return adopted('capture', fromAdyen(amount, standing.currency), { of, reference, reason });
    case 'REFUND':
      return adopted('refund', fromAdyen(amount, standing.currency), { of, reference, reason });
    case 'CANCELLATION':
      return [{ type: 'adoption', what: 'void', amount: null, of, reference, reason }];
    case 'AUTHORISATION':
    case 'CANCEL_OR_REFUND':
    case 'TECHNICAL_CANCEL':
      return [{ type: 'alarm', reason: `${reference}: ${reason}` }];
  }
}

function adopted(
  what: 'capture' | 'refund',
  amount: bigint | null,
  told: { readonly of: AttemptId | null; readonly reference: string; readonly reason: string },
): readonly Told[] {
  return amount === null || amount <= 0n
    ? [{ type: 'alarm', reason: `${told.reference}: ${told.reason}, of an amount that cannot be` }]
    : [{ type: 'adoption', what, amount, ...told }];
}

/** A capture or refund that failed after all: its success is withdrawn, or it never gets one. */
function ofWithdrawal(event: AdyenItem, standing: Standing): readonly Told[] {
  const { eventCode, pspReference } = event;
  const captures = eventCode === 'CAPTURE_FAILED';
  const withdrawn = (withdraws: KnownAttempt['operation']): readonly Told[] => [
    { type: 'withdrawal', withdraws, reference: `${pspReference}:failed`, reason: eventCode },
  ];
  const attempt = findAttempt(event, standing, [captures ? 'capture' : 'refund']);
  if (attempt !== null) {
    const operation = standing.operations.find(({ id }) => id === attempt.operation);
    if (attempt.outcome === 'approved' && operation?.state === 'succeeded') return withdrawn(operation.id);
    if (attempt.state !== 'sending' && attempt.outcome !== 'approved') return [];
    const reason = captures ? 'advice_refused' : 'failed, as Adyen reports';
    const { answer } = declined(eventCode, 'none', reason, { acquirerReference: pspReference });
    return [{ type: 'answer', attempt: attempt.id, answer }];
  }
  // Of a sale there is no capture that has a name; of what was adopted there is the operation alone.
  const byName = standing.operations.find(({ acquirerReference }) => acquirerReference === pspReference);
  const taken = standing.operations.filter(({ kind, state }) => kind === 'capture' && state === 'succeeded');
  const ofSale = standing.attempts.some(
    ({ kind, acquirerReference }) => kind === 'sale' && acquirerReference === event.originalReference,
  );
  const [only, ...more] = byName === undefined && captures && ofSale ? taken : [byName];
  if (only?.state === 'succeeded' && more.length === 0) return withdrawn(only.id);
  return [{ type: 'alarm', reason: `${eventCode} ${pspReference}: which of ours it is cannot be told` }];
}

const FAILURES: readonly string[] = ['CAPTURE_FAILED', 'REFUND_FAILED', 'REFUNDED_REVERSED'];

/** Whether some event has told that it failed, before or after the one that is read now. */
function hasFailed(reference: string, told: readonly EventItem[]): boolean {
  return told.some((item) => {
    const { pspReference, eventCode, success } = readItem(item);
    return pspReference === reference && success === 'true' && FAILURES.includes(eventCode);
  });
}

function ofChargeback(
  { eventCode, pspReference, amount }: AdyenItem,
  { currency }: Standing,
): readonly Told[] {
  const moved = fromAdyen(amount, currency);
  if (moved === null || moved <= 0n)
    return [
      { type: 'alarm', reason: `${eventCode} ${pspReference} is of ${amount.value} ${amount.currency}` },
    ];
  const type = eventCode === 'CHARGEBACK_REVERSED' ? 'chargeback_reversal' : 'chargeback';
  return [{ type, amount: moved, fee: null, reference: `${pspReference}:${eventCode}`, reason: eventCode }];
}
