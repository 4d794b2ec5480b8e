import { randomInt } from 'node:crypto';

export interface VisitorAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; empty where it is none. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** What a browser does: keeps cookies, says where it comes from, and follows nothing by itself. */
export interface Visitor {
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<VisitorAnswer>;
  /** A text goes as a form, anything else as JSON. */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<VisitorAnswer>;
  logIn(login: string, password: string, next?: string): Promise<VisitorAnswer>;
  /** The cookie of the session, `name=value`; and another one in its place. */
  cookie(): string;
  setCookie(cookie: string): void;
}

/** @param from the address that a proxy of ours would name; one of its own when left out. */
export function createVisitor(
  url: string,
  from = `198.51.100.${randomInt(255)}, 2001:db8::${randomInt(65_535).toString(16)}`,
): Visitor {
  let cookie = '';
  async function request(
    path: string,
    init: Omit<RequestInit, 'headers'> & { headers: Readonly<Record<string, string>> },
  ) {
    const response = await fetch(`${url}${path}`, {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.timeout(45_000),
      headers: { 'x-forwarded-for': from, cookie, accept: 'application/json', ...init.headers },
    });
    const set = response.headers.getSetCookie().find((line) => line.startsWith('quittance_operator='));
    if (set !== undefined) cookie = set.split(';')[0] ?? '';
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: jsonOf(text) };
  }
  const visitor: Visitor = {
    get: (path, headers = {}) => request(path, { method: 'GET', headers }),
    post: (path, body, headers = {}) =>
      request(path, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: {
          origin: url,
          'content-type': typeof body === 'string' ? 'application/x-www-form-urlencoded' : 'application/json',
          ...headers,
        },
      }),
    logIn: (login, password, next = '/') =>
      visitor.post('/login', new URLSearchParams({ login, password, next }).toString()),
    cookie: () => cookie,
    setCookie(value) {
      cookie = value;
    },
  };
  return visitor;
}

function jsonOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}
