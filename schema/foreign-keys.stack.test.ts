import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { openMainDatabase, type MainDatabase } from './testing/main-database.ts';

/**
 * The promise: no foreign key makes a hot row a lock. Whoever inserts a row that refers to another
 * locks that other one (for key share): a thousand payments of one merchant would queue to mark the
 * one row of the merchant, and write multixacts to it.
 */

let database: MainDatabase;
beforeAll(async () => {
  database = await openMainDatabase(inject('runFile'));
});
afterAll(() => database.close());

/** Each with the reason why its locks hold nobody up. */
const ALLOWED: Readonly<Record<string, string>> = {
  'api_keys -> merchants': 'written when a merchant is set up',
  'webhook_endpoints -> merchants': 'written when a merchant sets up an endpoint',
  'merchant_acquirer_accounts -> merchants': 'written when a contract is made',
  'merchant_acquirer_accounts -> acquirers': 'written when a contract is made',
  'number_blocks -> acquirers': 'inserted once a terminal; leasing a block updates no column of the key',
  'ledger_seals -> ledger_seals': 'one sealer at a time, and nobody else reads for update',
  'ledger_sealed -> ledger_seals': 'the sealer refers to the seal that it has just written itself',
};

it('there is no foreign key but these', async () => {
  const { rows } = await database.superuser.query<{ key: string }>(
    `select distinct conrelid::regclass || ' -> ' || confrelid::regclass as key from pg_constraint
     where contype = 'f' and conparentid = 0 order by 1`,
  );
  expect(rows.map(({ key }) => key)).toEqual(Object.keys(ALLOWED).sort());
});

it('none comes from or leads to a table that a payment writes to', async () => {
  // What record_change and the workers write; number_blocks is updated once in 500 attempts.
  const { rows } = await database.superuser.query<{ written: string }>(
    `select distinct conrelid::regclass::text as written from pg_constraint
     where contype = 'f' and (conrelid in (select c.oid from pg_class c, aclexplode(c.relacl) acl
       where acl.grantee in ('quittance_api'::regrole, 'quittance_worker'::regrole) and acl.privilege_type <> 'SELECT')
       or exists (select from pg_attribute a, aclexplode(a.attacl) acl where a.attrelid in (conrelid, confrelid)
                  and acl.grantee in ('quittance_api'::regrole, 'quittance_worker'::regrole)))`,
  );
  expect(rows.map(({ written }) => written)).toEqual(['number_blocks']);
});
