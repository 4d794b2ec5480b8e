import pg from 'pg';
import type { RetryRefusal } from '../../workflows/domain/retry-guard.ts';

/** What the retry guard raises (schema/functions/retry_guard.sql). */
const REFUSALS: Readonly<Record<string, RetryRefusal>> = {
  QT001: 'declined_too_often',
  QT002: 'declined_for_good',
};

/** Runs `refused` instead where the retry guard refused the plan. Other errors pass through. */
export async function guarded<T>(
  planned: Promise<T>,
  refused: (refusal: RetryRefusal) => Promise<T>,
): Promise<T> {
  try {
    return await planned;
  } catch (error) {
    const refusal = error instanceof pg.DatabaseError ? REFUSALS[error.code ?? ''] : undefined;
    if (refusal === undefined) throw error;
    return refused(refusal);
  }
}
