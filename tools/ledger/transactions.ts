import type pg from 'pg';
import { AccountSums } from './account-sums.ts';
import { verifyAccounts } from './accounts.ts';
import { compareBalances } from './balances.ts';
import { PAGE, readPages } from './pages.ts';
import type { Problems } from './problems.ts';
import { PageScanner } from './scan-page.ts';
import { verifyPage, type Sealed, type TransactionCounts, type TransactionTables } from './suspects.ts';

/** One partition of each of the four tables. */
export interface LedgerTables extends TransactionTables {
  readonly ledger_balances: string;
}

/** Balances compared at once. */
const BALANCES = 4_096;

/**
 * Every transaction and every account of a partition. Page by page in the order of the primary keys, so
 * that nothing is sorted and memory stays flat however large the ledger is. What is not plainly whole is
 * asked about once more in SQL, which says what is broken, or that nothing is.
 * @param pageSize transactions read at once.
 * @returns how many accounts there are.
 */
export async function verifyTransactions(
  client: pg.ClientBase,
  tables: LedgerTables,
  sealed: Sealed,
  problems: Problems,
  onPage: (counts: TransactionCounts) => void,
  pageSize = PAGE,
): Promise<bigint> {
  const sums = new AccountSums();
  const accounts = new ComparedAccounts(client, tables.ledger_balances, sums);
  const scanner = new PageScanner(sealed, sums);
  // The rows of a page come in the order of their keys.
  await client.query(
    'set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_hashagg = off',
  );
  for await (const { after, upTo, rows } of readPages(client, tables, pageSize)) {
    const scanned = rows === null ? null : scanner.scan(rows);
    if (scanned === null) sums.giveUp();
    onPage(
      scanned?.isWhole === true
        ? scanned.counts
        : await verifyPage(client, tables, after, upTo, sealed, problems),
    );
    if (sums.finished >= BALANCES) await accounts.compare();
  }
  await accounts.finish();
  await client.query(
    'set local enable_seqscan = on; set local enable_bitmapscan = on; set local enable_hashagg = on',
  );
  return accounts.areWhole ? accounts.count : verifyAccounts(client, tables, problems);
}

/** The accounts of a partition, held against their balances some merchants at a time. */
class ComparedAccounts {
  readonly #client: pg.ClientBase;
  readonly #table: string;
  readonly #sums: AccountSums;
  #upTo = '';
  #areWhole = true;
  #count = 0n;

  constructor(client: pg.ClientBase, table: string, sums: AccountSums) {
    this.#client = client;
    this.#table = table;
    this.#sums = sums;
  }

  get areWhole(): boolean {
    return this.#areWhole && this.#sums.isExact;
  }

  get count(): bigint {
    return this.#count;
  }

  /** Compares what is added up of merchants that are done. */
  async compare(): Promise<void> {
    await this.#compare(this.#sums.finishedUpTo);
  }

  /** Compares what is left. */
  async finish(): Promise<void> {
    this.#sums.finish();
    await this.#compare(null);
  }

  async #compare(upTo: string | null): Promise<void> {
    const sums = this.#sums.take();
    if (!this.areWhole) return;
    const { accounts, areWhole } = await compareBalances(this.#client, this.#table, this.#upTo, upTo, sums);
    this.#areWhole &&= areWhole;
    this.#count += accounts;
    this.#upTo = upTo ?? this.#upTo;
  }
}
