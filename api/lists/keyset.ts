import type { Instant } from '../instant.ts';
import { idFloor } from './id-floor.ts';

/** A range of a filter: `created[gte]=…`. */
export interface Range<T> {
  readonly gt?: T | undefined;
  readonly gte?: T | undefined;
  readonly lt?: T | undefined;
  readonly lte?: T | undefined;
}

const OPERATORS = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const satisfies Record<
  keyof Range<unknown>,
  string
>;

/** How far the clock that made an id may be from the one that wrote `created_at` (ms). */
const CLOCKS_APART_MS = 24 * 3_600_000;

export interface Cursor {
  readonly limit: number;
  readonly starting_after?: string | undefined;
  readonly ending_before?: string | undefined;
}

export interface SqlQuery {
  readonly text: string;
  readonly values: unknown[];
}

/**
 * A page of a list, newest first, by the ids of its rows. Only what is asked for stands in the
 * statement, which is planned anew with its values: what is rare decides which index is good.
 */
export class KeysetQuery {
  readonly values: unknown[] = [];
  readonly #where: string[] = [];
  readonly #id: string;

  /** @param id column of the id. */
  constructor(id: string) {
    this.#id = id;
  }

  /** A value's place in the statement. */
  put(value: unknown): string {
    return `$${this.values.push(value)}`;
  }

  where(condition: string): void {
    this.#where.push(condition);
  }

  equal(column: string, value: unknown): void {
    if (value !== undefined) this.where(`${column} = ${this.put(value)}`);
  }

  between(column: string, cast: 'bigint' | 'timestamptz', range: Range<unknown> | undefined): void {
    for (const [name, operator] of Object.entries(OPERATORS)) {
      const value = range?.[name as keyof Range<unknown>];
      if (value !== undefined) this.where(`${column} ${operator} ${this.put(value)}::${cast}`);
    }
  }

  /** By time, and by where ids of that time lie, so that an index on the id serves it. */
  created(column: string, prefix: string, range: Range<Instant> | undefined): void {
    this.between(column, 'timestamptz', range);
    const from = range?.gte ?? range?.gt;
    const to = range?.lte ?? range?.lt;
    if (from !== undefined)
      this.where(`${this.#id} >= ${this.put(idFloor(prefix, Date.parse(from) - CLOCKS_APART_MS))}`);
    if (to !== undefined)
      this.where(`${this.#id} < ${this.put(idFloor(prefix, Date.parse(to) + CLOCKS_APART_MS))}`);
  }

  /** One more than the limit, newest first; see pageOf. */
  page(
    select: string,
    from: string,
    { limit, starting_after: after, ending_before: before }: Cursor,
  ): SqlQuery {
    if (after !== undefined) this.where(`${this.#id} < ${this.put(after)}`);
    if (before !== undefined) this.where(`${this.#id} > ${this.put(before)}`);
    const order = before === undefined ? 'desc' : 'asc';
    const inner = `select ${select}, ${this.#id} as cursor_id from ${from} where ${this.#where.join(' and ')}
      order by ${this.#id} ${order} limit ${this.put(limit + 1)}`;
    return { text: `select * from (${inner}) page order by cursor_id desc`, values: this.values };
  }
}
