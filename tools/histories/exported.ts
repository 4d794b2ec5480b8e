import type pg from 'pg';
import { unpackHistory } from '../../platform/history-file.ts';
import type { ObjectStore } from '../../platform/object-store/object-store.ts';
import type { Run } from './history-file.ts';
import { isWhole, verifyExport, type VerifiedExport } from './verify-export.ts';

/** Histories that the back office has put away before Temporal forgets them. */
export interface ExportedHistories {
  /** The exported runs of a workflow, the first to close first. */
  runsOf(workflowId: string): AsyncGenerator<Run & { readonly runId: string }>;
  /** The checksum under which a run was exported; null when the record does not know it. */
  sha256Of(runId: string): Promise<Uint8Array | null>;
  /** Holds all of them against the record. @throws Error when nobody said where they are. */
  verify(tell?: (recorded: number) => void): Promise<VerifiedExport>;
}

/**
 * Reads them by the record of what was exported (schema: history_exports), each held against its checksum.
 * Its runs throw an Error that names an object which is not there, or is not what was written.
 */
export function createExportedHistories(
  pool: Pick<pg.Pool, 'query'>,
  store: Pick<ObjectStore, 'get' | 'list'>,
): ExportedHistories {
  return {
    async *runsOf(workflowId) {
      const { rows } = await pool.query<{ run_id: string; object: string; sha256: Buffer }>(
        'select run_id, object, sha256 from history_exports where workflow_id = $1 order by closed_at, run_id',
        [workflowId],
      );
      for (const { run_id: runId, object, sha256 } of rows) {
        const bytes = await store.get(object);
        if (bytes === null) throw new Error(`the exported history ${object} is not in the store`);
        if (!isWhole(bytes, sha256))
          throw new Error(`the exported history ${object} is not what was written: its checksum differs`);
        yield { workflowId, name: `${runId} (exported)`, runId, history: unpackHistory(bytes) };
      }
    },
    async sha256Of(runId) {
      const { rows } = await pool.query<{ sha256: Buffer }>(
        'select sha256 from history_exports where run_id = $1',
        [runId],
      );
      return rows[0]?.sha256 ?? null;
    },
    verify: (tell) => verifyExport(pool, store, tell),
  };
}

/** Where nobody knows of an export. */
export const nothingExported: ExportedHistories = {
  async *runsOf() {
    // Nothing.
  },
  sha256Of: () => Promise.resolve(null),
  verify: () =>
    Promise.reject(new Error('nobody said where histories are exported to: docs/configuration.md')),
};
