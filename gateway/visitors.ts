import type { RequestHandler, Request, Response } from 'express';
import { Problem } from './problem.ts';
import type { Operator } from './roles.ts';
import type { Sessions } from './sessions.ts';

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** Whether a request only looks. */
export function isRead({ method }: Pick<Request, 'method'>): boolean {
  return READS.has(method);
}

/**
 * Holds browsers to the one origin: a page that was asked for by another name is sent there, and a write
 * must come from a page of it. (A cookie that is SameSite=Strict says the same; a name that somebody
 * points at this address is refused here alone.)
 */
export function oneOrigin(origin: string): RequestHandler {
  const { host } = new URL(origin);
  return (request, response, next) => {
    if (!isRead(request)) {
      if (request.headers.origin !== origin || request.headers.host !== host)
        throw new Problem('foreign_origin', `this is taken from pages of ${origin} alone`);
      next();
      return;
    }
    if (request.headers.host === host) {
      next();
      return;
    }
    // A path that begins with two slashes would be another host.
    response.redirect(307, `${origin}/${request.originalUrl.replace(/^[/\\]+/, '')}`);
  };
}

/** The cookie of a session: for this host alone, and out of reach of scripts. */
export interface SessionCookie {
  read(request: Request): string | null;
  set(response: Response, value: string, lifeMs: number): void;
  clear(response: Response): void;
}

export function createSessionCookie(origin: string): SessionCookie {
  const secure = origin.startsWith('https:');
  const name = secure ? '__Host-quittance_operator' : 'quittance_operator';
  const options = { httpOnly: true, sameSite: 'strict', secure, path: '/' } as const;
  return {
    read({ headers }) {
      const cookies = (headers.cookie ?? '').split(';').map((cookie) => cookie.trim());
      const own = cookies.filter((cookie) => cookie.startsWith(`${name}=`));
      // Two of a name: one of them is not from here.
      return own.length === 1 ? (own[0]?.slice(name.length + 1) ?? null) : null;
    },
    set(response, value, lifeMs) {
      response.cookie(name, value, { ...options, maxAge: lifeMs });
    },
    clear(response) {
      response.clearCookie(name, options);
    },
  };
}

/** Who sends the request; null when nobody is logged in. */
export async function visitorOf(
  request: Request,
  cookie: SessionCookie,
  sessions: Pick<Sessions, 'find'>,
): Promise<Operator | null> {
  const value = cookie.read(request);
  const session = value === null ? null : await sessions.find(value);
  return session === null ? null : { ...session, address: addressOf(request) };
}

/** Where the request comes from, as express knows it by its setting of trusted proxies. */
export function addressOf(request: Request): string {
  return request.ip ?? 'unknown';
}

/** Passes only who is logged in; a person who opens a page is sent to the login first. */
export function loggedIn(cookie: SessionCookie, sessions: Pick<Sessions, 'find'>): RequestHandler {
  return async (request, response, next) => {
    const operator = await visitorOf(request, cookie, sessions);
    if (operator !== null) {
      Object.assign(response.locals, { operator });
      next();
      return;
    }
    if (isRead(request) && !request.path.startsWith('/api/') && request.accepts('json', 'html') === 'html') {
      response.redirect(303, `/login?next=${encodeURIComponent(request.originalUrl)}`);
      return;
    }
    throw new Problem('login_required', 'log in first: open /login in a browser');
  };
}

/** The operator that {@link loggedIn} let pass. */
export function operatorOf(response: Response): Operator {
  const { operator } = response.locals as { operator?: Operator };
  if (operator === undefined) throw new Error('a route of the gateway was asked for without a login');
  return operator;
}

/** A path of this site to go on to; anything else becomes the start page. */
export function pathHere(next: unknown): string {
  return typeof next === 'string' && /^\/(?![/\\])[^\u0000-\u0020\\]*$/.test(next) ? next : '/';
}
