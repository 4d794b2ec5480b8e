import { html, type Html } from '../platform/html.ts';
import { gatewayPage } from './page.ts';
import type { Operator } from './roles.ts';

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 12vh auto; padding: 0 1rem; color: #1a2332; background: #f8fafc }
  h1 { font-size: 1.3rem } label { display: block; margin: .8rem 0 } input { display: block; width: 100%; box-sizing: border-box; font: inherit; padding: .4rem; border: 1px solid #8795a8; border-radius: 4px }
  button { font: inherit; padding: .4rem 1.2rem; border: 0; border-radius: 4px; color: #fff; background: #1f4e8c; cursor: pointer } .no { color: #a01c1c }
`;

const page = (title: string, nonce: string, body: Html): string =>
  gatewayPage({ title, nonce, style: STYLE, nav: null, body });

export interface LoginPage {
  readonly nonce: string;
  /** Where to go afterwards: a path of this site. */
  readonly next: string;
  /** Why the last try did not do; null at the first. */
  readonly refusal: string | null;
}

export function loginPage({ nonce, next, refusal }: LoginPage): string {
  return page(
    'Operators',
    nonce,
    html`${refusal === null ? null : html`<p class="no" role="alert">${refusal}</p>`}
      <form method="post" action="/login">
        <input type="hidden" name="next" value="${next}" />
        <label
          >Login
          <input
            name="login"
            autocomplete="username"
            autocapitalize="none"
            spellcheck="false"
            required
            maxlength="100"
            autofocus
        /></label>
        <label
          >Password
          <input name="password" type="password" autocomplete="current-password" required maxlength="200"
        /></label>
        <button>Log in</button>
      </form>`,
  );
}

export function homePage(nonce: string, { login, role }: Operator, workflows: string): string {
  return page(
    'Operator gateway',
    nonce,
    html`<p>You are <strong>${login}</strong>, ${role}. What you look at and what you do is written down.</p>
      <p><a href="/cases">What waits for a person</a></p>
      <p><a href="/decisions">Decisions</a></p>
      <p><a href="${workflows}">Payments in Temporal Web</a></p>
      <form method="post" action="/logout"><button>Log out</button></form>`,
  );
}
