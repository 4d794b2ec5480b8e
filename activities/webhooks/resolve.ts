import { lookup, Resolver } from 'node:dns/promises';

/** All addresses that a host name stands for now, at least one. @throws when there is none, or no answer. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

/** A name of this machine or its network: never a public one, whatever a name server says. */
export function isLocalName(hostname: string): boolean {
  const name = hostname.replace(/\.$/, '');
  return name === 'localhost' || name.endsWith('.localhost') || !name.includes('.');
}

interface ResolverOptions {
  /** After so long (ms) what has been answered is used, and if that is nothing the name is given up. */
  readonly limitMs: number;
  /** Development only: names of the hosts file count too. */
  readonly hostsFile: boolean;
  /** address:port of those that are asked; default: as this machine does. */
  readonly nameServers?: readonly string[];
}

/**
 * Asks DNS without a thread: getaddrinfo holds one of few for as long as a silent name server lets it, so one
 * merchant's name server could keep all other names waiting. Names are taken as they are written, without
 * the search domains of this machine: those lead to the inside.
 */
export function createResolver({ limitMs, hostsFile, nameServers }: ResolverOptions): Resolve {
  async function askDns(hostname: string): Promise<readonly string[]> {
    // One of its own: it keeps nothing of earlier answers, and what cancels it cancels no other name.
    const resolver = new Resolver({ timeout: Math.ceil(limitMs / 3), tries: 2 });
    if (nameServers !== undefined) resolver.setServers(nameServers);
    const timer = setTimeout(() => {
      resolver.cancel();
    }, limitMs);
    try {
      const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
      const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
      if (found.length > 0) return found;
      const failures = answers.flatMap((answer): unknown[] =>
        answer.status === 'rejected' ? [answer.reason] : [],
      );
      if (failures.some((failure) => UNANSWERED.has(codeOf(failure))))
        throw new Error(`${hostname} was not resolved within ${limitMs} ms`);
      throw failures.find((failure) => !NOTHING_THERE.has(codeOf(failure))) ?? failures[0];
    } finally {
      clearTimeout(timer);
    }
  }
  if (!hostsFile) return askDns;
  return async (hostname) => {
    if (isLocalName(hostname)) return askMachine(hostname);
    return askDns(hostname).catch((error: unknown) => {
      if (NOTHING_THERE.has(codeOf(error))) return askMachine(hostname);
      throw error;
    });
  };
}

const UNANSWERED: ReadonlySet<unknown> = new Set(['ECANCELLED', 'ETIMEOUT']);
const NOTHING_THERE: ReadonlySet<unknown> = new Set(['ENODATA', 'ENOTFOUND']);

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null;
}

/** By getaddrinfo: the hosts file, then DNS. */
async function askMachine(hostname: string): Promise<readonly string[]> {
  const found = await lookup(hostname, { all: true, order: 'ipv4first' });
  return found.map(({ address }) => address);
}
