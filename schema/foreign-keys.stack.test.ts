import { afterAll, beforeAll, expect, it } from 'vitest';
import { newId } from '../platform/new-id.ts';
import { recordParts, twoLegs } from './testing/change-document.ts';
import { openMainDatabase, type MainDatabase } from './testing/main-database.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: no foreign key makes a hot row a lock. Whoever inserts a row that refers to another
 * locks that other one (for key share): a thousand payments of one merchant would queue to mark the
 * one row of the merchant, and write multixacts to it.
 */

let database: MainDatabase;
beforeAll(async () => {
  database = await openMainDatabase(stackRunFile());
});
afterAll(() => database.close());

const AGREED = 'written when terms are agreed on; read without a lock';
const ROUTING = 'written when somebody decides how to route; read without a lock';

/** Each with the reason why its locks hold nobody up. */
const ALLOWED: Readonly<Record<string, string>> = {
  'account_amount_limits -> merchant_acquirer_accounts': ROUTING,
  'acquirer_maintenance -> acquirers': ROUTING,
  'adjustment_history -> adjustments': 'a person decides on one correction',
  'adjustments -> merchants': 'a person asks for a correction',
  'api_keys -> merchants': 'written when a merchant is set up',
  'availability_terms -> merchants': AGREED,
  'case_handling -> gateway_operators': 'a person takes a case',
  'decisions -> decision_kinds': 'a person decides; a kind is updated by hand',
  'decisions -> gateway_operators': 'a person decides',
  'fee_schedules -> merchant_acquirer_accounts': AGREED,
  'fee_schedules -> merchants': AGREED,
  'gateway_audit -> gateway_audit': 'an answer refers to the line that the gateway has just written itself',
  'gateway_sessions -> gateway_operators': 'a person logs in',
  'ledger_accounts -> ledger_account_kinds':
    'checked when an account is opened, once in its life; a kind is never updated, and share locks go together',
  'ledger_sealed -> ledger_seals': 'the sealer refers to the seal that it has just written itself',
  'ledger_seals -> ledger_seals': 'one sealer at a time, and nobody else reads for update',
  'merchant_acquirer_accounts -> acquirers': 'written when a contract is made',
  'merchant_acquirer_accounts -> merchants': 'written when a contract is made',
  'oauth_clients -> merchants': 'written when a merchant lets a platform in',
  'number_blocks -> acquirers': 'inserted once a terminal; leasing a block updates no column of the key',
  'reserve_terms -> merchants': AGREED,
  'retry_limits -> merchants': ROUTING,
  'routing_costs -> merchant_acquirer_accounts': ROUTING,
  'routing_rules -> merchants': ROUTING,
  'routing_settings -> merchants': ROUTING,
  'retired_master_keys -> key_rotations': 'a master key is retired by a rotation, by hand',
  'resolutions -> merchants': 'a person says what became of one operation',
  'signing_secrets -> merchants': 'written when a merchant begins to sign requests',
  'settlement_terms -> merchant_acquirer_accounts': AGREED,
  'settlement_terms -> merchants': AGREED,
  'webhook_endpoints -> merchants': 'written when a merchant sets up an endpoint',
};

/** What requests, steps, attempts and deliveries insert into or update. */
const HOT = [
  'acquirer_events',
  'payments',
  'commands',
  'idempotency_keys',
  'card_verifications',
  'verification_attempts',
  'operations',
  'attempts',
  'card_tries',
  'cases',
  'risk_assessments',
  'route_decisions',
  'payment_history',
  'events',
  'deliveries',
  'delivery_attempts',
  'ledger_transactions',
  'ledger_postings',
  'ledger_balances',
];

it('there is no foreign key but these', async () => {
  const { rows } = await database.superuser.query<{ key: string }>(
    `select distinct conrelid::regclass || ' -> ' || confrelid::regclass as key from pg_constraint
     where contype = 'f' and conparentid = 0`,
  );
  expect(rows.map(({ key }) => key).sort()).toEqual(Object.keys(ALLOWED).sort());
});

it('none comes from or leads to a table that a payment writes to', async () => {
  const { rows } = await database.superuser.query(
    `select conname from pg_constraint where contype = 'f'
     and (conrelid = any ($1::regclass[]) or confrelid = any ($1::regclass[]))`,
    [HOT],
  );
  expect(rows).toEqual([]);
});

it('every table that api and workers may write to is known here as one that a payment writes to', async () => {
  const { rows } = await database.superuser.query<{ written: string }>(
    `select distinct c.relname as written from pg_class c
     where c.relnamespace = 'public'::regnamespace and not c.relispartition and c.relkind in ('r', 'p') and (
       exists (select from aclexplode(c.relacl) acl where acl.privilege_type <> 'SELECT'
               and acl.grantee in ('quittance_api'::regrole, 'quittance_worker'::regrole))
       or exists (select from pg_attribute a, aclexplode(a.attacl) acl where a.attrelid = c.oid
                  and acl.grantee in ('quittance_api'::regrole, 'quittance_worker'::regrole)))`,
  );
  // A customer is written when a merchant meets or changes one, not with its payments.
  // A block of numbers is leased once in 500 attempts; a key is made once an hour or so; keys are rotated,
  // and endpoints, API keys, OAuth clients and what requests are signed with changed, by hand. A history is exported once its run is closed.
  const cold = [
    'api_keys',
    'customers',
    'history_export_progress',
    'history_exports',
    'key_rotations',
    'merchants',
    'number_blocks',
    'oauth_clients',
    'oauth_signing_keys',
    'payload_keys',
    'signing_secrets',
    'webhook_endpoints',
  ];
  expect(rows.map(({ written }) => written).filter((written) => !HOT.includes(written))).toEqual(cold);
});

it('a step locks no row of a table that others share with it', async () => {
  const { worker, superuser, shop } = database;
  const payment = await database.addPayment();
  const client = await worker.connect();
  try {
    // The second payment of a shop: the first has opened its accounts.
    await recordParts(worker, shop.merchant, await database.addPayment(), step('first'));
    await client.query('begin');
    await recordParts(client, shop.merchant, payment, step('second'));
    const { rows } = await superuser.query<{ table: string }>(
      `select distinct regexp_replace(c.relname, '_p\\d$', '') as "table" from pg_locks l join pg_class c on c.oid = l.relation
       where l.pid = (select pid from pg_stat_activity where backend_xid = $1::text::xid) and l.mode = 'RowShareLock' and c.relkind in ('r', 'p') order by 1`,
      [(await client.query<{ xid: string }>('select pg_current_xact_id()::text as xid')).rows[0]?.xid],
    );
    // Row locks are taken under a RowShareLock on their table: on the payment's own, and on nobody else's.
    expect(rows.map(({ table }) => table)).toEqual(['payments']);
  } finally {
    client.release(true);
  }
});

const step = (name: string) => ({
  transactions: [twoLegs(`${name}:authorized`, 500)],
  events: [{ id: newId('evt'), mode: 'test', type: 'payment.authorized', body: '{}' }],
});
