import { randomUUID } from 'node:crypto';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { Logger } from '../platform/logger.ts';
import { sendReply, serve, traceOf, type Route, type Trace } from './call.ts';
import { ACQUIRER_EVENTS_PATH, takeAcquirerEvents, type AcquirerEventsOptions } from './acquirer-events.ts';
import { ledgerRoutes } from './routes/ledger.ts';
import { paymentRoutes, type PaymentRoutesOptions } from './routes/payments.ts';
import { Problem, problemBody, unavailable } from './problem.ts';
import { problemOf } from './problem-of.ts';

export interface AppOptions extends PaymentRoutesOptions, Pick<AcquirerEventsOptions, 'eventSources'> {
  readonly logger: Logger;
  /** False, or a rejection, when payments cannot be taken. */
  readonly healthy: () => Promise<boolean>;
}

/** The merchant API as an express application: no sockets, no clients of its own. */
export function createApp(options: AppOptions): Express {
  const { database, logger, healthy } = options;
  const app = express();
  app.disable('x-powered-by');
  // Payments change under their address; nobody is to keep a copy.
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use(traced(logger));
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
  const routes = [...paymentRoutes(options), ...ledgerRoutes(options)];
  for (const route of routes) {
    const handler = serve(route, database);
    if (route.method === 'GET') app.get(route.path, handler);
    else app.post(route.path, handler);
  }
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
function traced(logger: Logger): RequestHandler {
  return (request, response, next) => {
    const trace: Trace = {
      requestId: `req_${randomUUID()}`,
      startedAt: performance.now(),
      route: 'none',
      credential: null,
      payment: null,
    };
    Object.assign(response.locals, { trace });
    response.setHeader('request-id', trace.requestId);
    response.setHeader('cache-control', 'no-store');
    response.once('close', () => {
      logger.info('request', {
        request_id: trace.requestId,
        method: request.method,
        route: trace.route,
        status: response.statusCode,
        ms: Math.round(performance.now() - trace.startedAt),
        ...(trace.credential === null
          ? {}
          : { merchant: trace.credential.merchant, mode: trace.credential.mode }),
        ...(trace.payment === null ? {} : { payment: trace.payment }),
        ...(response.writableFinished ? {} : { aborted: true }),
      });
    });
    next();
  };
}

function asProblem(logger: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    const { requestId } = traceOf(response);
    const problem = problemOf(error);
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
