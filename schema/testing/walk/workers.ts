import type pg from 'pg';
import { createAttemptStore, type AttemptStore } from '../../../activities/acquirers/attempts.ts';
import {
  createBlockLeases,
  createIso8583Planner,
  createNumberBlocks,
} from '../../../activities/acquirers/iso8583/index.ts';
import { createLedgerActivities } from '../../../activities/ledger/index.ts';
import { createRetries, type RetryCounts } from '../../../activities/ledger/retries.ts';
import { createTableRates } from '../../../activities/ledger/table-rates.ts';
import { createPool } from '../../../platform/database.ts';
import type { Logger } from '../../../platform/logger.ts';
import type { LedgerActivities } from '../../../workflows/ports/ledger.ts';
import { betweenLoadAndRecord } from './driver.ts';
import { openPostgresProxy, type Cut, type PostgresProxy } from './postgres-proxy.ts';

/** What two payments workers and one of the acquirer's hold, each with its own way to PostgreSQL. */
export interface WalkWorkers {
  readonly ledgers: readonly LedgerActivities[];
  readonly store: AttemptStore;
  readonly proxies: readonly [PostgresProxy, ...PostgresProxy[]];
  readonly counts: () => {
    readonly retries: RetryCounts;
    /** Reasons of those retries, with ids left out, and how often each came. */
    readonly reasons: Readonly<Record<string, number>>;
    readonly cuts: Readonly<Record<Cut, number>>;
  };
  close(): Promise<void>;
}

/** How long an authorization of the walk lasts (ms): clocks are put forward by more. */
const AUTHORIZATION_VALIDITY_MS = 2_000_000;

/** @param url of the application's role. */
export async function openWorkers(url: string): Promise<WalkWorkers> {
  const reasons: Record<string, number> = {};
  const logger = countingLogger(reasons);
  const retries = createRetries(logger);
  const proxies = [
    await openPostgresProxy(url),
    await openPostgresProxy(url),
    await openPostgresProxy(url),
  ] as const;
  const [one, other, sending] = proxies.map((proxy) =>
    createPool({ url: proxy.url, poolSize: 6, statementTimeoutMs: 10_000, role: 'walk' }, logger),
  ) as [pg.Pool, pg.Pool, pg.Pool];
  return {
    ledgers: [one, other].map((pool) => {
      const planner = createIso8583Planner({ blocks: createNumberBlocks(createBlockLeases(pool)) });
      return createLedgerActivities({
        pool,
        planners: {
          iso8583: {
            capabilities: planner.capabilities,
            planVerification: planner.planVerification,
            plan: async (request) => {
              await betweenLoadAndRecord.getStore()?.();
              return planner.plan(request);
            },
          },
        },
        rates: createTableRates(pool),
        authorizationValidityMs: AUTHORIZATION_VALIDITY_MS,
        retries,
        onConcluded: () => undefined,
      });
    }),
    store: createAttemptStore(sending),
    proxies,
    counts: () => ({ retries: retries.counts(), reasons, cuts: addUp(proxies.map(({ cuts }) => cuts)) }),
    async close() {
      await Promise.all([one, other, sending].map((pool) => pool.end()));
      await Promise.all(proxies.map((proxy) => proxy.close()));
    },
  };
}

function addUp<Name extends string>(counts: readonly Readonly<Record<Name, number>>[]): Record<Name, number> {
  const sum: Partial<Record<Name, number>> = {};
  for (const one of counts)
    for (const [name, count] of Object.entries<number>(one) as [Name, number][])
      sum[name] = (sum[name] ?? 0) + count;
  return sum as Record<Name, number>;
}

/** Keeps why steps were repeated, and nothing else. */
function countingLogger(reasons: Record<string, number>): Logger {
  const ignore = (): void => undefined;
  return {
    error: ignore,
    info: ignore,
    debug: ignore,
    warn(event, fields = {}) {
      if (event !== 'step_repeated') return;
      const reason = String(fields['reason']).replace(/\b[a-z]+_[0-9a-z_]{20,}/g, '…');
      reasons[reason] = (reasons[reason] ?? 0) + 1;
    },
  };
}
