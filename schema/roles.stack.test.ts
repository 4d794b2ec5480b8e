import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openMainDatabase, type MainDatabase } from './testing/main-database.ts';
import { refusalOf } from './testing/refusal.ts';

/** The promise: each process can do its own work in the database and nothing else. */

type Role = 'quittance_api' | 'quittance_worker' | 'quittance_operator' | 'quittance_gateway';

/** Everything beyond reading: a line here is a right that somebody has to want. */
const WRITES = {
  quittance_api: [
    'acquirer_events: INSERT (acquirer_id, dedupe_key, id, item, occurred_at, type)',
    'commands: INSERT (body, id, kind, merchant_id, operation_id, origin, payment_id)',
    'idempotency_keys: INSERT',
    'payload_keys: INSERT',
    'payments: INSERT (amount, authorization_type, authorize_by, capture_method, currency, customer_reference, description, id, ip_address, merchant_id, metadata, mode, order_reference, partial_approval, staging_id)',
  ],
  quittance_worker: [
    'acquirer_events: UPDATE (done_at, due_at, leased_until, merchant_id, note, payment_id, state, tries)',
    'attempts: UPDATE (acquirer_reference, answered_at, approval_code, approved_amount, avs_result, cvv_result, late_answer, network_reference, outcome, reason, remedy, response_code, sending_at, sends, settlement_date, state, valid_until)',
    'commands: INSERT (acquirer_reference, body, id, kind, merchant_id, operation_id, origin, payment_id)',
    'deliveries: UPDATE (attempts, concluded_at, leased_until, state)',
    'delivery_attempts: INSERT',
    'number_blocks: UPDATE (next_number)',
    'payload_keys: INSERT',
  ],
  // Only by its functions.
  quittance_operator: [],
  quittance_gateway: [
    'gateway_audit: INSERT (action, address, answers, kind, login, namespace, payloads, role, status, workflow_ids)',
    'gateway_sessions: INSERT (address, created_at, expires_at, id, login)',
    'gateway_sessions: UPDATE (ended_at)',
    'payload_keys: INSERT',
  ],
} as const satisfies Record<Role, readonly string[]>;

/** Of the two that work for everybody: what the other keeps to itself. */
const UNREADABLE = {
  // What we are charged and what others have agreed on is nothing that the api's queries need.
  quittance_api: [
    'acquirer_events',
    'availability_terms',
    'fee_schedules',
    'fx_rates',
    'gateway_audit',
    'gateway_operators',
    'gateway_sessions',
    'reserve_terms',
    'settlement_terms',
    'webhook_endpoints',
  ],
  quittance_worker: ['api_keys', 'gateway_audit', 'gateway_operators', 'gateway_sessions'],
} as const satisfies Partial<Record<Role, readonly string[]>>;

const FUNCTIONS = {
  quittance_api: [
    'check_transition',
    'load_payment',
    'payment_status',
    'payments_guard',
    'settled_transaction_id',
  ],
  quittance_worker: [
    'attempts_guard',
    'check_transition',
    'fence_attempt',
    'keep_partitions',
    'load_payment',
    'load_routing',
    'payment_status',
    'payments_guard',
    'record_change',
    'record_changes',
    'seal_ledger',
    'take_late_answer',
    'terms_in_force',
  ],
  quittance_operator: ['decide_adjustment', 'decide_resolution', 'propose_resolution', 'request_adjustment'],
  quittance_gateway: [],
} as const satisfies Record<Role, readonly string[]>;

const ROLES = [
  'quittance_api',
  'quittance_worker',
  'quittance_operator',
  'quittance_gateway',
] as const satisfies readonly Role[];

let database: MainDatabase;
let pools: Readonly<Record<Role, pg.Pool>>;

beforeAll(async () => {
  database = await openMainDatabase(inject('runFile'));
  pools = {
    quittance_api: database.api,
    quittance_worker: database.worker,
    quittance_operator: database.operator,
    quittance_gateway: database.gateway,
  };
});
afterAll(() => database.close());

async function lines(sql: string, role: Role): Promise<string[]> {
  const { rows } = await database.superuser.query<{ line: string }>(sql, [role]);
  return rows.map(({ line }) => line).sort();
}

describe.each(ROLES)('%s', (role) => {
  it('may write what is listed here, and nothing else', async () => {
    const writes = await lines(
      `select c.relname || ': ' || acl.privilege_type as line
       from pg_class c, aclexplode(c.relacl) acl
       where c.relnamespace = 'public'::regnamespace and acl.grantee = $1::regrole and acl.privilege_type <> 'SELECT'
       union all
       select c.relname || ': ' || acl.privilege_type || ' (' || string_agg(a.attname, ', ' order by a.attname) || ')'
       from pg_class c join pg_attribute a on a.attrelid = c.oid, aclexplode(a.attacl) acl
       where c.relnamespace = 'public'::regnamespace and acl.grantee = $1::regrole
       group by c.relname, acl.privilege_type`,
      role,
    );
    expect(writes).toEqual(WRITES[role]);
  });

  it('may call the functions of its work', async () => {
    const functions = await lines(
      `select proname as line from pg_proc where pronamespace = 'public'::regnamespace and has_function_privilege($1, oid, 'execute')`,
      role,
    );
    expect(functions).toEqual(FUNCTIONS[role]);
  });

  it.each([
    ['change a payment by itself', "update payments set description = 'x'"],
    ['delete a payment', 'delete from payments'],
    [
      'write history',
      "insert into payment_history values ('mer_1', 'pay_1', 1, now(), 'c', 'e', 's', '{}', 'r')",
    ],
    [
      'insert a posting',
      "insert into ledger_postings values ('mer_1', 'test', 1, 1, 'a', 'EUR', 5, 1), ('mer_1', 'test', 1, 2, 'b', 'EUR', -5, 1)",
    ],
    [
      'insert a posting into a partition',
      "insert into ledger_postings_p0 values ('mer_1', 'test', 1, 1, 'a', 'EUR', 5, 1)",
    ],
    ['move a balance', 'update ledger_balances set balance = 0'],
    [
      'open an account in the ledger',
      "insert into ledger_accounts values ('mer_1', 'test', 'a', 'EUR', 'debit')",
    ],
    ['post a transaction', "select post_transaction('{}', '[]')"],
    ['post several', "select post_transactions('[]')"],
    ['close an account', "select close_ledger_account('mer_1', 'test', 'refunds_in_flight', 'EUR')"],
    [
      'add a kind of account',
      "insert into ledger_account_kinds values ('mine', 'debit', 'Something of mine.', 1, true)",
    ],
    ['answer a command', "update commands set state = 'done', answer_status = 200, answer_body = '{}'"],
    [
      'insert a command that is answered already',
      `insert into commands (merchant_id, id, payment_id, kind, origin, operation_id, body, state, answer_status, answer_body)
       values ('mer_1', 'cmd_1', 'pay_1', 'void', 'merchant', 'void_1', '{}', 'done', 200, '{}')`,
    ],
    ['plan an attempt', "insert into attempts (merchant_id, id) values ('mer_1', 'att_1')"],
    ['change the plan of an attempt', 'update attempts set amount = 1'],
    ['write an operation', "update operations set state = 'succeeded'"],
    ['write an event', "insert into events values ('mer_1', 'evt_1', 'test', 'pay_1', 1, 't', '{}', now())"],
    ['make a transition legal', "insert into legal_transitions values ('review', 'rejected', 'approved')"],
    ['change an account at an acquirer', "update merchant_acquirer_accounts set mode = 'live'"],
    [
      'make a key',
      "insert into api_keys (key_hash, merchant_id, mode, hint) values ('', 'mer_1', 'live', 'x')",
    ],
    ['forget an idempotency key', 'delete from idempotency_keys'],
    ['empty a table', 'truncate deliveries'],
    ['make a table', 'create table mine (id text)'],
    ['make a temporary table that hides one', 'create temporary table legal_transitions (part text)'],
  ])('cannot %s', async (_, statement) => {
    expect(await refusalOf(pools[role].query(statement))).toMatchObject({
      code: 'insufficient_privilege',
      message: expect.stringContaining('permission denied') as string,
    });
  });
});

describe.each(['quittance_api', 'quittance_worker'] as const)('%s', (role) => {
  it('may read all but the secrets of the other', async () => {
    const unreadable = await lines(
      `select relname as line from pg_class
       where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition and not has_table_privilege($1, oid, 'select')`,
      role,
    );
    expect(unreadable).toEqual(UNREADABLE[role]);
  });
});

describe('what one may do and the other may not', () => {
  it('an operator reads adjustments and resolutions and nothing else', async () => {
    const readable = await lines(
      `select relname as line from pg_class
       where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v') and has_table_privilege($1, oid, 'select')`,
      'quittance_operator',
    );
    expect(readable).toEqual(['adjustment_history', 'adjustments', 'resolutions']);
  });

  it('the gateway reads who may enter, what they did, and the keys of payloads, and nothing of money', async () => {
    const readable = await lines(
      `select relname as line from pg_class
       where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v') and has_table_privilege($1, oid, 'select')`,
      'quittance_gateway',
    );
    expect(readable).toEqual(['gateway_audit', 'gateway_operators', 'gateway_sessions', 'payload_keys']);
  });

  it('the api cannot report what an acquirer did, nor the worker without the reference', async () => {
    const columns = 'merchant_id, id, payment_id, kind, origin, operation_id, body';
    const values = `'mer_1', 'cmd_1', 'pay_1', 'chargeback', 'acquirer', 'dsp_1', '{"amount": 1}'`;
    const named = `insert into commands (${columns}, acquirer_reference) values (${values}, 'CB-1')`;
    expect((await refusalOf(database.api.query(named))).code).toBe('insufficient_privilege');
    const unnamed = `insert into commands (${columns}) values (${values})`;
    for (const pool of [database.api, database.worker])
      expect((await refusalOf(pool.query(unnamed))).constraint).toBe('commands_of_acquirers');
  });

  it('nobody but an operator asks for an adjustment, or decides one', async () => {
    for (const pool of [database.api, database.worker]) {
      for (const call of [
        "request_adjustment('{}', 'anna')",
        "decide_adjustment('adj_1', 'approve', 'ben', null)",
      ])
        expect((await refusalOf(pool.query(`select ${call}`))).message).toContain(
          'permission denied for function',
        );
    }
  });

  it('the api cannot move a payment', async () => {
    for (const call of ["record_change('{}')", "fence_attempt('mer_1', 'att_1')"])
      expect((await refusalOf(database.api.query(`select ${call}`))).message).toContain(
        'permission denied for function',
      );
  });

  it('the worker cannot create a payment', async () => {
    const statement = "insert into payments (merchant_id, id) values ('mer_1', 'pay_1')";
    expect((await refusalOf(database.worker.query(statement))).message).toContain(
      'permission denied for table payments',
    );
  });

  it('the api cannot insert a payment that is not waited for, or is back-dated', async () => {
    for (const column of ['pending', 'created_at', 'version', 'status', 'card_token'])
      expect(
        await refusalOf(database.api.query(`insert into payments (id, ${column}) values ('pay_1', default)`)),
      ).toMatchObject({
        code: 'insufficient_privilege',
      });
  });

  it('keys are read by the api alone, and signing secrets by the worker alone', async () => {
    await database.api.query('select merchant_id, mode from api_keys');
    await database.worker.query('select url, sealed_secret from webhook_endpoints');
    expect((await refusalOf(database.worker.query('select from api_keys'))).message).toContain(
      'permission denied',
    );
    expect((await refusalOf(database.api.query('select from webhook_endpoints'))).message).toContain(
      'permission denied',
    );
  });
});
