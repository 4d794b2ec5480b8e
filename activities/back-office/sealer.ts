import type pg from 'pg';
import type { Logger } from '../../platform/logger.ts';

/** A seal of the ledger; the newest one stands for everything that was sealed. */
export interface SealHead {
  /** From 1, without gaps. */
  readonly number: number;
  /** SHA-256 in hexadecimal. */
  readonly seal: string;
  /** ISO 8601. */
  readonly sealed_at: string;
}

/** Where the head of the chain is put, out of reach of whoever can write to the database. */
export interface HeadPublisher {
  /** What was published last; null when nothing was. */
  newest(): Promise<SealHead | null>;
  /** Resolves once the head is kept for good. */
  publish(head: SealHead): Promise<void>;
}

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

const HEAD_COLUMNS = `number::integer as number, encode(seal, 'hex') as seal, to_char(sealed_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as sealed_at`;

/**
 * One turn: seals what was committed since the last one (schema: seal_ledger) and publishes the newest
 * head. Several sealers at once do no harm: the database lets one at a time seal, and a head may be
 * published twice. What was sealed and not published, because the process died, the next turn publishes.
 * Rejects when the database does not answer, when the head cannot be kept, and when the chain in the
 * database is not the one that was published: then nothing more is published, so that the proof stays.
 */
export function createSealer({ pool, publisher, logger, batch }: SealerOptions) {
  /** The newest seal of the database, if it continues what was published. */
  async function head(): Promise<SealHead | null> {
    const published = await publisher.newest();
    const { rows } = await pool.query<SealHead & { readonly kept: boolean }>(
      `select ${HEAD_COLUMNS}, $1::bigint is null or exists (select from ledger_seals where number = $1 and seal = decode($2, 'hex')) as kept
       from ledger_seals order by ledger_seals.number desc limit 1`,
      [published?.number ?? null, published?.seal ?? null],
    );
    const [row] = rows;
    if (row?.kept === false || (row === undefined && published !== null))
      throw new Error(
        `seal ${published?.number ?? 0} was published as ${published?.seal ?? ''} and is not in the database: run npm run ledger:verify, and do not remove the published file`,
      );
    if (row === undefined || row.number === published?.number) return null;
    return { number: row.number, seal: row.seal, sealed_at: row.sealed_at };
  }

  return async (signal: AbortSignal): Promise<SealerTurn> => {
    let seals = 0;
    let transactions = 0;
    for (let full = true; full && !signal.aborted;) {
      const { rows } = await pool.query<{ transactions: number }>(
        'select transactions from seal_ledger($1)',
        [batch],
      );
      const sealed = rows[0]?.transactions ?? 0;
      seals += rows.length;
      transactions += sealed;
      full = sealed === batch;
    }
    const newest = await head();
    if (newest !== null) {
      await publisher.publish(newest);
      logger.debug('ledger_sealed', { number: newest.number, seals, transactions });
    }
    return { seals, transactions };
  };
}
