import type { Operator } from './roles.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 12vh auto; padding: 0 1rem; color: #1a2332; background: #f8fafc }
  h1 { font-size: 1.3rem } label { display: block; margin: .8rem 0 } input { display: block; width: 100%; box-sizing: border-box; font: inherit; padding: .4rem; border: 1px solid #8795a8; border-radius: 4px }
  button { font: inherit; padding: .4rem 1.2rem; border: 0; border-radius: 4px; color: #fff; background: #1f4e8c; cursor: pointer } .no { color: #a01c1c }
`;

/** @param nonce of the page's one style, as its content security policy has it. */
function page(title: string, nonce: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)} · Quittance</title><style nonce="${nonce}">${STYLE}</style></head>
<body><main><h1>${escape(title)}</h1>${body}</main></body></html>
`;
}

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
    `${refusal === null ? '' : `<p class="no" role="alert">${escape(refusal)}</p>`}
<form method="post" action="/login">
<input type="hidden" name="next" value="${escape(next)}">
<label>Login <input name="login" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="100" autofocus></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required maxlength="200"></label>
<button>Log in</button></form>`,
  );
}

export function homePage(nonce: string, { login, role }: Operator, workflows: string): string {
  return page(
    'Operator gateway',
    nonce,
    `<p>You are <strong>${escape(login)}</strong>, ${escape(role)}. What you look at and what you do is written down.</p>
<p><a href="${escape(workflows)}">Payments in Temporal Web</a></p>
<form method="post" action="/logout"><button>Log out</button></form>`,
  );
}
