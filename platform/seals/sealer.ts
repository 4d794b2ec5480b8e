import type { Logger } from '../logger.ts';

/** A seal of a chain; the newest one stands for everything that was sealed. */
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

/** A chain of seals in a database: that of the ledger, or that of the vault's audit log. */
export interface SealChain {
  /** Begins the name of its log line. */
  readonly name: string;
  /** What to run when it is not the one that was published. */
  readonly verifyWith: string;
  /** Seals the next batch, at most so many; answers how many, null when nothing was to be sealed. */
  seal(atMost: number): Promise<number | null>;
  /** The newest seal, and whether the published one is in the chain; null when there is no seal. */
  head(published: SealHead | null): Promise<{ readonly newest: SealHead; readonly kept: boolean } | null>;
}

export interface ChainSealerOptions {
  readonly chain: SealChain;
  readonly publisher: HeadPublisher;
  readonly logger: Logger;
  /** Things of one seal at most. */
  readonly batch: number;
}

/** What one turn of a sealer did. */
interface Turn {
  readonly seals: number;
  /** Things in them. */
  readonly sealed: number;
}

/** What a query selects of a seal; for {@link SealChain.head}. */
export const HEAD_COLUMNS = `number::integer as number, encode(seal, 'hex') as seal, to_char(sealed_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as sealed_at`;

/**
 * One turn: seals what was committed since the last one and publishes the newest head. Several sealers
 * at once do no harm: the database lets one at a time seal, and a head may be published twice. What was
 * sealed and not published, because the process died, the next turn publishes.
 * Rejects when the database does not answer, when the head cannot be kept, and when the chain in the
 * database is not the one that was published: then nothing more is published, so that the proof stays.
 */
export function createChainSealer({ chain, publisher, logger, batch }: ChainSealerOptions) {
  /** The newest seal of the database, if it continues what was published and is not published yet. */
  async function head(): Promise<SealHead | null> {
    const published = await publisher.newest();
    const found = await chain.head(published);
    if (found?.kept === false || (found === null && published !== null))
      throw new Error(
        `seal ${published?.number ?? 0} was published as ${published?.seal ?? ''} and is not in the database: run ${chain.verifyWith}, and do not remove the published file`,
      );
    return found === null || found.newest.number === published?.number ? null : found.newest;
  }

  return async (signal: AbortSignal): Promise<Turn> => {
    let seals = 0;
    let sealed = 0;
    for (let full = true; full && !signal.aborted;) {
      const count = await chain.seal(batch);
      if (count !== null) seals += 1;
      sealed += count ?? 0;
      full = count === batch;
    }
    const newest = await head();
    if (newest !== null) {
      await publisher.publish(newest);
      logger.debug(`${chain.name}_sealed`, { number: newest.number, seals, sealed });
    }
    return { seals, sealed };
  };
}
