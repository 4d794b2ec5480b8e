import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text as wholeText } from 'node:stream/consumers';
import { packageRoot } from '../../platform/package-root.ts';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import { UsageError } from '../command-frame.ts';
import type { Given } from './parse.ts';

/** The gateway said no: as which HTTP status, and why. */
export class GatewayRefusal extends Error {
  override readonly name = 'GatewayRefusal';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** The operator gateway as somebody who is logged in. Every call throws GatewayRefusal, or what fetch throws. */
export interface Gateway {
  readonly login: string;
  get(path: string): Promise<Fields>;
  post(path: string, body: object): Promise<Fields>;
  /** Ends the session. */
  leave(): Promise<void>;
}

const REQUEST_LIMIT_MS = 30_000;

type Sent = Omit<RequestInit, 'headers'> & { readonly headers?: Readonly<Record<string, string>> };

interface Entrance {
  readonly url: string;
  readonly login: string;
  readonly password: string;
}

/** Where the gateway is and who enters, by options and run file. @throws UsageError, Error */
export async function entranceOf(given: Given, stdin: Readable): Promise<Entrance> {
  const login = given.login ?? 'operator';
  const read = () => readRunFile(given['run-file'] ?? join(packageRoot(), '.quittance', 'run.json'));
  const run = given.gateway === undefined ? await read() : null;
  const url = given.gateway ?? run?.gateway.url ?? '';
  const password =
    given['password-file'] !== undefined
      ? await readFile(given['password-file'], 'utf8')
      : given['password-stdin'] === true
        ? await wholeText(stdin)
        : run?.gateway.operators.find((operator) => operator.login === login)?.password;
  if (password === undefined)
    throw new UsageError(
      `${login} is no development login: give the password with --password-file or --password-stdin`,
    );
  return { url: new URL(url).origin, login, password: password.split(/\r?\n/)[0] ?? '' };
}

/** Logs in. @throws GatewayRefusal when it is not let in, or what fetch throws. */
export async function enterGateway({ url, login, password }: Entrance): Promise<Gateway> {
  let cookie = '';
  const send = (path: string, init: Sent) =>
    fetch(`${url}${path}`, {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
      // As a page of the gateway would: it takes writes from nobody else.
      headers: { accept: 'application/json', origin: url, cookie, ...init.headers },
    });
  const entered = await send('/login', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ login, password, next: '/' }).toString(),
  });
  cookie = (entered.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
  if (entered.status !== 303 || cookie === '')
    throw new GatewayRefusal(
      entered.status,
      'login_refused',
      entered.status === 429
        ? `${login} tried too often: wait a quarter of an hour`
        : `${login} was not let in by ${url}: is that the password, and the address as browsers know it?`,
    );

  async function call(path: string, init: Sent) {
    const response = await send(path, init);
    const body = fieldsOf(await response.text());
    if (response.ok) return body;
    const { code, detail } = body;
    const refusal = new GatewayRefusal(
      response.status,
      typeof code === 'string' ? code : 'unknown',
      typeof detail === 'string' ? detail : `${path} was answered with ${response.status}`,
    );
    throw refusal;
  }
  return {
    login,
    get: (path) => call(path, { method: 'GET' }),
    post: (path, body) =>
      call(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    async leave() {
      await send('/logout', { method: 'POST' }).catch(() => undefined);
    },
  };
}

function fieldsOf(text: string): Fields {
  try {
    return JSON.parse(text) as Fields;
  } catch {
    return {};
  }
}
