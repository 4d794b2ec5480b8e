import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPool } from '../platform/database.ts';
import { createHeadFile } from '../platform/seals/head-file.ts';
import { createChainSealer } from '../platform/seals/sealer.ts';
import { readRunFile } from '../temporal-dev/run-file.ts';
import { createDatabase, type TestDatabase } from '../temporal-dev/testing/database.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';
import { untilSealable } from '../temporal-dev/testing/until-sealable.ts';
import { auditChain } from '../vault/audit/chain.ts';
import { createVaultDatabase } from '../vault/database.ts';
import { verifyAudit } from './audit/verify.ts';
import { runTool } from './testing/run-tool.ts';

/** The promise: an honest audit log passes, and whatever somebody with all rights does to it is found and named. */

let database: TestDatabase;
let superuser: pg.Client;
let app: pg.Pool;
let folder: string;
let headFile: string;
const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

beforeAll(async () => {
  database = await createDatabase(await readRunFile(stackRunFile()), { schema: 'vault' });
  superuser = new pg.Client({ connectionString: database.superuserUrl });
  await superuser.connect();
  app = createPool(
    { url: database.apiUrl, poolSize: 4, statementTimeoutMs: 10_000, role: 'audit-test' },
    silent,
  );
  folder = await mkdtemp(join(tmpdir(), 'audit-verify-'));
  headFile = join(folder, 'audit-head.jsonl');
  await log(25);
  await seal(10);
  await log(3);
});
afterAll(async () => {
  await app.end();
  await superuser.end();
  await database.drop();
  await rm(folder, { recursive: true });
});

async function log(rows: number): Promise<void> {
  for (let n = 0; n < rows; n += 1)
    await app.query(
      `INSERT INTO vault.audit_log (caller, action, merchant, payment, token, attempt, granted, security_code)
       VALUES ('acquirers', 'detokenize', 'mer_1', 'pay_1', 'card_1', 'att_' || $1::text, true, false)`,
      [n],
    );
}

const sealer = (batch: number) =>
  createChainSealer({
    chain: auditChain(createVaultDatabase(app)),
    publisher: createHeadFile(headFile),
    logger: silent,
    batch,
  });

async function seal(batch: number) {
  await untilSealable(superuser, 'vault.audit_log');
  return sealer(batch)(new AbortController().signal);
}

const verify = () => verifyAudit({ url: database.ownerUrl, headFile });

/** Does what only a superuser can, looks, and undoes it. */
async function afterTampering(sql: string) {
  const tables = ['audit_log', 'audit_seals', 'audit_sealed'];
  await superuser.query('SET session_replication_role = replica');
  for (const table of tables) await superuser.query(`CREATE TABLE kept_${table} AS TABLE vault.${table}`);
  try {
    await superuser.query(sql);
    return await verify();
  } finally {
    for (const table of [...tables].reverse()) await superuser.query(`DELETE FROM vault.${table}`);
    for (const table of tables) {
      await superuser.query(`INSERT INTO vault.${table} OVERRIDING SYSTEM VALUE SELECT * FROM kept_${table}`);
      await superuser.query(`DROP TABLE kept_${table}`);
    }
    await superuser.query('SET session_replication_role = origin');
  }
}

describe('the audit log', () => {
  it('is sealed in batches whose head is published, and says what no seal covers yet', async () => {
    const published = (await readFile(headFile, 'utf8')).trim().split('\n');
    expect(published).toHaveLength(1);
    const head = JSON.parse(published[0] ?? '') as { number: number; seal: string };
    const verdict = await verify();
    expect(verdict).toMatchObject({
      problemCount: 0,
      firstBroken: null,
      rows: 28n,
      seals: 3,
      head: head.seal,
      published: 3,
      unsealed: 3n,
    });
  });

  it.each([
    'UPDATE vault.audit_log SET granted = false',
    'DELETE FROM vault.audit_log',
    'TRUNCATE vault.audit_log',
  ])('refuses its own role and its owner: %s', async (sql) => {
    await expect(app.query(sql)).rejects.toThrow(/permission denied/);
    const owner = new pg.Client({ connectionString: database.ownerUrl });
    await owner.connect();
    await expect(owner.query(sql)).rejects.toThrow(/append-only/);
    await owner.end();
  });

  it.each([
    'INSERT INTO vault.audit_seals SELECT * FROM vault.audit_seals',
    'DELETE FROM vault.audit_sealed',
  ])('has seals that its own role cannot write: %s', async (sql) => {
    await expect(app.query(sql)).rejects.toThrow(/permission denied/);
  });

  it.each([
    [
      'a row was changed',
      `UPDATE vault.audit_log SET attempt = 'att_another' WHERE id = 13`,
      2,
      /row 13 .* is not what seal 2 is over/,
    ],
    ['a row is gone', `DELETE FROM vault.audit_log WHERE id = 4`, 1, /row 4 .* in seal 1 and is gone/],
    [
      'a row was put in behind',
      `INSERT INTO vault.audit_log (id, caller, action, merchant, payment, token, attempt, granted, security_code, xact) OVERRIDING SYSTEM VALUE
       SELECT 999, caller, action, merchant, payment, token, 'att_put_in', granted, security_code, xact FROM vault.audit_log WHERE id = 5`,
      null,
      /row 999 .* was put in later/,
    ],
    [
      'a row and its hash were taken out',
      `DELETE FROM vault.audit_log WHERE id = 12; DELETE FROM vault.audit_sealed WHERE audit_id = 12`,
      2,
      /seal 2 is over 10 rows of the audit log, vault.audit_sealed lists 9/,
    ],
    [
      'a row was changed and its hash made to fit',
      `UPDATE vault.audit_log SET merchant = 'mer_2' WHERE id = 13;
       UPDATE vault.audit_sealed SET leaf = sha256('\\x00'::bytea || convert_to((SELECT jsonb_strip_nulls(to_jsonb(a))::text FROM vault.audit_log a WHERE id = 13), 'UTF8')) WHERE audit_id = 13`,
      2,
      /seal 2: its root is not that/,
    ],
    [
      'a seal was changed',
      `UPDATE vault.audit_seals SET last_id = last_id - 1 WHERE number = 1`,
      1,
      /seal 1 is not the hash of its content/,
    ],
    [
      'the end was cut off',
      `DELETE FROM vault.audit_sealed WHERE seal_number = 3; DELETE FROM vault.audit_seals WHERE number = 3`,
      3,
      /the end of the chain was cut off/,
    ],
  ])('that is false is found: %s', async (_what, sql, firstBroken, says) => {
    const verdict = await afterTampering(sql);
    expect(verdict.problems.map(({ text }) => text).join('\n')).toMatch(says);
    expect(verdict.firstBroken).toBe(firstBroken);
  });

  it('that was made anew from its beginning is not the one that was published', async () => {
    const before = await readFile(headFile, 'utf8');
    const head = JSON.parse(before) as object;
    await writeFile(headFile, `${JSON.stringify({ ...head, seal: 'ab'.repeat(32) })}\n`);
    const verdict = await verify();
    expect(verdict.problems.map(({ kind }) => kind)).toEqual(['published_head']);
    expect(verdict.firstBroken).toBe(3);
    // Then nothing more is published.
    await log(1);
    await expect(seal(10)).rejects.toThrow(/run npm run vault:audit-verify/);
    await writeFile(headFile, before);
    await appendFile(headFile, '');
  });

  it('is verified by the command: 0 when whole, 1 when not, with the tail told', async () => {
    const command = () => runTool('vault-audit-verify', ['--url', database.ownerUrl, '--head', headFile]);
    await seal(10);
    await log(2);
    const whole = await command();
    expect(whole).toMatchObject({ code: 0 });
    expect(whole.out).toMatch(
      /the audit log is whole: 31 rows; 4 seals, head [0-9a-f]{64}, published up to 4, 2 rows not sealed yet/,
    );
    await superuser.query(
      `SET session_replication_role = replica; DELETE FROM vault.audit_log WHERE id = 1; SET session_replication_role = origin`,
    );
    const broken = await command();
    expect(broken.code).toBe(1);
    expect(broken.out).toMatch(
      /row 1 of the audit log is in seal 1 and is gone\nthe first broken link is seal 1\n/,
    );
  });
});
