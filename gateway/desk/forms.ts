import { newId } from '../../platform/new-id.ts';
import { mayAct, type Role } from '../roles.ts';
import { html, type Html } from '../../platform/html.ts';
import type { Decision, DecisionAction, WorkItem } from './records.ts';

/** What a button says. */
export const ACTION_TEXTS = {
  approve_review: 'Approve the review',
  reject_review: 'Reject the review',
  call_executed: 'Call it executed',
  call_not_executed: 'Call it not executed',
  force_reversal: 'Undo the unknown authorization now',
  release_hold: 'Release the hold',
  extend_hold: 'Extend the hold (release, authorize anew)',
  ask_now: 'Ask the acquirer now',
  pause_payment: 'Pause the payment (begin nothing new)',
  resume_payment: 'Let the paused payment go on',
  close_case: 'Close the case',
  retry_webhook: 'Send the webhook again',
  adjust: 'Correct the books',
} as const satisfies Record<DecisionAction, string>;

/** What can be decided about an item as it stands, each with what it is about. The database says so, and has the last word. */
export function choicesOf({ item, payment, operations }: WorkItem): readonly {
  readonly action: DecisionAction;
  readonly subject: string | null;
}[] {
  const unknown = operations.filter((one) => one.can_be_called);
  const asked = unknown.filter(({ id }) => item.operation_id === null || id === item.operation_id);
  const held = payment['status'] === 'authorized';
  return [
    ...(payment.status === 'in_review'
      ? [choice('approve_review', null), choice('reject_review', null)]
      : []),
    ...asked.flatMap(({ id, kind }) => [
      ...(['authorize', 'reauthorize', 'increment'].includes(kind) ? [] : [choice('call_executed', id)]),
      ...(['capture', 'void', 'refund'].includes(kind) ? [choice('call_not_executed', id)] : []),
    ]),
    ...(operations.some((one) => one.can_be_undone) ? [choice('force_reversal', null)] : []),
    ...(unknown.length > 0 ? [choice('ask_now', null)] : []),
    ...(held && unknown.length === 0 ? [choice('release_hold', null), choice('extend_hold', null)] : []),
    choice(payment.paused_at === null ? 'pause_payment' : 'resume_payment', null),
    ...(item.can_be_closed ? [choice('close_case', item.id)] : []),
  ];
}

const choice = (action: DecisionAction, subject: string | null) => ({ action, subject });

/** The form that decides about an item; an id is made with the page, so that it is sent once however often. */
export function decideForm(work: WorkItem, role: Role): Html {
  if (!mayAct(role, 'operator')) return html`<p>A viewer decides nothing.</p>`;
  const choices = choicesOf(work);
  if (choices.length === 0) return html`<p>There is nothing that could be decided about it now.</p>`;
  const options = choices.map(
    ({ action, subject }) =>
      html`<option value="${action} ${subject}">
        ${ACTION_TEXTS[action]}${subject === null ? '' : `: ${subject}`}
      </option>`,
  );
  return html`<form class="asks" method="post" action="/cases/${work.item.id}/decide">
    <input type="hidden" name="id" value="${newId('dcs')}" />
    <input type="hidden" name="merchant_id" value="${work.payment.merchant_id}" /><input
      type="hidden"
      name="payment_id"
      value="${work.payment.id}"
    />
    <label
      >Decision
      <select name="choice" required>
        ${options}
      </select></label
    >
    <label>Why <input type="text" name="reason" required maxlength="1000" /></label>
    <label
      >Evidence (the acquirer's reference, the line of its report)
      <input type="text" name="evidence" maxlength="1000"
    /></label>
    <label><input type="checkbox" name="second_person" value="true" /> somebody else must agree first</label>
    <button>Decide</button>
  </form>`;
}

export function assignForm(work: WorkItem, login: string, role: Role): Html {
  if (work.waiting === null || !mayAct(role, 'operator')) return html``;
  return html`<form class="asks" method="post" action="/cases/${work.item.id}/assign">
    <label
      >Who minds it (nobody: leave empty)
      <input
        type="text"
        name="assignee"
        value="${work.waiting.assignee ?? login}"
        maxlength="100"
        autocapitalize="none"
        spellcheck="false"
    /></label>
    <button>Assign</button>
  </form>`;
}

/** Confirm or reject, for somebody else than who proposed it. */
export function confirmForm({ id, state, proposed_by: proposer }: Decision, login: string, role: Role): Html {
  if (state !== 'proposed' || !mayAct(role, 'operator')) return html``;
  if (proposer === login) return html`<p>You proposed it: somebody else confirms or rejects it.</p>`;
  return html`<form class="asks" method="post" action="/decisions/${id}">
    <label>Why <input type="text" name="why" maxlength="1000" /></label>
    <button name="verdict" value="approve">Confirm as second person</button>
    <button name="verdict" value="reject">Reject</button>
  </form>`;
}
