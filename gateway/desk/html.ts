import { html, type Html } from '../../platform/html.ts';
import { gatewayPage } from '../page.ts';

const STYLE = `
  body { font: 15px/1.45 system-ui, sans-serif; max-width: 74rem; margin: 1rem auto; padding: 0 1rem; color: #1a2332; background: #f8fafc }
  h1 { font-size: 1.3rem } h2 { font-size: 1.05rem; margin-top: 1.6rem } nav a { margin-right: 1rem }
  table { border-collapse: collapse; width: 100% } th, td { text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid #d8dee8; overflow-wrap: anywhere }
  form.asks { border: 1px solid #d8dee8; padding: .2rem 1rem 1rem; margin: .8rem 0; background: #fff } label { display: block; margin: .6rem 0 }
  input[type=text], select { display: block; width: 100%; max-width: 40rem; box-sizing: border-box; font: inherit; padding: .3rem; border: 1px solid #8795a8; border-radius: 4px }
  button { font: inherit; padding: .3rem 1rem; border: 0; border-radius: 4px; color: #fff; background: #1f4e8c; cursor: pointer } .no, .overdue { color: #a01c1c; font-weight: 600 }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #eef2f7; padding: .6rem }
`;

export interface PageFrame {
  /** Of the page's one style, as its content security policy has it. */
  readonly nonce: string;
  readonly login: string;
  readonly role: string;
}

/** A whole page of the desk: no script, one style. */
export function deskPage(title: string, { nonce, login, role }: PageFrame, body: Html): string {
  const nav = html`<nav>
    <a href="/cases">What waits</a> <a href="/cases?overdue=true">Overdue</a>
    <a href="/decisions">Decisions</a> <a href="/">Gateway</a> ${login}, ${role}
  </nav>`;
  return gatewayPage({ title, nonce, style: STYLE, nav, body });
}

/** Rows of records as a table; the columns in this order. */
export function table<T>(
  columns: Readonly<Record<string, (row: T) => string | number | Html | null>>,
  rows: readonly T[],
): Html {
  if (rows.length === 0) return html`<p>None.</p>`;
  const heads = Object.keys(columns).map((name) => html`<th scope="col">${name}</th>`);
  const lines = rows.map(
    (row) =>
      html`<tr>
        ${Object.values(columns).map((cell) => html`<td>${cell(row)}</td>`)}
      </tr>`,
  );
  return html`<table>
    <thead>
      <tr>
        ${heads}
      </tr>
    </thead>
    <tbody>
      ${lines}
    </tbody>
  </table>`;
}

/** How long ago, in the two largest units. */
export function age(iso: string, now: number): string {
  const minutes = Math.max(0, Math.floor((now - Date.parse(iso)) / 60_000));
  const [days, hours] = [Math.floor(minutes / 1_440), Math.floor(minutes / 60) % 24];
  if (days > 0) return `${days} d ${hours} h`;
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
}
