import type { Pool } from 'pg';
import type { NumberSource } from './plan.ts';

/** How many numbers one lease takes: at 500 the database is asked once in 500 messages of a terminal. */
const BLOCK_SIZE = 500;
/** A block that was leased longer ago is left unused (ms). */
const BLOCK_LIFETIME_MS = 10 * 60_000;
/** Field 11 counts from 000001 to 999999. */
const STAN_COUNT = 999_999n;
/** Eight digits of a retrieval reference number. */
const SERIAL_COUNT = 100_000_000n;
/** The row of number_blocks that counts reference numbers, beside the rows of the terminals. */
const REFERENCE_SERIES = '*';

/** Where blocks are leased. */
export interface BlockLeases {
  /** Takes the next `size` numbers of a series; the first of them. Never the same numbers twice. */
  lease(series: Series, size: number): Promise<bigint>;
}

interface Series {
  readonly acquirer: string;
  readonly institution: string;
  readonly terminal: string;
}

/**
 * Numbers that are used once, handed out in memory from blocks leased in the database. The counter in
 * the database only grows; a crash wastes what is left of a block, and no number is ever handed out
 * twice before the whole circle went round.
 *
 * Why a STAN may come round again: an acquirer tells messages apart by institution (32), terminal
 * (41), transmission time (7) and STAN (11). For a number to meet itself within one second, 999,999
 * messages of one terminal must pass in that second; or a block must lie unused while the circle
 * turns under it, which is why a block is dropped ten minutes after its lease (more than 1,600
 * messages a second of one terminal would be needed: add terminals long before).
 */
export function createNumberBlocks(
  leases: BlockLeases,
  monotonicMs: () => number = () => performance.now(),
): NumberSource {
  const counters = new Map<string, () => Promise<bigint>>();

  function next(series: Series): Promise<bigint> {
    const key = [series.acquirer, series.institution, series.terminal].join('|');
    let counter = counters.get(key);
    if (counter === undefined) counters.set(key, (counter = createCounter(leases, series, monotonicMs)));
    return counter();
  }

  return {
    async stan({ acquirer, institution }, terminal) {
      const number = await next({ acquirer, institution, terminal });
      return String((number % STAN_COUNT) + 1n).padStart(6, '0');
    },
    async referenceSerial({ acquirer, institution }) {
      const number = await next({ acquirer, institution, terminal: REFERENCE_SERIES });
      return String(number % SERIAL_COUNT).padStart(8, '0');
    },
  };
}

function createCounter(
  leases: BlockLeases,
  series: Series,
  monotonicMs: () => number,
): () => Promise<bigint> {
  let block: { next: bigint; readonly end: bigint; readonly until: number } | null = null;
  // One lease at a time: whoever comes meanwhile takes from the block that is on its way.
  let leasing: Promise<void> | null = null;

  async function renew(): Promise<void> {
    const until = monotonicMs() + BLOCK_LIFETIME_MS;
    const first = await leases.lease(series, BLOCK_SIZE);
    block = { next: first, end: first + BigInt(BLOCK_SIZE), until };
  }

  return async () => {
    for (;;) {
      if (block !== null && block.next < block.end && monotonicMs() < block.until) {
        const number = block.next;
        block.next += 1n;
        return number;
      }
      leasing ??= renew().finally(() => {
        leasing = null;
      });
      await leasing;
    }
  };
}

/** Leases in table `number_blocks`: one statement, so two processes can never get the same block. */
export function createBlockLeases(pool: Pick<Pool, 'query'>): BlockLeases {
  return {
    async lease({ acquirer, institution, terminal }, size) {
      const { rows } = await pool.query<{ first: bigint }>(
        `update number_blocks set next_number = next_number + $4
         where acquirer_id = $1 and institution_id = $2 and terminal_id = $3
         returning next_number - $4 as first`,
        [acquirer, institution, terminal, size],
      );
      const first = rows[0]?.first;
      if (first === undefined) {
        throw new RangeError(
          `number_blocks has no row for ${acquirer}, institution ${institution}, terminal ${terminal}: insert one for each terminal, and one with terminal ${REFERENCE_SERIES}`,
        );
      }
      return first;
    },
  };
}
