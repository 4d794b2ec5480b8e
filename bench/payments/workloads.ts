import { Pool } from 'undici';
import type { Floor } from '../floors/contract.ts';
import type { Group } from '../support/groups.ts';
import type { Send } from '../support/load.ts';
import type { Shop } from '../support/shop.ts';

export const WORKLOADS = {
  a: 'empty workflow',
  b: 'floor: local, regular, local',
  c: 'the payment',
  d: 'six regular activities',
  e: 'GET of a payment',
} as const;
export type WorkloadName = keyof typeof WORKLOADS;
export const WORKLOAD_NAMES = Object.keys(WORKLOADS) as WorkloadName[];

export interface Workload {
  readonly send: Send;
  /** Waits for what it set off and nobody waited for. */
  readonly quiet: () => Promise<void>;
  /** Whose processor time is counted: those that have a part in it. */
  readonly groups: readonly Group[];
  /** Workflow ids of the last ones; none where it starts no workflow. */
  readonly recent: (count: number) => readonly string[];
}

const FLOOR_GROUPS: readonly Group[] = ['api', 'payments worker', 'acquirer worker', 'Temporal'];
const DELIVERED_WITHIN_MS = 30_000;
const REMEMBERED = 1_000;

export interface Workloads {
  readonly by: Readonly<Record<WorkloadName, Workload>>;
  close(): Promise<void>;
}

/** @param every group there is, for what everything has a part in. */
export function createWorkloads(
  floorsApi: string,
  shop: Shop,
  connections: number,
  every: readonly Group[],
): Workloads {
  const pool = new Pool(floorsApi, { connections });
  const floor = (name: Floor): Workload => {
    const ids: string[] = [];
    return {
      async send() {
        const { statusCode, body } = await pool.request({
          method: 'POST',
          path: `/${name}`,
          headers: { 'content-type': 'application/json' },
          body: '{}',
        });
        const text = await body.text();
        if (statusCode !== 201) throw new Error(`/${name} was answered ${statusCode} ${text.slice(0, 300)}`);
        if (ids.push((JSON.parse(text) as { id: string }).id) > REMEMBERED) ids.shift();
      },
      quiet: async () => undefined,
      groups: FLOOR_GROUPS,
      recent: (count) => ids.slice(-count),
    };
  };
  return {
    by: {
      a: floor('empty'),
      b: floor('floor'),
      c: {
        send: shop.pay,
        quiet: () => shop.quiet(DELIVERED_WITHIN_MS),
        groups: every,
        recent: shop.recent,
      },
      d: floor('usual'),
      e: {
        send: shop.read,
        quiet: async () => undefined,
        groups: ['api', 'PostgreSQL'],
        recent: () => [],
      },
    },
    close: () => pool.close(),
  };
}
