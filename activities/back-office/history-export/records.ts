import type pg from 'pg';

/** A history that is in the store. */
export interface ExportedHistory {
  readonly runId: string;
  readonly workflowId: string;
  readonly closedAt: Date;
  /** Its name in the store. */
  readonly object: string;
  /** Of the bytes in the store. */
  readonly sha256: Uint8Array;
  readonly bytes: number;
  readonly events: number;
}

/** What is known of exported histories (schema: history_exports, history_export_progress). */
export function createExportRecords(pool: Pick<pg.Pool, 'query'>) {
  return {
    /** Everything that closed before is exported (epoch ms); null = nothing was yet. */
    async through(): Promise<number | null> {
      const { rows } = await pool.query<{ through: Date | null }>(
        'select through from history_export_progress',
      );
      return rows[0]?.through?.getTime() ?? null;
    },
    /** Never back: a mark that is further already stays. */
    async advance(to: number): Promise<void> {
      await pool.query(
        'update history_export_progress set through = $1 where through is null or through < $1',
        [new Date(to)],
      );
    },
    /** Of these runs those that are exported. */
    async known(runIds: readonly string[]): Promise<ReadonlySet<string>> {
      const { rows } = await pool.query<{ run_id: string }>(
        'select run_id from history_exports where run_id = any($1)',
        [runIds],
      );
      return new Set(rows.map(({ run_id: id }) => id));
    },
    /** Once; a second one of the same run changes nothing. */
    async add(history: ExportedHistory): Promise<void> {
      const { runId, workflowId, closedAt, object, sha256, bytes, events } = history;
      await pool.query(
        `insert into history_exports (run_id, workflow_id, closed_at, object, sha256, bytes, events)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (run_id) do nothing`,
        [runId, workflowId, closedAt, object, Buffer.from(sha256), bytes, events],
      );
    },
  };
}
