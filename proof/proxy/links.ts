import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../temporal-dev/ports.ts';
import { PORT_NAMES, type PortName } from '../../temporal-dev/settings.ts';
import { startTcpProxy, type TcpProxy, type Weather } from './tcp-proxy.ts';

/** Who calls whom, and on which port that one listens. */
export const LINKS = {
  'api>postgres': 'postgresPort',
  'api>temporal': 'temporalPort',
  'api>vault': 'vaultPort',
  'payments>postgres': 'postgresPort',
  'payments>redis': 'redisPort',
  'payments>temporal': 'temporalPort',
  'payments>vault': 'vaultPort',
  'acquirers>postgres': 'postgresPort',
  'acquirers>temporal': 'temporalPort',
  'acquirers>vault': 'vaultPort',
  'acquirers>acquirer-1': 'acquirerWirePort',
  'acquirers>acquirer-3': 'stripePort',
  'acquirers>acquirer-4': 'adyenPort',
  'webhooks>postgres': 'postgresPort',
  'webhooks>temporal': 'temporalPort',
  'back-office>postgres': 'postgresPort',
  'back-office>temporal': 'temporalPort',
  'vault>postgres': 'postgresPort',
  'vault>kms': 'kmsPort',
  'acquirer-3>api': 'apiPort',
  'acquirer-4>api': 'apiPort',
} as const satisfies Record<string, PortName>;

export type Link = keyof typeof LINKS;
export const LINK_NAMES = Object.keys(LINKS) as [Link, ...Link[]];

export interface Links {
  /** For startStack: its processes go through the proxies. */
  readonly env: Readonly<Record<string, string>>;
  set(link: Link, weather: Weather): void;
  clear(): void;
  close(): Promise<void>;
}

/** Puts a proxy on every link of the stack that will be started in `dir` with `ports: 'free'`. */
export async function openLinks(dir: string): Promise<Links> {
  const ports = new Map<PortName, number>();
  for (const name of PORT_NAMES) ports.set(name, await freePort(new Set(ports.values())));
  // The stack keeps the ports that it finds chosen.
  await writeFile(join(dir, 'ports.json'), JSON.stringify(Object.fromEntries(ports)));
  const proxies = new Map<Link, TcpProxy>();
  for (const link of LINK_NAMES) proxies.set(link, await startTcpProxy(ports.get(LINKS[link]) ?? 0));
  const via = Object.fromEntries([...proxies].map(([link, { port }]) => [link, port]));
  return {
    env: { QUITTANCE_STACK_VIA: JSON.stringify(via) },
    set: (link, weather) => proxies.get(link)?.set(weather),
    clear() {
      for (const proxy of proxies.values()) proxy.set({ kind: 'fair' });
    },
    async close() {
      await Promise.all([...proxies.values()].map((proxy) => proxy.close()));
    },
  };
}
