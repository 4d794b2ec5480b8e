/** One page, as the API answers it. */
export interface Page<Item> {
  readonly object: 'list';
  readonly data: readonly Item[];
  readonly has_more: boolean;
}

/** Where a list goes on. */
export interface Cursor {
  readonly limit?: number | undefined;
  readonly starting_after?: string | undefined;
  readonly ending_before?: string | undefined;
}

/**
 * A list that is read page by page while it is iterated: newest first; with `ending_before` from that
 * one on to the newer ones.
 */
export class List<Item extends { readonly id: string }> implements AsyncIterable<Item> {
  readonly #read: (cursor: Cursor) => Promise<Page<Item>>;
  readonly #from: Cursor;

  constructor(from: Cursor, read: (cursor: Cursor) => Promise<Page<Item>>) {
    this.#from = from;
    this.#read = read;
  }

  /** The first page alone. */
  page(): Promise<Page<Item>> {
    return this.#read(this.#from);
  }

  /** At most so many, from as many pages as it takes. */
  async take(count: number): Promise<Item[]> {
    const taken: Item[] = [];
    if (count < 1) return taken;
    for await (const item of this) if (taken.push(item) >= count) break;
    return taken;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void> {
    const newer = this.#from.ending_before !== undefined;
    let cursor: Cursor = this.#from;
    for (;;) {
      const { data, has_more: more } = await this.#read(cursor);
      // A page is newest first, whichever way the list is read.
      yield* newer ? [...data].reverse() : data;
      const last = newer ? data[0] : data.at(-1);
      if (!more || last === undefined) return;
      cursor = { limit: this.#from.limit, [newer ? 'ending_before' : 'starting_after']: last.id };
    }
  }
}
