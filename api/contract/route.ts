import { z } from 'zod';
import type { Scope } from '../auth/scopes.ts';
import type { Call, Reply, Route } from '../call.ts';
import { idempotencyKeyOf } from '../idempotency.ts';
import type { CallClass } from '../limits/load.ts';
import { parseQuery } from '../query.ts';
import type { StreamedReply } from '../streamed-reply.ts';
import { parseBody } from '../validation.ts';
import type { BodyContract, OperationContract } from './contract.ts';

/** A query without parameters. */
const NO_PARAMETERS = z.strictObject({});

/** A request that its contract lets in. */
export interface Taken<Query extends z.ZodType, Body extends z.ZodType> extends Call {
  readonly parameters: z.output<Query>;
  readonly body: z.output<Body>;
  /** The body as it was sent. */
  readonly raw: unknown;
  /** Empty for an operation that needs none. */
  readonly idempotencyKey: string;
}

interface Wish<Query extends z.ZodType, Body extends z.ZodType> extends Omit<
  OperationContract,
  'query' | 'body' | 'idempotent' | 'waits' | 'problems' | 'scope' | 'callClass'
> {
  readonly method: Route['method'];
  /** Express pattern. */
  readonly path: string;
  readonly query?: Query;
  readonly body?: BodyContract<Body>;
  /** Only where it is not a POST that needs a key, or a GET that needs none. */
  readonly idempotent?: boolean;
  readonly waits?: boolean;
  /** What a key must be allowed to do; `read` for a GET that does not say, and every other must say. */
  readonly scope?: Scope;
  /** Only where it does not follow: a GET reads, what needs the scope admin manages, all else is about money. */
  readonly callClass?: CallClass;
  readonly problems?: OperationContract['problems'];
  readonly handle: (call: Taken<Query, Body>) => Promise<Reply | StreamedReply>;
}

/**
 * A route that lets in what its contract says: parameters first, then the idempotency key, then the
 * body, each by the schema that the document publishes.
 * @throws Error for a route that changes something and does not say who may.
 */
export function route<
  Query extends z.ZodType = typeof NO_PARAMETERS,
  Body extends z.ZodType = z.ZodUndefined,
>({
  method,
  path,
  handle,
  query,
  body,
  idempotent = method === 'POST',
  waits = false,
  scope = method === 'GET' ? 'read' : undefined,
  callClass,
  problems = [],
  ...rest
}: Wish<Query, Body>): Route {
  const parameters: z.ZodType = query ?? NO_PARAMETERS;
  if (scope === undefined) throw new Error(`${method} ${path} does not say which scope it needs`);
  const contract: OperationContract = {
    ...rest,
    scope,
    callClass: callClass ?? (method === 'GET' ? 'read' : scope === 'admin' ? 'manage' : 'money'),
    query: parameters,
    body: body ?? null,
    idempotent,
    waits,
    problems,
  };
  return {
    method,
    path,
    contract,
    async handle(call) {
      // The schemas are the ones that the types were taken from.
      const asked = parseQuery(parameters, call.query) as z.output<Query>;
      const idempotencyKey = idempotent ? idempotencyKeyOf(call.headers['idempotency-key']) : '';
      const raw = body === undefined ? undefined : await call.json();
      const parsed = (body === undefined ? undefined : parseBody(body.schema, raw)) as z.output<Body>;
      return handle({ ...call, parameters: asked, body: parsed, raw, idempotencyKey });
    },
  };
}
