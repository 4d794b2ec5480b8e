import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { TypeID } from 'typeid-js';

/** An id as it would have been made at that moment: a TypeID of a UUIDv7. */
export function idMadeAt(prefix: string, at: Date): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(at.getTime(), 0, 6);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return TypeID.fromUUIDBytes(prefix, bytes).toString();
}

/** The first moment of the month that many months before this one, UTC. */
export function monthsAgo(months: number): Date {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 1));
}

/** As in the names of partitions: 2026_05. */
export function monthName(month: Date): string {
  return month.toISOString().slice(0, 7).replace('-', '_');
}

/**
 * Gives every table that is cut by time partitions from that month on, as a database has that has been
 * at work since then and has archived nothing. The tables must have no rows that are older.
 */
export async function cutSince(owner: Pick<pg.Pool, 'query'>, month: Date): Promise<void> {
  const { rows } = await owner.query<{ parent: string; partition: string }>(
    `select parent, partition from time_partitions where month is null and partition <> parent || '_unordered'`,
  );
  for (const { partition } of rows) await owner.query(`drop table ${partition}`);
  await owner.query(
    `select attach_partition(parent, parent || '_before_' || $1, null, id_floor(id_prefix, $2)) from time_partitioned`,
    [monthName(month), month],
  );
  await owner.query('select keep_partitions(6)');
}
