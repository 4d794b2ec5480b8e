import { randomUUID } from 'node:crypto';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import { withLogFields } from '../platform/log-context.ts';
import type { Logger } from '../platform/logger.ts';
import { beginSpan, describeSpan, underSpan } from '../platform/tracing/spans.ts';
import { createAuthenticator } from './auth/api-key.ts';
import { sendReply, serve, traceOf, type Entry, type Route, type Trace } from './call.ts';
import { ACQUIRER_EVENTS_PATH, takeAcquirerEvents, type AcquirerEventsOptions } from './acquirer-events.ts';
import { publicPages, sendPage } from './docs/pages.ts';
import { createAccessTokens } from './oauth/access-tokens.ts';
import { oauthEndpoints } from './oauth/endpoints.ts';
import { JWKS_PATH, TOKEN_PATH } from './oauth/paths.ts';
import { createTokenKeys } from './oauth/token-keys.ts';
import { merchantRoutes, type RoutesOptions } from './routes/index.ts';
import { createSignatures } from './signing/signatures.ts';
import type { EndedRequest } from './metrics.ts';
import { Problem, problemBody, unavailable } from './problem.ts';
import { problemOf } from './problem-of.ts';

export interface AppOptions
  extends
    Omit<RoutesOptions, 'authenticator' | 'signatures'>,
    Omit<Entry, 'authenticator' | 'signatures'>,
    Pick<AcquirerEventsOptions, 'eventSources'> {
  readonly logger: Logger;
  /** Who gives out access tokens, and for whom: `iss` and `aud`. */
  readonly issuer: string;
  /** Takes every request that is over. */
  readonly count: (request: EndedRequest) => void;
  /** False, or a rejection, when payments cannot be taken. */
  readonly healthy: () => Promise<boolean>;
}

const METHODS = { GET: 'get', POST: 'post', DELETE: 'delete' } as const satisfies Record<
  Route['method'],
  string
>;

/** The merchant API as an express application: no sockets, no clients of its own. */
export function createApp(options: AppOptions): Express {
  const { logger, healthy } = options;
  const keys = createTokenKeys(options);
  const tokens = createAccessTokens({ ...options, keys });
  const authenticator = createAuthenticator({ ...options, tokens });
  const signatures = createSignatures(options);
  const app = express();
  app.disable('x-powered-by');
  // Payments change under their address; nobody is to keep a copy.
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use(traced(logger, options.count));
  app.use(helmet());
  app.get('/healthz', async (_request, response) => {
    traceOf(response).route = '/healthz';
    if (!(await healthy())) throw unavailable('the database', null);
    sendReply(response, { status: 200, body: JSON.stringify({ status: 'ok' }) });
  });
  mount(app, '/healthz', ['GET']);
  // Nobody's key: an acquirer proves its events in its own way.
  app.post(ACQUIRER_EVENTS_PATH, takeAcquirerEvents(options));
  mount(app, ACQUIRER_EVENTS_PATH, ['POST']);
  // Nor these: a secret of another kind is shown there, and public keys are public.
  const oauth = oauthEndpoints({ ...options, keys, tokens });
  app.post(TOKEN_PATH, oauth.token);
  mount(app, TOKEN_PATH, ['POST']);
  app.get(JWKS_PATH, oauth.jwks);
  mount(app, JWKS_PATH, ['GET']);
  const routes = merchantRoutes({ ...options, authenticator, signatures });
  for (const page of publicPages(routes)) {
    app.get(page.path, (request, response) => {
      traceOf(response).route = page.path;
      sendPage(response, page, page.body(request.params as Record<string, string>));
    });
    mount(app, page.path, ['GET']);
  }
  for (const route of routes)
    app[METHODS[route.method]](route.path, serve(route, { ...options, authenticator, signatures }));
  for (const path of new Set(routes.map((route) => route.path))) {
    mount(
      app,
      path,
      routes.filter((route) => route.path === path).map(({ method }) => method),
    );
  }
  app.use(() => {
    throw new Problem('route_not_found', 'there is no such address in this API: check the path');
  });
  app.use(asProblem(logger));
  return app;
}

/** Answers the methods that a known address does not take. */
function mount(app: Express, path: string, methods: readonly Route['method'][]): void {
  const allow = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
  app.all(path, (_request, response) => {
    traceOf(response).route = path;
    throw new Problem('method_not_allowed', `use ${allow}`, { headers: { allow } });
  });
}

/** Names the request, and writes its one log line when it is over: never its body, never its address as sent. */
function traced(logger: Logger, count: (request: EndedRequest) => void): RequestHandler {
  return (request, response, next) => {
    const trace: Trace = {
      requestId: `req_${randomUUID()}`,
      startedAt: performance.now(),
      route: 'none',
      credential: null,
      payment: null,
      problem: null,
    };
    Object.assign(response.locals, { trace });
    response.setHeader('request-id', trace.requestId);
    response.setHeader('cache-control', 'no-store');
    const span = beginSpan({ name: 'request', kind: 'server', attributes: { request_id: trace.requestId } });
    response.once('close', () => {
      const ms = performance.now() - trace.startedAt;
      count({
        method: request.method,
        route: trace.route,
        status: response.statusCode,
        problem: trace.problem,
        ms,
      });
      describeSpan(span, {
        'http.request.method': request.method,
        'http.route': trace.route,
        'http.response.status_code': response.statusCode,
        ...(trace.payment === null ? {} : { payment: trace.payment }),
      });
      span.end();
      const line = {
        request_id: trace.requestId,
        method: request.method,
        route: trace.route,
        status: response.statusCode,
        ms: Math.round(ms),
        ...(trace.credential === null
          ? {}
          : {
              merchant: trace.credential.merchant,
              mode: trace.credential.mode,
              key: trace.credential.key,
            }),
        ...(trace.payment === null ? {} : { payment: trace.payment }),
        ...(response.writableFinished ? {} : { aborted: true }),
      };
      underSpan(span, () => {
        logger.info('request', line);
      });
    });
    underSpan(span, () => {
      withLogFields({ request_id: trace.requestId }, next);
    });
  };
}

function asProblem(logger: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    const trace = traceOf(response);
    const { requestId } = trace;
    const problem = problemOf(error);
    trace.problem = problem.code;
    if (problem.status >= 500) {
      const fields = { request_id: requestId, code: problem.code, error: problem.cause ?? null };
      if (problem.code === 'internal_error') logger.error('request_failed', fields);
      else logger.warn('request_failed', fields);
    }
    if (response.headersSent) {
      // Half an answer is no answer: the sender sees a broken connection.
      next(error);
      return;
    }
    sendReply(response, {
      status: problem.status,
      body: problemBody(problem, requestId),
      headers: problem.headers,
    });
  };
}
