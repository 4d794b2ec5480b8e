import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { clientAddress } from '../../platform/client-address.ts';
import { listenOn, REQUEST_LIMITS, type HttpServer } from '../../platform/http-server.ts';
import type { Logger } from '../../platform/logger.ts';
import { scrub } from '../../platform/scrub.ts';
import { followTlsFiles, type TlsMaterial } from '../../platform/tls.ts';
import { problemOf } from '../problem.ts';
import type { CardTokens, PublishableKey } from './card-tokens.ts';
import { createLimit } from './limits.ts';
import { PUBLIC_PROBLEMS, PublicProblem, readCard } from './request.ts';

export interface PublicListenerOptions {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  /** Paths of PEM files; null = plain HTTP, for a machine of one's own or behind what ends TLS. */
  readonly tls: { readonly certificate: string; readonly key: string } | null;
  readonly perKeyAndMinute: number;
  readonly perAddressAndMinute: number;
  /** How many proxies of ours stand before it and say in X-Forwarded-For where a request comes from. */
  readonly trustedProxies: number;
}

const PATH = '/v1/card-tokens';
const BEARER = /^Bearer +(pk_(?:test|live)_[A-Za-z0-9]{24,64})$/i;
/** How long a browser may remember what a preflight said (s). */
const PREFLIGHT_S = 600;
const HEADERS_MAX = 60;

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The vault's address for pages and apps: POST /v1/card-tokens and nothing else of the vault. It knows
 * no caller's certificate and gives out no number. Nothing of a body is logged or quoted.
 */
export async function startPublicListener(
  options: PublicListenerOptions,
  cardTokens: CardTokens,
  logger: Logger,
): Promise<HttpServer> {
  const perKey = createLimit(options.perKeyAndMinute, Date.now);
  const perAddress = createLimit(options.perAddressAndMinute, Date.now);

  async function answer(request: IncomingMessage): Promise<Answer> {
    if (request.method === 'GET' && request.url === '/healthz')
      return { status: 200, body: { status: 'ok' } };
    if (request.url !== PATH || (request.method !== 'POST' && request.method !== 'OPTIONS'))
      throw new PublicProblem('route_not_found', `there is nothing but POST ${PATH} here`);
    if (!perAddress.take(clientAddress(request, options.trustedProxies))) throw limited();
    const { origin } = request.headers;
    if (request.method === 'OPTIONS') return preflight(origin);
    const key = BEARER.exec(request.headers.authorization ?? '')?.[1];
    const owner = key === undefined ? null : await cardTokens.findKey(key);
    if (key === undefined || owner === null)
      throw new PublicProblem('publishable_key_invalid', 'send a key in use as "Authorization: Bearer pk_…"');
    if (!perKey.take(key)) throw limited();
    // An app sends no origin. A page always does, and cannot send another's.
    if (origin !== undefined && !owner.origins.includes(origin))
      throw new PublicProblem('origin_not_allowed', 'this key may not be used from a page of this origin');
    const cors = origin === undefined ? {} : allow(origin);
    try {
      return { ...(await create(owner, request)), headers: cors };
    } catch (error) {
      // The page is to be told what is wrong, not that something was.
      throw Object.assign(toPublic(error), { headers: cors });
    }
  }

  async function preflight(origin: string | undefined): Promise<Answer> {
    if (origin === undefined || !(await cardTokens.isKnownOrigin(origin)))
      throw new PublicProblem('origin_not_allowed', 'no key may be used from a page of this origin');
    return {
      status: 204,
      body: null,
      headers: {
        ...allow(origin),
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'authorization, content-type',
        'access-control-max-age': String(PREFLIGHT_S),
      },
    };
  }

  async function create(owner: PublishableKey, request: IncomingMessage): Promise<Answer> {
    const card = await readCard(request, Date.now());
    const made = await cardTokens.create(owner, card);
    return {
      status: 201,
      body: {
        id: made.token,
        object: 'card_token',
        mode: owner.mode,
        card: {
          brand: made.brand,
          last_four: made.lastFour,
          expiry_month: made.expiryMonth,
          expiry_year: made.expiryYear,
        },
        expires_at: made.expiresAt.toISOString(),
      },
    };
  }

  const listener: RequestListener = (request, response) => {
    const requestId = `req_${randomUUID()}`;
    answer(request).then(
      ({ status, body, headers = {} }) => {
        send(response, status, body, { ...headers, 'request-id': requestId });
      },
      (error: unknown) => {
        const problem = toPublic(error);
        const status = PUBLIC_PROBLEMS[problem.code];
        if (status >= 500) logger.warn('card_token_failed', { request_id: requestId, error: problem.cause });
        const { headers = {} } = problem as { readonly headers?: Readonly<Record<string, string>> };
        const document = {
          type: `/problems/${problem.code}`,
          status,
          code: problem.code,
          detail: problem.message,
          ...(problem.param === null ? {} : { param: problem.param }),
          request_id: requestId,
        };
        send(response, status, scrub(document), {
          ...headers,
          'request-id': requestId,
          ...(status === 429 || status === 503 ? { 'retry-after': status === 429 ? '60' : '2' } : {}),
          // What is left of a body that was refused is not read.
          ...(request.complete ? {} : { connection: 'close' }),
        });
      },
    );
  };

  const { tls } = options;
  if (tls === null) {
    const server = createServer(REQUEST_LIMITS, listener);
    server.maxHeadersCount = HEADERS_MAX;
    return listenOn(server, options.port, options.host);
  }
  // A renewed certificate is taken without a restart; a broken one leaves the old in use.
  const source = await followTlsFiles({ ...tls, authority: null }, logger);
  const contextOf = ({ certificate, key }: TlsMaterial) => ({
    cert: certificate,
    key,
    minVersion: 'TLSv1.2' as const,
  });
  const server = createSecureServer({ ...REQUEST_LIMITS, ...contextOf(source.current()) }, listener);
  server.maxHeadersCount = HEADERS_MAX;
  source.onChange((material) => {
    server.setSecureContext(contextOf(material));
  });
  server.once('close', () => {
    source.close();
  });
  return listenOn(server, options.port, options.host);
}

function limited(cause?: unknown): PublicProblem {
  const told = 'too many card tokens were asked for: try again in a minute';
  return new PublicProblem('rate_limited', told, null, { cause });
}

function allow(origin: string): Record<string, string> {
  return { 'access-control-allow-origin': origin, vary: 'origin' };
}

function toPublic(error: unknown): PublicProblem {
  if (error instanceof PublicProblem) return error;
  const problem = problemOf(error);
  if (problem.code === 'rate_limited') return limited(error);
  return problem.retryable && problem.code !== 'internal'
    ? new PublicProblem('service_unavailable', 'the card cannot be taken now: send it again', null, {
        cause: error,
      })
    : new PublicProblem(
        'internal_error',
        'an error that nobody expected; it is in our log under this request_id',
        null,
        {
          cause: error,
        },
      );
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): void {
  const text = body === null ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    ...(body === null
      ? {}
      : { 'content-type': status >= 400 ? 'application/problem+json' : 'application/json' }),
    'content-length': text.byteLength,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(text);
}
