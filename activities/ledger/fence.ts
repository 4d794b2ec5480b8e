import type pg from 'pg';
import type { AttemptId, MerchantId } from '../../workflows/domain/ids.ts';
import { OUTCOME_CLASSES, type OutcomeClass } from '../../workflows/domain/outcome.ts';
import type { AttemptState } from '../../workflows/domain/payment.ts';

interface Known {
  readonly outcome: OutcomeClass;
  readonly reason: string;
  /** False = it never was sent and never will be; true = it was, or may have been. */
  readonly sent: boolean;
  /** Its answer is recorded. */
  readonly answered?: true;
}

/**
 * What is known of an attempt whose call was lost. If it was never begun it is fenced, which proves
 * that nothing was or will be sent; if it was answered after all, the answer counts; else it may
 * have been executed.
 */
export async function fenceAttempt(pool: pg.Pool, merchant: MerchantId, attempt: AttemptId): Promise<Known> {
  // In one snapshot the function cannot see what a sender commits meanwhile: read again after it.
  await pool.query('select fence_attempt($1, $2)', [merchant, attempt]);
  const { rows } = await pool.query<{ state: AttemptState; outcome: string | null }>(
    'select state, outcome from attempts where merchant_id = $1 and id = $2',
    [merchant, attempt],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`attempt ${attempt} of ${merchant} does not exist`);
  switch (row.state) {
    case 'fenced':
      return { outcome: 'retryable', reason: 'never begun: fenced', sent: false };
    case 'answered':
      return {
        outcome: OUTCOME_CLASSES.find((one) => one === row.outcome) ?? 'ambiguous',
        reason: 'answered; its worker was lost',
        sent: true,
        answered: true,
      };
    case 'planned':
    case 'sending':
    case 'reversing':
    case 'reversed':
      return { outcome: 'ambiguous', reason: `its worker was lost while it was ${row.state}`, sent: true };
  }
}
