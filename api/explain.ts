import type pg from 'pg';
import { loadPayment } from '../schema/load-payment.ts';
import type { PaymentId } from '../workflows/domain/ids.ts';
import type { Credential } from './auth/api-key.ts';

type Step = 'created' | 'scored' | 'routed' | 'attempted' | 'answered' | 'changed';

interface StepRow {
  at: Date;
  step: Step;
  details: Record<string, unknown>;
}

// What was decided and what happened, each from the row that was written with it. The order within one
// moment is that of cause and effect.
const STEPS = `
  select * from (
    select p.created_at as at, 1 as place, 'created' as step, jsonb_build_object('amount', p.amount, 'currency', p.currency,
        'capture', p.capture_method, 'authorize_by', p.authorize_by) as details
      from payments p where p.merchant_id = $1 and p.id = $2
    union all
    select r.assessed_at, 2, 'scored', jsonb_build_object('score', r.score, 'decision', r.decision, 'reasons', r.reasons)
      from risk_assessments r where r.merchant_id = $1 and r.payment_id = $2
    union all
    select d.decided_at, 3, 'routed', jsonb_build_object('attempt', d.attempt_number) || d.decision - 'left'
      from route_decisions d where d.merchant_id = $1 and d.payment_id = $2
    union all
    select coalesce(a.sending_at, a.planned_at), 4, 'attempted', jsonb_build_object('attempt', a.id, 'operation', a.operation_id,
        'number', a.number, 'kind', a.kind, 'acquirer', a.acquirer_id, 'amount', a.amount, 'currency', a.currency,
        'state', a.state, 'on_unknown', a.on_unknown, 'sent', a.sending_at is not null)
      from attempts a where a.merchant_id = $1 and a.payment_id = $2
    union all
    select a.answered_at, 5, 'answered', jsonb_build_object('attempt', a.id, 'operation', a.operation_id, 'kind', a.kind,
        'acquirer', a.acquirer_id, 'outcome', a.outcome, 'response_code', a.response_code, 'remedy', a.remedy)
      from attempts a where a.merchant_id = $1 and a.payment_id = $2 and a.answered_at is not null
    union all
    select h.at, 6, 'changed', jsonb_build_object('event', h.event, 'status', h.status, 'version', h.version, 'detail', h.detail)
      from payment_history h where h.merchant_id = $1 and h.payment_id = $2
  ) told order by at, place, details ->> 'version'`;

/**
 * Why a payment went as it went: its score, where it was sent and why, what was answered, and what
 * followed, in order. Null when this merchant has no such payment in this mode.
 */
export async function explainPayment(
  database: pg.Pool,
  { merchant, mode }: Credential,
  payment: PaymentId,
): Promise<Record<string, unknown> | null> {
  const state = await loadPayment(database, merchant, payment);
  if (state === null || state.payment.mode !== mode) return null;
  const { rows } = await database.query<StepRow>({
    name: 'explain_payment',
    text: STEPS,
    values: [merchant, payment],
  });
  const { status, failureCode, declineCode, remedy } = state.payment;
  const why = [
    failureCode === null ? null : `failed as ${failureCode}`,
    declineCode === null ? null : `declined with ${declineCode}`,
    remedy === null ? null : `remedy ${remedy}`,
  ].filter((part) => part !== null);
  const attempts = rows.filter(({ step }) => step === 'attempted').length;
  return {
    object: 'payment_explanation',
    payment,
    status,
    summary: `${payment} is ${status}${why.length === 0 ? '' : `: ${why.join(', ')}`}. ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'} at acquirers.`,
    steps: rows.map(({ at, step, details }) => ({
      at: at.toISOString(),
      step,
      summary: SENTENCES[step](details),
      details,
    })),
  };
}

const word = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '?';

const SENTENCES = {
  created: ({ amount, currency, capture }) =>
    `Created: ${word(amount)} minor units of ${word(currency)}, capture ${word(capture)}.`,
  scored: ({ score, decision, reasons }) =>
    `Scored ${word(score)} of 100, ${word(decision)}: ${listed(reasons) || 'no rule added points'}.`,
  routed: routedSentence,
  attempted: ({ kind, acquirer, number, sent, state, on_unknown: onUnknown }) =>
    sent === true
      ? `Sent as ${word(kind)} to ${word(acquirer)} (number ${word(number)}); should the answer be lost: ${word(onUnknown)}.`
      : `Planned as ${word(kind)} at ${word(acquirer)} (number ${word(number)}) and not sent: ${word(state)}.`,
  answered: ({ acquirer, kind, outcome, response_code: code, remedy }) =>
    `${word(acquirer)} to the ${word(kind)}: ${word(outcome)}${typeof code === 'string' ? ` (${code})` : ''}${typeof remedy === 'string' && remedy !== 'none' ? `, remedy ${remedy}` : ''}.`,
  changed: ({ event, status }) => `${word(event).replaceAll('_', ' ')}: the payment is ${word(status)}.`,
} as const satisfies Record<Step, (details: Record<string, unknown>) => string>;

interface ToldCandidate {
  readonly acquirer?: unknown;
  readonly chosen?: unknown;
  readonly rank?: unknown;
  readonly excluded?: readonly { readonly code?: unknown }[];
}

function routedSentence({ candidates, rule, explored, tried, attempt }: Record<string, unknown>): string {
  const known = Array.isArray(candidates) ? (candidates as readonly ToldCandidate[]) : [];
  const chosen = known.find((candidate) => candidate.chosen === true);
  const excluded = known.flatMap(({ acquirer, excluded: why = [] }) =>
    why.length === 0 ? [] : [`${word(acquirer)} (${why.map(({ code }) => word(code)).join(', ')})`],
  );
  const because =
    explored === true
      ? 'tried to learn how it does'
      : typeof rule === 'object' && rule !== null
        ? `by the rule ${word((rule as Record<string, unknown>)['id'])}`
        : 'worth most of those that can take it';
  const again = Array.isArray(tried) && tried.length > 0 ? ` after ${tried.length} that did not succeed` : '';
  return [
    chosen === undefined
      ? `Attempt ${word(attempt)}${again}: nowhere to go.`
      : `Attempt ${word(attempt)}${again}: to ${word(chosen.acquirer)}, ${because}.`,
    ...(excluded.length === 0 ? [] : [`Not possible: ${excluded.join('; ')}.`]),
  ].join(' ');
}

function listed(value: unknown): string {
  return Array.isArray(value) ? value.map(word).join(', ') : '';
}
