import pg from 'pg';

/** The SQLSTATEs (PostgreSQL, appendix A) that a refusal of ours has. */
const NAMES: Readonly<Record<string, string>> = {
  '23502': 'not_null_violation',
  '23505': 'unique_violation',
  '23514': 'check_violation',
  '40001': 'serialization_failure',
  '42501': 'insufficient_privilege',
  '21000': 'cardinality_violation',
  P0002: 'no_data_found',
};

export interface Refusal {
  readonly code: string;
  /** Of a unique key it is the partition's name for it. Null where a permission or a trigger's message says why. */
  readonly constraint: string | null;
  /** With the detail, which names the row. */
  readonly message: string;
}

/**
 * What PostgreSQL refused a statement with; null when it was accepted.
 * @throws what it failed with, when that is no refusal of ours.
 */
export async function refusalOrNull(statement: Promise<unknown>): Promise<Refusal | null> {
  try {
    await statement;
    return null;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    const code = NAMES[error.code ?? ''];
    if (code === undefined) throw error;
    return { code, constraint: error.constraint ?? null, message: `${error.message} ${error.detail ?? ''}` };
  }
}

/**
 * What PostgreSQL refused a statement with.
 * @throws Error when it was accepted, or failed for a reason that is none of ours.
 */
export async function refusalOf(statement: Promise<unknown>): Promise<Refusal> {
  const refusal = await refusalOrNull(statement);
  if (refusal === null) throw new Error('the statement was accepted; it must be refused');
  return refusal;
}
