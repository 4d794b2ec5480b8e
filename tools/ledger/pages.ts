import type pg from 'pg';
import { CopiedRow } from './copied-row.ts';
import { copyOut, type CopiedRows, type CopyMemory } from './copy-out.ts';
import {
  HEADER_COLUMNS,
  HEADER_FIELDS,
  POSTING_COLUMNS,
  SEALED_COLUMNS,
  type PageRows,
} from './scan-page.ts';
import type { TransactionKey, TransactionTables } from './suspects.ts';

/** Transactions read at once. */
export const PAGE = 4_096;
/** Enough for most pages; grown where it is not. */
const FIRST_MEMORY_BYTES = 4 * 1024 * 1024;

/** Some transactions that follow each other in the order of their keys, with all that belongs to them. */
export interface Page {
  /** The last key of the page before. */
  readonly after: TransactionKey;
  /** The last key of this page; null when there is none after it. */
  readonly upTo: TransactionKey | null;
  /** Good until the next page is asked for; null when it is too much to be kept in memory. */
  readonly rows: PageRows | null;
}

/**
 * Reads a partition page by page, in the order of the primary keys. The server sends the page after while
 * one is looked at; what else is asked on that connection is answered after it.
 * @param transactions of one page.
 */
export async function* readPages(
  client: pg.ClientBase,
  tables: TransactionTables,
  transactions = PAGE,
): AsyncGenerator<Page> {
  const reader = new PageReader(client, tables, transactions);
  let reading: Promise<ReadPage> | null = reader.first();
  while (reading !== null) {
    const { page, next }: ReadPage = await reading;
    reading = next === null ? null : reader.read(next.headers, next.after);
    yield page;
  }
}

interface ReadPage {
  readonly page: Page;
  /** What the page after it begins with; null when there is none. */
  readonly next: { readonly headers: CopiedRows; readonly after: TransactionKey } | null;
}

class PageReader {
  readonly #client: pg.ClientBase;
  readonly #tables: TransactionTables;
  readonly #transactions: number;
  /** Of the page that is looked at, the answer that its headers came with, and the one under way. */
  readonly #memories: CopyMemory[];

  constructor(client: pg.ClientBase, tables: TransactionTables, transactions: number) {
    this.#client = client;
    this.#tables = tables;
    this.#transactions = transactions;
    this.#memories = [1, 2, 3].map(() => ({ bytes: Buffer.allocUnsafeSlow(FIRST_MEMORY_BYTES) }));
  }

  async first(): Promise<ReadPage> {
    const after = { merchant_id: '', id: 0n };
    return this.read(await this.#headersAfter(after), after);
  }

  /** Reads what belongs to those headers, and the headers after them. */
  async read(headers: CopiedRows, after: TransactionKey): Promise<ReadPage> {
    const upTo = endOf(headers, this.#transactions);
    const { ledger_sealed, ledger_postings } = this.#tables;
    const answers = await this.#copy([
      `select ${SEALED_COLUMNS} from ${ledger_sealed} where ${this.#within('transaction_id', after, upTo)} order by merchant_id, transaction_id`,
      `select ${POSTING_COLUMNS} from ${ledger_postings} where ${this.#within('transaction_id', after, upTo)} order by merchant_id, transaction_id, line`,
      ...(upTo === null ? [] : [this.#headersQuery(upTo)]),
    ]);
    const [sealed, postings, further] = answers ?? [];
    const rows = sealed === undefined || postings === undefined ? null : { headers, sealed, postings };
    const next = upTo === null ? null : { headers: further ?? (await this.#headersAfter(upTo)), after: upTo };
    return { page: { after, upTo, rows }, next };
  }

  async #headersAfter(after: TransactionKey): Promise<CopiedRows> {
    const [headers] = (await this.#copy([this.#headersQuery(after)])) ?? [];
    if (headers === undefined)
      throw new Error(
        `the ${this.#transactions} ledger transactions after ${after.id} of ${after.merchant_id || 'none'} are too much for memory: is a text in ${this.#tables.ledger_transactions} longer than any that Quittance writes?`,
      );
    return headers;
  }

  #headersQuery(after: TransactionKey): string {
    return `select ${HEADER_COLUMNS} from ${this.#tables.ledger_transactions} where ${this.#within('id', after, null)} order by merchant_id, id limit ${this.#transactions}`;
  }

  #within(id: string, after: TransactionKey, upTo: TransactionKey | null): string {
    const key = (one: TransactionKey): string =>
      `(${this.#client.escapeLiteral(one.merchant_id)}, ${one.id}::bigint)`;
    return `(merchant_id, ${id}) > ${key(after)}${upTo === null ? '' : ` and (merchant_id, ${id}) <= ${key(upTo)}`}`;
  }

  #copy(queries: readonly string[]): Promise<readonly CopiedRows[] | null> {
    const memory = this.#memories.shift();
    if (memory === undefined) throw new Error('no memory is left for an answer');
    this.#memories.push(memory);
    return copyOut(this.#client, queries, memory);
  }
}

/** The key of the last header; null when there are fewer than a page can have. */
function endOf(headers: CopiedRows, transactions: number): TransactionKey | null {
  const header = new CopiedRow(headers, HEADER_FIELDS);
  let count = 0;
  while (header.next()) count += 1;
  if (count < transactions) return null;
  const id = header.after(header.after(header.at));
  return { merchant_id: header.textAt(header.at), id: header.view.getBigInt64(id + 4) };
}
