import type pg from 'pg';

/** How long a reader waits for writers that have an id and no commit yet; one of ours takes a few ms. */
const PATIENCE = '2 seconds';

/**
 * Up to which transaction the ledger is settled: a reader that stops there never misses one that
 * commits later (schema: settled_transaction_id). Read in a statement after this one.
 */
export async function settledUpTo(database: Pick<pg.Pool, 'query'>): Promise<bigint> {
  const { rows } = await database.query<{ settled: bigint }>({
    name: 'settled_transaction_id',
    text: 'select settled_transaction_id($1::interval) as settled',
    values: [PATIENCE],
  });
  const [row] = rows;
  if (row === undefined) throw new Error('settled_transaction_id answered nothing');
  return row.settled;
}
