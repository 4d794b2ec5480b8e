import type { Socket } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Agent, buildConnector } from 'undici';
import { createResolver, isLocalName, type Resolve } from './resolve.ts';

/** Nothing was sent: where the URL leads is not a place for a merchant's webhook. */
export class EgressRefused extends Error {
  override readonly name = 'EgressRefused';
}

/** Global unicast, the only block from which public IPv6 addresses are given out (RFC 4291, 2.4). */
const GLOBAL_UNICAST_V6 = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * The kind of an IP address: `public` for one that is routed on the internet and belongs to one
 * machine, else the name of the special block it lies in (loopback, private, linkLocal …). An IPv6
 * address that carries an IPv4 address is judged by that one. What is not an address is `invalid`.
 */
export function addressKind(text: string): string {
  if (!ipaddr.isValid(text)) return 'invalid';
  const address = ipaddr.process(text);
  const range = address.range();
  if (range !== 'unicast') return range;
  if (address instanceof ipaddr.IPv6 && !address.match(GLOBAL_UNICAST_V6)) return 'reserved';
  return 'public';
}

/** For development: blocks of this machine and its network, allowed on demand. */
const PRIVATE_KINDS = new Set(['loopback', 'private', 'uniqueLocal']);

/**
 * Why a URL can be no webhook's whatever its name resolves to; null when only sending will tell. The
 * name itself is resolved, judged and pinned at each attempt (createEgressAgent).
 */
export function urlFault(text: string, allowPrivate: boolean): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) return 'is not a URL';
  if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:'))
    return 'must begin with https://';
  if (url.username !== '' || url.password !== '') return 'must not have a user name or password in it';
  if (url.hash !== '') return 'must not have a fragment';
  // The URL's own parser has put every numeric form of an address (0x7f.1, 2130706433) into the usual one.
  const literal = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (ipaddr.isValid(literal)) {
    const kind = addressKind(literal);
    return kind === 'public' || (allowPrivate && PRIVATE_KINDS.has(kind))
      ? null
      : `must lead to a public address, and ${kind} is none`;
  }
  return !allowPrivate && isLocalName(url.hostname) ? 'must lead to a public address' : null;
}

export interface EgressOptions {
  /** Development only: loopback and private addresses are allowed too. */
  readonly allowPrivate: boolean;
  /** Time for name resolution and connection together (ms). */
  readonly connectLimitMs: number;
  /** Connections to one origin. */
  readonly connectionsPerOrigin: number;
  /** All addresses of a host name; default: DNS, and in development the hosts file. */
  readonly resolve?: Resolve;
}

/** The part of the time for a connection after which a name is given up; the rest is for its addresses. */
const RESOLUTION_SHARE = 0.6;

/**
 * Which addresses a host name or literal address stands for now. One that is not allowed condemns
 * all: a name that leads to the inside as well as to the outside is an attack or a mistake.
 * @throws EgressRefused when one of them is not allowed or there is none; what `resolve` throws.
 */
export async function checkedAddresses(
  hostname: string,
  { allowPrivate, resolve }: Required<Pick<EgressOptions, 'allowPrivate' | 'resolve'>>,
): Promise<readonly string[]> {
  const literal = hostname.replace(/^\[(.*)\]$/, '$1');
  const isLiteral = ipaddr.isValid(literal);
  if (!isLiteral && !allowPrivate && isLocalName(literal))
    throw new EgressRefused(`${hostname} is no public name: webhooks go to public addresses only`);
  const addresses = isLiteral ? [literal] : await resolve(literal);
  if (addresses.length === 0) throw new EgressRefused(`${hostname} has no address`);
  for (const address of addresses) {
    const kind = addressKind(address);
    if (kind === 'public' || (allowPrivate && PRIVATE_KINDS.has(kind))) continue;
    const named = address === literal ? hostname : `${hostname} resolves to ${address}, which`;
    throw new EgressRefused(
      `${named} is not a public address (${kind}): webhooks go to public addresses only`,
    );
  }
  // In the form that was judged, whatever form it came in.
  return addresses.map((address) => ipaddr.process(address).toString());
}

/**
 * An HTTP agent that connects only to checked addresses. The name is resolved here and the connection
 * goes to the very address that was checked, so the name cannot mean another one a moment later;
 * certificate and Host header remain those of the name. Literal addresses are checked alike (a lookup
 * hook would be skipped for them).
 */
export function createEgressAgent(options: EgressOptions): Agent {
  const { connectLimitMs, allowPrivate } = options;
  const resolve = shared(
    options.resolve ??
      createResolver({ limitMs: connectLimitMs * RESOLUTION_SHARE, hostsFile: allowPrivate }),
  );
  // Session tickets are not kept: endpoints are many and each is called rarely.
  const connect = buildConnector({ timeout: connectLimitMs, maxCachedSessions: 0 });

  async function connectChecked(target: buildConnector.Options): Promise<Socket> {
    const deadline = performance.now() + connectLimitMs;
    const addresses = await within(
      checkedAddresses(target.hostname, { allowPrivate, resolve }),
      connectLimitMs,
      target.hostname,
    );
    let failure: Error | null = null;
    for (const hostname of addresses) {
      if (failure !== null && performance.now() >= deadline) break;
      const result = await new Promise<Socket | Error>((settle) => {
        connect({ ...target, hostname }, (error, socket) => {
          settle(error ?? socket);
        });
      });
      if (!(result instanceof Error)) return result;
      failure = result;
    }
    throw failure ?? new EgressRefused(`${target.hostname} has no address`);
  }

  return new Agent({
    connect(target, callback) {
      connectChecked(target).then(
        (socket) => {
          callback(null, socket);
        },
        (error: unknown) => {
          callback(error instanceof Error ? error : new Error(String(error)), null);
        },
      );
    },
    connections: options.connectionsPerOrigin,
    pipelining: 1,
    keepAliveTimeout: 10_000,
    keepAliveMaxTimeout: 60_000,
    maxHeaderSize: 16_384,
  });
}

/** Whoever asks for a name that is being resolved waits for that answer: a name has one question out at most. */
function shared(resolve: Resolve): Resolve {
  const pending = new Map<string, Promise<readonly string[]>>();
  return (hostname) => {
    const asked =
      pending.get(hostname) ??
      resolve(hostname).finally(() => {
        pending.delete(hostname);
      });
    pending.set(hostname, asked);
    return asked;
  };
}

/** By getaddrinfo, in development, resolution has no deadline of its own. */
async function within<T>(work: Promise<T>, limitMs: number, hostname: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${hostname} was not resolved within ${limitMs} ms`));
    }, limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
