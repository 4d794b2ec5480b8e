import express, { Router } from 'express';
import type { Audit } from './audit.ts';
import { LOGIN_LIMITS, type LogIn, type LoginResult } from './login.ts';
import { loginPage } from './pages.ts';
import type { Sessions } from './sessions.ts';
import { addressOf, pathHere, visitorOf, type SessionCookie } from './visitors.ts';

export interface LoginRoutesOptions {
  readonly cookie: SessionCookie;
  readonly sessionMs: number;
  readonly audit: Audit;
  readonly sessions: Sessions;
  readonly logIn: LogIn;
}

/** What a person reads who was not let in; it does not say whether there is such a login. */
const REFUSALS = {
  wrong: { status: 401, text: 'That login and that password do not belong together.' },
  too_many: {
    status: 429,
    text: `Too many tries: wait ${LOGIN_LIMITS.windowS / 60} minutes and try again.`,
  },
  busy: { status: 503, text: 'Too many people log in at this moment: try again.' },
} as const satisfies Record<Exclude<LoginResult['kind'], 'in'>, { status: number; text: string }>;

const BODY_BYTES_MAX = 4 * 1_024;

/** The login page, the way in and the way out. */
export function loginRoutes({ cookie, sessionMs, audit, sessions, logIn }: LoginRoutesOptions): Router {
  const router = Router();
  const form = express.urlencoded({ limit: BODY_BYTES_MAX, extended: false, inflate: false });

  router.get('/login', async (request, response) => {
    const { nonce } = response.locals as { nonce: string };
    const next = pathHere(request.query['next']);
    if ((await visitorOf(request, cookie, sessions)) === null)
      response.send(loginPage({ nonce, next, refusal: null }));
    else response.redirect(303, next);
  });

  router.post('/login', form, async (request, response) => {
    const { nonce } = response.locals as { nonce: string };
    const { login, password, next } = (request.body ?? {}) as Readonly<Record<string, unknown>>;
    const result = await logIn({
      login: typeof login === 'string' ? login.trim() : '',
      password: typeof password === 'string' ? password : '',
      address: addressOf(request),
    });
    if (result.kind === 'in') {
      cookie.set(response, result.cookie, sessionMs);
      response.redirect(303, pathHere(next));
      return;
    }
    const { status, text } = REFUSALS[result.kind];
    if (status === 429) response.set('retry-after', String(LOGIN_LIMITS.windowS));
    response.status(status).send(loginPage({ nonce, next: pathHere(next), refusal: text }));
  });

  router.post('/logout', async (request, response) => {
    const operator = await visitorOf(request, cookie, sessions);
    const value = cookie.read(request);
    if (operator !== null && value !== null) {
      await sessions.end(value);
      await audit.write({ kind: 'logout', ...operator });
    }
    cookie.clear(response);
    response.redirect(303, '/login');
  });
  return router;
}
