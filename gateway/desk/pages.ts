import type { Role } from '../roles.ts';
import { ACTION_TEXTS, assignForm, confirmForm, decideForm } from './forms.ts';
import { html, type Html } from '../../platform/html.ts';
import { age, deskPage, table, type PageFrame } from './html.ts';
import { newDecisionForms } from './new-decision.ts';
import type { Decision, Waiting, WorkItem } from './records.ts';
import { isTimeColumn, timeText } from '../../platform/time-text.ts';

export interface DeskFrame extends PageFrame {
  readonly role: Role;
  /** Of Temporal Web, where the runs of a payment are. */
  readonly workflows: string;
  /** Epoch ms. */
  readonly now: number;
}

const link = (path: string, text: string): Html => html`<a href="${path}">${text}</a>`;

export function queuePage(frame: DeskFrame, waiting: readonly Waiting[]): string {
  return deskPage(
    'What waits for a person',
    frame,
    table<Waiting>(
      {
        Case: ({ id, kind }) => link(`/cases/${id}`, kind === 'review' ? 'review' : id),
        Kind: ({ kind }) => kind,
        Payment: ({ payment_id: payment }) => link(`/cases/${payment}`, payment),
        Age: ({ opened_at: at }) => age(at, frame.now),
        Due: (one) => dueText(one),
        Minds: ({ assignee }) => assignee ?? 'nobody',
      },
      waiting,
    ),
  );
}

function dueText({ due_at: due, overdue, escalated_at: escalated }: Waiting): Html {
  if (!overdue) return html`${timeText(due)}`;
  return html`<span class="overdue"
    >${timeText(due)} overdue${escalated === null ? '' : ', escalated'}</span
  >`;
}

export function itemPage(frame: DeskFrame, work: WorkItem): string {
  const { item, payment, waiting } = work;
  const facts = Object.entries(payment).filter(([, value]) => value !== null);
  return deskPage(
    item.id.startsWith('case_') ? `Case ${item.kind ?? ''}` : `Payment ${payment.id}`,
    frame,
    html`<p>
        ${item.id}${item.kind === null ? '' : ` (${item.kind}, ${item.state})`}, opened
        ${timeText(item.opened_at)}${waiting === null ? '' : html`, due ${dueText(waiting)}, minded by ${waiting.assignee ?? 'nobody'}`}.
        ${link(`${frame.workflows}/${payment.id}`, 'Its workflow in Temporal Web')}
      </p>
      ${item.detail === null ? '' : html`<pre>${JSON.stringify(item.detail, null, 2)}</pre>`}
      <h2>Decide</h2>
      ${decideForm(work, frame.role)}
      <h2>Assign</h2>
      ${assignForm(work, frame.login, frame.role)}
      <h2>Decisions</h2>
      ${decisionsTable(work.decisions)}
      <h2>Payment</h2>
      ${table<[string, unknown]>({ '': ([name]) => name, Value: ([name, value]) => textOf(name, value) }, facts)}
      <h2>Operations</h2>
      ${records(work.operations)}
      <h2>Attempts</h2>
      ${records(work.attempts)}
      <h2>Cases</h2>
      ${records(work.cases)}
      <h2>Timeline</h2>
      ${records(work.timeline)}`,
  );
}

export function decisionsPage(frame: DeskFrame, decisions: readonly Decision[]): string {
  return deskPage(
    'Decisions',
    frame,
    html`<p>${link('/decisions/new', 'Send a webhook again, or correct the books')}</p>
      ${decisionsTable(decisions)}`,
  );
}

export function newDecisionPage(frame: DeskFrame): string {
  return deskPage('Decide about no payment', frame, newDecisionForms(frame.role));
}

export function decisionPage(frame: DeskFrame, decision: Decision): string {
  const { id, action, state, command } = decision;
  const answered =
    command === null
      ? ''
      : command.answer === null
        ? `${command.id} is ${command.state}`
        : `the payment refused it: ${command.answer}`;
  return deskPage(
    ACTION_TEXTS[action],
    frame,
    html`<p>
        <strong>${state}</strong
        >${state === 'proposed' ? `: somebody else must agree, here or in Temporal Web by the update ring with "${id}"` : ''}.
        ${answered}
      </p>
      ${confirmForm(decision, frame.login, frame.role)}
      ${records([decision as unknown as Readonly<Record<string, unknown>>], true)}
      ${decision.payment_id === null ? '' : link(`/cases/${decision.payment_id}`, 'The payment')}`,
  );
}

/** What somebody was refused, as a page. */
export function refusalPage(frame: DeskFrame, title: string, detail: string): string {
  return deskPage(title, frame, html`<p class="no" role="alert">${detail}</p>`);
}

function decisionsTable(decisions: readonly Decision[]): Html {
  return table<Decision>(
    {
      Decision: ({ id }) => link(`/decisions/${id}`, id),
      What: ({ action }) => ACTION_TEXTS[action],
      About: ({ subject }) => subject,
      State: ({ state }) => state,
      'Proposed by': ({ proposed_by: by, proposed_at: at }) => `${by} ${timeText(at)}`,
      'Decided by': ({ decided_by: by, decided_at: at }) => (by === null ? '' : `${by} ${timeText(at)}`),
      Why: ({ reason }) => reason,
      'Decided with': ({ bulk }) => bulk,
    },
    decisions,
  );
}

/** Records of one shape as a table; a single one as its own lines. */
function records(rows: readonly Readonly<Record<string, unknown>>[], upright = false): Html {
  const [first] = rows;
  if (upright && first !== undefined)
    return table<[string, unknown]>(
      { '': ([name]) => name, Value: ([name, value]) => textOf(name, value) },
      Object.entries(first).filter(([, value]) => value !== null),
    );
  return table<Readonly<Record<string, unknown>>>(
    Object.fromEntries(
      Object.keys(first ?? {}).map((name) => [
        name,
        (row: Readonly<Record<string, unknown>>) => textOf(name, row[name]),
      ]),
    ),
    rows,
  );
}

/** By its column's name: what people typed may look like a time. */
function textOf(name: string, value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return isTimeColumn(name) ? timeText(value) : value;
  return JSON.stringify(value);
}
