import type { MerchantId } from '../workflows/domain/ids.ts';
import type { PublicDigits } from './card-facts.ts';

export interface CellOptions {
  /**
   * Different numbers of one merchant that may share their first digits and last four (a cell) within an
   * hour. A cell of a 16-digit card has 1,000 numbers that pass the Luhn check, and the fingerprint says
   * which of them it is: whoever may stage them all has the number without ever detokenizing it. Of the
   * 10,000 cells behind one BIN, 1,000 customers an hour meet a sixth in one hour of some 80,000.
   */
  readonly cards: number;
  readonly windowMs: number;
}

/** One more card: `fine`, the one that made too many (`raised`), or of a cell that is locked (`locked`). */
export interface Seen {
  readonly level: 'fine' | 'raised' | 'locked';
  /** Until new numbers of the cell are taken again (ms). */
  readonly leftMs: number;
}

interface Cell {
  readonly since: number;
  readonly known: Set<string>;
}
interface Lock {
  readonly until: number;
  /** Who was seen before goes on: their fingerprint says nothing new. */
  readonly known: ReadonlySet<string>;
}

/** What was seen longest ago is forgotten first; some 25 MB. */
const CELLS_HELD = 100_000;
/** Enough of a fingerprint to tell a cell's thousand apart. */
const FINGERPRINT_KEPT = 16;

/** Counts the different cards of each cell of each merchant. @param now monotonic, ms. */
export function createCellWatch({ cards, windowMs }: CellOptions, now: () => number) {
  const cells = new Map<string, Cell>();
  const locks = new Map<string, Lock>();

  function keep<Value>(map: Map<string, Value>, key: string, value: Value): void {
    map.delete(key);
    map.set(key, value);
    for (const oldest of map.keys()) {
      if (map.size <= CELLS_HELD) break;
      map.delete(oldest);
    }
  }

  return {
    saw(
      merchant: MerchantId,
      mode: 'test' | 'live',
      { bin, lastFour }: Pick<PublicDigits, 'bin' | 'lastFour'>,
      fingerprint: string,
    ): Seen {
      // What test keys try may not lock a card that pays.
      const key = `${merchant} ${mode} ${bin} ${lastFour}`;
      const print = fingerprint.slice(0, FINGERPRINT_KEPT);
      const at = now();
      const lock = locks.get(key);
      if (lock !== undefined) {
        const leftMs = lock.until - at;
        if (leftMs > 0)
          return lock.known.has(print) ? { level: 'fine', leftMs: 0 } : { level: 'locked', leftMs };
        locks.delete(key);
      }
      const held = cells.get(key);
      const cell =
        held !== undefined && at - held.since < windowMs ? held : { since: at, known: new Set<string>() };
      if (!cell.known.has(print) && cell.known.size >= cards) {
        cells.delete(key);
        keep(locks, key, { until: at + windowMs, known: cell.known });
        return { level: 'raised', leftMs: windowMs };
      }
      cell.known.add(print);
      keep(cells, key, cell);
      return { level: 'fine', leftMs: 0 };
    },
  };
}
