import type pg from 'pg';
import type { Logger } from '../../platform/logger.ts';

export interface EscalationOptions {
  readonly pool: Pick<pg.Pool, 'query'>;
  readonly logger: Logger;
  /** Marked in one statement. */
  readonly page: number;
}

interface Overdue {
  readonly id: string;
  readonly kind: string;
  readonly payment_id: string;
  readonly due_at: Date;
  readonly assignee: string | null;
}

/**
 * One turn over what waits for a person: what was still open when it was due (case_terms) is marked as
 * escalated, once, and logged. The desk shows it, `cases_overdue` counts it. Answers how many it marked.
 * Rejects when the database does not answer; the next turn begins again.
 */
export function createEscalation({ pool, logger, page }: EscalationOptions): () => Promise<number> {
  return async () => {
    let marked = 0;
    for (;;) {
      const { rows } = await pool.query<Overdue>('select * from escalate_overdue($1)', [page]);
      for (const { id, kind, payment_id: payment, due_at: due, assignee } of rows)
        logger.warn('case_escalated', {
          case: id,
          kind,
          payment_id: payment,
          due_at: due.toISOString(),
          assignee,
        });
      marked += rows.length;
      if (rows.length < page) return marked;
    }
  };
}
