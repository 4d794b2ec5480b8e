import { randomBytes } from 'node:crypto';
import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { Logger } from '../platform/logger.ts';
import type { Audit } from './audit.ts';
import { CODEC_BODY_BYTES_MAX, type CodecServer } from './codec-server.ts';
import type { LogIn } from './login.ts';
import type { Desk } from './desk/desk.ts';
import type { Doorbell } from './desk/doorbell.ts';
import { internalApi } from './desk/internal-api.ts';
import { pageRoutes } from './desk/page-routes.ts';
import { homePage } from './pages.ts';
import { Problem, problemBody, problemOf } from './problem.ts';
import { mayAct, type Role } from './roles.ts';
import type { EndedVisit } from './metrics.ts';
import { loginRoutes } from './routes.ts';
import type { Sessions } from './sessions.ts';
import type { TemporalWeb } from './temporal-web.ts';
import { createSessionCookie, isRead, loggedIn, oneOrigin, operatorOf } from './visitors.ts';
import { settingsFor } from './web-settings.ts';
import { createWrites, WRITE_BODY_BYTES_MAX } from './writes.ts';

export interface AppOptions {
  readonly origin: string;
  readonly namespace: string;
  readonly sessionMs: number;
  readonly trustedProxies: number;
  readonly audit: Audit;
  readonly sessions: Sessions;
  readonly logIn: LogIn;
  readonly codec: CodecServer;
  readonly desk: Desk;
  readonly doorbell: Pick<Doorbell, 'heard'>;
  readonly web: TemporalWeb;
  readonly logger: Logger;
  /** Told of every request that is over. */
  readonly count: (visit: EndedVisit) => void;
  readonly healthy: () => Promise<boolean>;
  readonly now: () => number;
}

/**
 * What a page of Temporal Web may do, beside what it says itself: it speaks to nobody but us, so that what
 * it decodes stays here. It frames itself: summaries and details are shown in frames (/render).
 */
const WEB_HEADERS = {
  'content-security-policy':
    "connect-src 'self'; form-action 'self'; frame-ancestors 'self'; base-uri 'self'; object-src 'none'",
  'x-frame-options': 'SAMEORIGIN',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
} as const;

/** The operator gateway as an express application: no sockets, no clients of its own. */
export function createApp(options: AppOptions): Express {
  const { origin, namespace, audit, sessions, codec, desk, doorbell, web, logger, healthy, now } = options;
  const workflows = `/namespaces/${encodeURIComponent(namespace)}/workflows`;
  const cookie = createSessionCookie(origin);
  const write = createWrites({ audit, namespace, doorbell, logger });
  const codecBody = express.json({ limit: CODEC_BODY_BYTES_MAX, inflate: false });
  const writeBody = express.json({ limit: WRITE_BODY_BYTES_MAX, inflate: false, type: () => true });

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.set('trust proxy', options.trustedProxies);
  app.use(logged(logger, options.count));
  app.get('/healthz', async (_request, response) => {
    if (!(await healthy())) throw new Problem('service_unavailable', 'the database does not answer');
    response.json({ status: 'ok' });
  });
  app.use(oneOrigin(origin));
  app.use(['/login', '/logout', '/codec'], ownPages());
  app.use(loginRoutes({ ...options, cookie }));
  app.use(loggedIn(cookie, sessions));

  app.get('/', ownPages(), (_request, response) => {
    const { nonce } = response.locals as { nonce: string };
    response.send(homePage(nonce, operatorOf(response), workflows));
  });
  app.use('/internal/v1', internalApi({ desk, namespace }));
  app.use(['/cases', '/decisions'], ownPages());
  app.use(pageRoutes({ desk, workflows, now }));
  app.post('/codec/decode', codecBody, async (request, response) => {
    response.json(
      await codec.decode({
        operator: operatorOf(response),
        namespace: request.get('x-namespace') ?? '',
        body: request.body as unknown,
      }),
    );
  });
  app.post('/codec/encode', mustBe('operator', 'encode'), codecBody, async (request, response) => {
    response.json(
      await codec.encode({
        operator: operatorOf(response),
        namespace: request.get('x-namespace') ?? '',
        body: request.body as unknown,
      }),
    );
  });
  app.get('/api/v1/settings', async (_request, response) => {
    response.set('cache-control', 'no-store');
    response.json(settingsFor(await web.json('/api/v1/settings'), operatorOf(response).role, origin));
  });
  app.use('/api', mustOnlyRead(writeBody), async (request, response, next) => {
    if (isRead(request)) {
      next();
      return;
    }
    const answer = await write({
      operator: operatorOf(response),
      method: request.method,
      path: pathOf(request),
      body: request.body as unknown,
      forward: (body) => web.send(request, body),
    });
    response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length });
    response.end(answer.body);
  });
  app.use(async (request, response) => {
    if (!isRead(request)) throw new Problem('method_not_allowed', 'this address is for looking only');
    if (!request.originalUrl.startsWith('/'))
      throw new Problem('not_found', 'the gateway is no proxy for other hosts');
    await web.stream(request, response, WEB_HEADERS);
  });
  app.use(asProblem(logger));
  return app;
}

/** As it was sent, without its query; express cuts its own where something is mounted. */
function pathOf({ originalUrl }: Pick<Request, 'originalUrl'>): string {
  return originalUrl.replace(/\?.*$/s, '');
}

/** Reads the body of what is not only looked at. */
function mustOnlyRead(readBody: RequestHandler): RequestHandler {
  return (request, response, next) => {
    if (isRead(request)) next();
    else void readBody(request, response, next);
  };
}

function mustBe(needed: Role, what: string): RequestHandler {
  return (_request, response, next) => {
    const { login, role } = operatorOf(response);
    if (!mayAct(role, needed))
      throw new Problem(
        'role_insufficient',
        `${login} is ${role}, and ${what} needs ${needed}: ask somebody who is`,
      );
    next();
  };
}

/** Headers of our own pages and answers: one style by its nonce, and nothing else but a form to ourselves. */
function ownPages(): RequestHandler {
  return (request, response, next) => {
    const nonce = randomBytes(16).toString('base64');
    Object.assign(response.locals, { nonce });
    response.set('cache-control', 'no-store');
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          'default-src': ["'none'"],
          'style-src': [`'nonce-${nonce}'`],
          'form-action': ["'self'"],
          'frame-ancestors': ["'none'"],
          'base-uri': ["'none'"],
        },
      },
      // With none at all a browser says "null" where a form comes from.
      referrerPolicy: { policy: 'same-origin' },
      xFrameOptions: { action: 'deny' },
    })(request, response, next);
  };
}

/** One line a request, when it is over: never its query, its body or its cookie. */
function logged(logger: Logger, count: AppOptions['count']): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    response.once('close', () => {
      const { operator } = response.locals as { operator?: { login: string } };
      const { method } = request;
      const path = pathOf(request);
      const ms = performance.now() - startedAt;
      count({ method, path, status: response.statusCode, ms });
      const level = isRead(request) ? 'debug' : 'info';
      logger[level]('gateway_request', {
        method,
        path: path.slice(0, 500),
        status: response.statusCode,
        ms: Math.round(ms),
        login: operator?.login ?? null,
      });
    });
    next();
  };
}

function asProblem(logger: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const problem = problemOf(error);
    if (problem.status >= 500) {
      const fields = { code: problem.code, method: request.method, error: problem.cause ?? null };
      if (problem.code === 'internal_error') logger.error('gateway_request_failed', fields);
      else logger.warn('gateway_request_failed', fields);
    }
    if (response.headersSent) {
      next(error);
      return;
    }
    response.status(problem.status).set('cache-control', 'no-store');
    response.type('application/problem+json').send(problemBody(problem));
  };
}
