import { AsyncLocalStorage } from 'node:async_hooks';
import type pg from 'pg';
import type { MerchantId } from '../workflows/domain/ids.ts';

/** How PostgreSQL's policies know for whom a session works (schema/migrations: row level security). */
const SETTING = 'quittance.merchant';

type Connected = (
  error: Error | undefined,
  client?: pg.PoolClient,
  release?: (error?: Error) => void,
) => void;

export interface Tenants {
  /** Everything that `work` asks of the pool is asked for that merchant: other rows are not there. */
  as<T>(merchant: MerchantId, work: () => Promise<T>): Promise<T>;
}

/**
 * Makes a pool work for one merchant at a time. A connection is told for whom it works before it is
 * handed out, and only when that changed: connections that go on with the same merchant cost nothing.
 * What is asked outside of `as` is asked for nobody, and sees no merchant's rows. A connection that
 * could not be told is closed.
 */
export function separateTenants(pool: pg.Pool): Tenants {
  const current = new AsyncLocalStorage<MerchantId>();
  const tenantOf = new WeakMap<pg.PoolClient, string>();
  const connect = pool.connect.bind(pool) as (done: Connected) => void;

  function connectAs(done: Connected): void {
    // Now, not when a connection is free: that happens on somebody else's turn.
    const tenant = current.getStore() ?? '';
    connect((error, client, release) => {
      if (error !== undefined || client === undefined || (tenantOf.get(client) ?? '') === tenant) {
        done(error, client, release);
        return;
      }
      tenantOf.delete(client);
      // Of the session: it outlives transactions, and is undone by none, for here none is open.
      client
        .query({ name: 'for_merchant', text: `select set_config('${SETTING}', $1, false)`, values: [tenant] })
        .then(
          () => {
            tenantOf.set(client, tenant);
            done(undefined, client, release);
          },
          (failure: unknown) => {
            const reason =
              failure instanceof Error
                ? failure
                : new Error('a session was told no merchant', { cause: failure });
            client.release(reason);
            done(reason);
          },
        );
    });
  }

  Object.assign(pool, {
    connect(done?: Connected): Promise<pg.PoolClient> | undefined {
      if (done !== undefined) {
        connectAs(done);
        return undefined;
      }
      return new Promise((resolve, reject) => {
        connectAs((error, client) => {
          if (error === undefined && client !== undefined) resolve(client);
          else reject(error ?? new Error('the pool gave no connection'));
        });
      });
    },
  });
  return { as: (merchant, work) => current.run(merchant, work) };
}
