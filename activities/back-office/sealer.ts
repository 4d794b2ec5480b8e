import type pg from 'pg';
import type { Logger } from '../../platform/logger.ts';
import {
  createChainSealer,
  HEAD_COLUMNS,
  type HeadPublisher,
  type SealChain,
  type SealHead,
} from '../../platform/seals/sealer.ts';

export interface SealerOptions {
  readonly pool: pg.Pool;
  readonly publisher: HeadPublisher;
  readonly logger: Logger;
  /** Transactions of one seal at most. */
  readonly batch: number;
}

/** What one turn of the sealer did. */
export interface SealerTurn {
  readonly seals: number;
  readonly transactions: number;
}

/** The chain of the ledger (schema: seal_ledger). */
function ledgerChain(pool: pg.Pool): SealChain {
  return {
    name: 'ledger',
    verifyWith: 'npm run ledger:verify',
    async seal(atMost) {
      const { rows } = await pool.query<{ transactions: number }>(
        'select transactions from seal_ledger($1)',
        [atMost],
      );
      return rows[0]?.transactions ?? null;
    },
    async head(published) {
      const { rows } = await pool.query<SealHead & { readonly kept: boolean }>(
        `select ${HEAD_COLUMNS}, $1::bigint is null or exists (select from ledger_seals where number = $1 and seal = decode($2, 'hex')) as kept
         from ledger_seals order by ledger_seals.number desc limit 1`,
        [published?.number ?? null, published?.seal ?? null],
      );
      const [row] = rows;
      if (row === undefined) return null;
      const { kept, ...newest } = row;
      return { newest, kept };
    },
  };
}

/** One turn of sealing the ledger; see {@link createChainSealer}. */
export function createSealer({ pool, publisher, logger, batch }: SealerOptions) {
  const turn = createChainSealer({ chain: ledgerChain(pool), publisher, logger, batch });
  return async (signal: AbortSignal): Promise<SealerTurn> => {
    const { seals, sealed } = await turn(signal);
    return { seals, transactions: sealed };
  };
}
