import type { Request, RequestHandler, Response } from 'express';
import type { PaymentId, SigningSecretId } from '../workflows/domain/ids.ts';
import type { OperationContract } from './contract/contract.ts';
import { clientAddress } from '../platform/client-address.ts';
import type { Tenants } from '../platform/tenant-pool.ts';
import type { Authenticator, KeyHolder } from './auth/api-key.ts';
import { permit } from './auth/permission.ts';
import { readJson } from './body.ts';
import type { Limits } from './limits/limits.ts';
import type { Load } from './limits/load.ts';
import type { ProblemCode } from './problem.ts';
import type { Query } from './query.ts';
import type { Signatures } from './signing/signatures.ts';
import { bodyIn, versionHeaders, versionOf, type Version } from './versions.ts';
import { sendStream, type StreamedReply } from './streamed-reply.ts';

/** What one request has come to know of itself, for its log line. */
export interface Trace {
  readonly requestId: string;
  readonly startedAt: number;
  /** Pattern, never the address itself: that is the sender's text. */
  route: string;
  credential: KeyHolder | null;
  payment: PaymentId | null;
  /** Of the problem that was answered; null = none. */
  problem: ProblemCode | null;
}

/** One authenticated request. */
export interface Call {
  readonly credential: KeyHolder;
  /** The secret that the request is signed with; null = it is not, and need not be. */
  readonly signedWith: SigningSecretId | null;
  /** The version of the API that it is answered in. */
  readonly version: Version;
  readonly params: Readonly<Record<string, string>>;
  /** Parameters of the address; see parseQuery. */
  readonly query: Query;
  readonly headers: Request['headers'];
  /** Method and pattern: `POST /v1/payments/:payment/void`. */
  readonly route: string;
  /** Reads the body; see readJson. */
  readonly json: () => Promise<unknown>;
  /** Tells the log which payment this is about. */
  readonly about: (payment: PaymentId) => void;
}

/** What goes back: the bytes of the body, and headers beyond the ones that every answer has. */
export interface Reply {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Express pattern. */
  readonly path: string;
  /** What is published of it; see route(). */
  readonly contract: OperationContract;
  readonly handle: (call: Call) => Promise<Reply | StreamedReply>;
}

/** What stands before every route. */
export interface Entry {
  readonly authenticator: Pick<Authenticator, 'authenticate'>;
  /** How many proxies of ours stand before the api. */
  readonly trustedProxies: number;
  readonly tenants: Tenants;
  readonly load: Load;
  readonly limits: Limits;
  readonly signatures: Pick<Signatures, 'check'>;
}

/** The express handler of a route: who asks and whether it may comes first, then the route itself. */
export function serve(
  { method, path, contract, handle }: Route,
  { authenticator, trustedProxies, tenants, load, limits, signatures }: Entry,
): RequestHandler {
  const route = `${method} ${path}`;
  return async (request, response) => {
    const trace = traceOf(response);
    trace.route = path;
    const { scope, callClass } = contract;
    whenClosed(response, load.take(callClass));
    const credential = await authenticator.authenticate(request.headers.authorization);
    trace.credential = credential;
    permit(credential, clientAddress(request, trustedProxies), scope);
    whenClosed(response, limits.place(credential));
    setHeaders(response, await limits.rate(credential, callClass));
    const version = versionOf(request.headers['quittance-version'], credential.version);
    setHeaders(response, versionHeaders(version));
    const call: Omit<Call, 'signedWith'> = {
      credential,
      version,
      params: request.params as Record<string, string>,
      query: request.query as Query,
      headers: request.headers,
      route,
      json: () => readJson(request),
      about: (payment) => {
        trace.payment = payment;
      },
    };
    await tenants.as(credential.merchant, async () => {
      const signedWith = await signatures.check(request, credential);
      const reply = await handle({ ...call, signedWith });
      if ('chunks' in reply) await sendStream(response, reply);
      else sendReply(response, { ...reply, body: bodyIn(version, reply.body) });
    });
  };
}

/** At once where the caller has left already, while we asked who it is: 'close' does not come again. */
export function whenClosed(response: Response, giveBack: () => void): void {
  if (response.closed) giveBack();
  else response.once('close', giveBack);
}

export function setHeaders(response: Response, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

/** Problem documents from 400 on, JSON below; the body's bytes as they are. */
export function sendReply(response: Response, { status, body, headers = {} }: Reply): void {
  const bytes = Buffer.from(body, 'utf8');
  response.writeHead(status, {
    ...(status === 204
      ? {}
      : {
          'content-type': status >= 400 ? 'application/problem+json' : 'application/json',
          'content-length': bytes.byteLength,
        }),
    ...headers,
  });
  response.end(bytes);
}

export function traceOf(response: Response): Trace {
  return (response.locals as { trace: Trace }).trace;
}
