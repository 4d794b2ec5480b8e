import { hash } from 'node:crypto';
import type pg from 'pg';
import { HASH_BYTES } from '../ledger/merkle.ts';
import { Problems, type Problem } from '../ledger/problems.ts';
import { NOTHING_PUBLISHED, openPublished, type PublishedSeals } from '../ledger/published.ts';
import { openSnapshot } from '../ledger/snapshot.ts';

/** What the vault's audit log is, by its rows. */
export interface AuditVerdict {
  readonly problems: readonly Problem[];
  readonly problemCount: number;
  /** The first seal that is not what it claims to be, or whose rows are not; null = all are whole. */
  readonly firstBroken: number | null;
  readonly rows: bigint;
  readonly seals: number;
  /** Of the newest seal, in hexadecimal. */
  readonly head: string | null;
  /** Number of the newest seal that was published. */
  readonly published: number | null;
  /** Rows after the newest seal: they are covered with the next. */
  readonly unsealed: bigint;
}

export interface AuditVerification {
  /** Of the vault's database, of a role that may read the log: its owner. */
  readonly url: string;
  /** The file of published heads; null = the chain is only held against itself. */
  readonly headFile: string | null;
}

const LEAF = Buffer.from([0x00]);
const ROOT = Buffer.from([0x01]);
const SEAL = Buffer.from([0x02]);
const NO_SEAL = Buffer.alloc(HASH_BYTES);
const sha256 = (...parts: readonly Uint8Array[]): Buffer => hash('sha256', Buffer.concat(parts), 'buffer');

/**
 * Recomputes the chain over the audit log from its rows, in one snapshot and changing nothing: every
 * sealed row is there as it was sealed, none was put in behind, and no seal differs from what was published.
 */
export async function verifyAudit({ url, headFile }: AuditVerification): Promise<AuditVerdict> {
  const problems = new Problems();
  // Before the snapshot: what was published then is in it.
  const published = headFile === null ? NOTHING_PUBLISHED : await openPublished(headFile);
  const snapshot = await openSnapshot(url, 1);
  try {
    const { first: client } = snapshot;
    await client.query("set local timezone = 'UTC'");
    const chain = await followChain(client, published, problems);
    const rest = await verifyRest(client, problems);
    return {
      problems: problems.list(),
      problemCount: problems.count,
      ...chain,
      ...rest,
      published: published.newest(),
    };
  } finally {
    await snapshot.close();
  }
}

interface SealRow {
  readonly number: bigint;
  readonly previous: Buffer | null;
  readonly rows: number;
  readonly root: Buffer;
  readonly seal: Buffer;
  /** The text of what is hashed, but for the seal before. */
  readonly content: string;
}

async function followChain(client: pg.ClientBase, published: PublishedSeals, problems: Problems) {
  let last: SealRow | null = null;
  let seals = 0;
  let firstBroken: number | null = null;
  for (;;) {
    const row: SealRow | null = await sealAfter(client, last?.number ?? 0n);
    if (row === null) break;
    const before = problems.count;
    verifySeal(row, last, problems);
    await verifyRows(client, row, problems);
    await published.compare(Number(row.number), row.seal.toString('hex'), problems);
    if (problems.count > before) firstBroken ??= Number(row.number);
    last = row;
    seals += 1;
  }
  const before = problems.count;
  await published.finish(Number(last?.number ?? 0n), problems);
  // What was cut off at the end breaks after the last one that is there.
  if (problems.count > before) firstBroken ??= Number(last?.number ?? 0n) + 1;
  return { seals, head: last?.seal.toString('hex') ?? null, firstBroken };
}

async function sealAfter(client: pg.ClientBase, number: bigint): Promise<SealRow | null> {
  const { rows } = await client.query<SealRow>(
    `select s.number, s.previous, s.rows, s.root, s.seal,
            row(s.number, s.rows, s.last_xact, s.last_id, encode(s.root, 'hex'), extract(epoch from s.sealed_at), s.format)::text as content
     from vault.audit_seals s where s.number > $1 order by s.number limit 1`,
    [number],
  );
  return rows[0] ?? null;
}

function verifySeal(row: SealRow, last: SealRow | null, problems: Problems): void {
  const expected = (last?.number ?? 0n) + 1n;
  if (row.number !== expected)
    problems.add('seal_chain', `seal ${expected} is missing: the next that is there is ${row.number}`);
  else if (!(row.previous ?? NO_SEAL).equals(last?.seal ?? NO_SEAL))
    problems.add(
      'seal_chain',
      `seal ${row.number} does not follow seal ${row.number - 1n}: it is over another one`,
    );
  if (!sha256(SEAL, row.previous ?? NO_SEAL, Buffer.from(row.content)).equals(row.seal))
    problems.add(
      'seal_chain',
      `seal ${row.number} is not the hash of its content ${row.content}: one of them was changed`,
    );
}

interface SealedRow {
  readonly audit_id: bigint;
  readonly leaf: Buffer;
  /** The row as it is hashed; null when it is gone. */
  readonly content: string | null;
}

/** The rows of a seal: as many as it says, each as it was, and its root over their hashes. */
async function verifyRows(client: pg.ClientBase, seal: SealRow, problems: Problems): Promise<void> {
  const { rows } = await client.query<SealedRow>(
    `select s.audit_id, s.leaf, jsonb_strip_nulls(to_jsonb(a))::text as content
     from vault.audit_sealed s left join vault.audit_log a on a.id = s.audit_id
     where s.seal_number = $1 order by s.position`,
    [seal.number],
  );
  if (rows.length !== seal.rows)
    problems.add(
      'sealed_list',
      `seal ${seal.number} is over ${seal.rows} rows of the audit log, vault.audit_sealed lists ${rows.length}`,
    );
  else if (!sha256(ROOT, ...rows.map(({ leaf }) => leaf)).equals(seal.root))
    problems.add(
      'seal_root',
      `seal ${seal.number}: its root is not that of the ${rows.length} rows listed for it`,
    );
  for (const { audit_id: id, leaf, content } of rows) {
    if (content === null)
      problems.add('audit_row_gone', `row ${id} of the audit log is in seal ${seal.number} and is gone`);
    else if (!sha256(LEAF, Buffer.from(content)).equals(leaf))
      problems.add('audit_row_changed', `row ${id} of the audit log is not what seal ${seal.number} is over`);
  }
}

/** What is in no seal: before the newest one's bound somebody put it in, after it it is the tail. */
async function verifyRest(client: pg.ClientBase, problems: Problems) {
  const { rows } = await client.query<{ id: bigint }>(
    `select a.id from vault.audit_log a
     where (a.xact, a.id) <= (select last_xact, last_id from vault.audit_seals order by number desc limit 1)
       and not exists (select from vault.audit_sealed s where s.audit_id = a.id)
     order by a.id limit 21`,
  );
  for (const { id } of rows)
    problems.add(
      'audit_row_put_in',
      `row ${id} of the audit log was put in later: everything up to it had been sealed without it`,
    );
  const counted = await client.query<{ rows: bigint; unsealed: bigint }>(
    `select count(*) as rows, count(*) filter (where h.last_xact is null or (a.xact, a.id) > (h.last_xact, h.last_id)) as unsealed
     from vault.audit_log a left join (select last_xact, last_id from vault.audit_seals order by number desc limit 1) h on true`,
  );
  const [{ rows: all, unsealed } = { rows: 0n, unsealed: 0n }] = counted.rows;
  return { rows: all, unsealed };
}
