import type pg from 'pg';
import { waitUntil } from './wait-until.ts';

/**
 * Waits until everything committed to that table may be sealed: other databases of the server may have older
 * transactions open for a moment, and a sealer waits for them.
 */
export async function untilSealable(
  database: Pick<pg.Pool, 'query'>,
  table: 'ledger_transactions' | 'vault.audit_log' = 'ledger_transactions',
): Promise<void> {
  await waitUntil('everything committed may be sealed', 10_000, async () => {
    const { rows } = await database.query<{ may: boolean }>(
      `select coalesce(max(xact) < pg_snapshot_xmin(pg_current_snapshot()), true) as may from ${table}`,
    );
    return rows[0]?.may;
  });
}
