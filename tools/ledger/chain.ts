import { hash } from 'node:crypto';
import type pg from 'pg';
import type { PublishedSeals } from './published.ts';
import { HASH_BYTES, merkleRoot } from './merkle.ts';
import type { Problems } from './problems.ts';

/** Seals read at once; a seal brings 32 bytes for each of its transactions. */
const SEALS_PER_PAGE = 16;
const SEAL_PREFIX = Buffer.from([0x02]);
const NO_SEAL = Buffer.alloc(HASH_BYTES);

interface SealRow {
  number: bigint;
  previous: Buffer | null;
  transactions: number;
  root: Buffer;
  seal: Buffer;
  /** The text of what is hashed, but for the seal before. */
  content: string;
  /** What ledger_sealed lists for it, in order; null when nothing. */
  leaves: Buffer | null;
}

/** What the seals say of themselves. */
export interface Chain {
  readonly seals: number;
  /** Transactions of all seals together. */
  readonly sealed: bigint;
  /** Of the newest seal, in hexadecimal. */
  readonly head: string | null;
}

/**
 * Goes along the chain from its beginning: every seal is the hash of the one before and of its own
 * content, its root is that of the transactions' hashes, and it is the one that was published.
 */
export async function verifyChain(
  client: pg.ClientBase,
  published: PublishedSeals,
  problems: Problems,
): Promise<Chain> {
  let last: SealRow | null = null;
  let seals = 0;
  let sealed = 0n;
  for (;;) {
    const page: readonly SealRow[] = await sealsAfter(client, last?.number ?? 0n);
    for (const row of page) {
      verifySeal(row, last, problems);
      await published.compare(Number(row.number), row.seal.toString('hex'), problems);
      last = row;
      seals += 1;
      sealed += BigInt(row.transactions);
    }
    if (page.length < SEALS_PER_PAGE) break;
  }
  await published.finish(Number(last?.number ?? 0n), problems);
  return { seals, sealed, head: last?.seal.toString('hex') ?? null };
}

/** What a seal says; from format 2 on, its format as well. */
const CONTENT =
  "s.number, s.transactions, s.postings, s.last_xact, s.last_merchant_id, s.last_transaction_id, encode(s.root, 'hex'), extract(epoch from s.sealed_at)";

async function sealsAfter(client: pg.ClientBase, number: bigint): Promise<readonly SealRow[]> {
  const { rows } = await client.query<SealRow>(
    `select s.number, s.previous, s.transactions, s.root, s.seal, m.leaves,
            case s.format
              when 1 then row(${CONTENT})::text
              else row(${CONTENT}, s.format)::text end as content
     from public.ledger_seals s cross join lateral (
       select string_agg(leaf, ''::bytea order by position) as leaves from public.ledger_sealed where seal_number = s.number
     ) m
     where s.number > $1 order by s.number limit $2`,
    [number, SEALS_PER_PAGE],
  );
  return rows;
}

function verifySeal(row: SealRow, last: SealRow | null, problems: Problems): void {
  const expected = (last?.number ?? 0n) + 1n;
  if (row.number !== expected)
    problems.add(
      'seal_chain',
      row.number === expected + 1n
        ? `seal ${expected} is missing`
        : `seals ${expected} to ${row.number - 1n} are missing`,
    );
  else if (!(row.previous ?? NO_SEAL).equals(last?.seal ?? NO_SEAL))
    problems.add(
      'seal_chain',
      `seal ${row.number} does not follow seal ${row.number - 1n}: it is over another one`,
    );

  const seal = hash(
    'sha256',
    Buffer.concat([SEAL_PREFIX, row.previous ?? NO_SEAL, Buffer.from(row.content)]),
    'buffer',
  );
  if (!seal.equals(row.seal))
    problems.add(
      'seal_chain',
      `seal ${row.number} is not the hash of its content ${row.content}: one of them was changed`,
    );

  const listed = (row.leaves?.length ?? 0) / HASH_BYTES;
  if (row.leaves === null || listed !== row.transactions)
    problems.add(
      'sealed_list',
      `seal ${row.number} is over ${row.transactions} transactions, ledger_sealed lists ${listed}`,
    );
  else if (!merkleRoot(row.leaves).equals(row.root))
    problems.add(
      'seal_root',
      `seal ${row.number}: its root is not that of the ${row.transactions} transactions that ledger_sealed lists for it`,
    );
}
