import { html, type Html } from '../../platform/html.ts';
import { newId } from '../../platform/new-id.ts';
import { mayAct, type Role } from '../roles.ts';
import { ACTION_TEXTS } from './forms.ts';

/** Fields of a form as they were filled in; what was left empty is not there. */
type Filled = Readonly<Record<string, string | undefined>>;

const BODY_FIELDS = ['mode', 'debit_code', 'credit_code', 'amount', 'currency'] as const;

const asks = (about: Html, action: 'retry_webhook' | 'adjust'): Html =>
  html`<form class="asks" method="post" action="/decisions">
    <h2>${ACTION_TEXTS[action]}</h2>
    <input type="hidden" name="id" value="${newId('dcs')}" />
    <input type="hidden" name="action" value="${action}" />
    ${field('Merchant (mer_…)', 'merchant_id')} ${about} ${field('Why', 'reason')}
    ${field('Evidence (what shows it)', 'evidence', action === 'adjust')}
    <label><input type="checkbox" name="second_person" value="true" /> somebody else must agree first</label>
    <button>Decide</button>
  </form>`;

const field = (label: string, name: string, needed = true): Html =>
  html`<label
    >${label}
    <input
      type="text"
      name="${name}"
      maxlength="1000"
      autocapitalize="none"
      spellcheck="false"
      ${needed ? html`required` : ''}
  /></label>`;

/** Forms for what is decided about no payment; each has an id of its own, so that it is sent once however often. */
export function newDecisionForms(role: Role): Html {
  if (!mayAct(role, 'operator')) return html`<p>A viewer decides nothing.</p>`;
  return html`${asks(field('Delivery that failed (dlv_…)', 'subject'), 'retry_webhook')}
  ${asks(
    html`<label
        >Mode
        <select name="mode" required>
          <option>test</option>
          <option>live</option>
        </select></label
      >
      ${field('Debit (account of the chart, as merchant_payable:pending)', 'debit_code')}
      ${field('Credit (account of the chart)', 'credit_code')}
      ${field('Amount, in minor units (1250 is 12.50 EUR)', 'amount')} ${field('Currency', 'currency')}
      <p>A second person agrees before anything is posted.</p>`,
    'adjust',
  )}`;
}

/** What such a form asked for, as the internal API takes it. An amount that is no whole number is refused there. */
export function askedByForm(filled: Filled): Readonly<Record<string, unknown>> {
  const { second_person: second, ...fields } = filled;
  const rest = Object.entries(fields).filter(([name]) => !BODY_FIELDS.some((one) => one === name));
  const { mode, debit_code, credit_code, amount, currency } = fields;
  return {
    ...Object.fromEntries(rest),
    ...(second === undefined ? {} : { second_person: second === 'true' }),
    ...(fields['action'] === 'adjust'
      ? { body: { mode, debit_code, credit_code, amount: minorUnits(amount), currency } }
      : {}),
  };
}

/** Digits alone are an amount: 1e3, 0x10 and 12.50 are typing errors. */
function minorUnits(text: string | undefined): number | string | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : text;
}
