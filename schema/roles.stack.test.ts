import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMainDatabase, type MainDatabase } from './testing/main-database.ts';
import { refusalOf } from './testing/refusal.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

/** The promise: each process can do its own work in the database and nothing else. */

type Role = 'quittance_api' | 'quittance_worker' | 'quittance_operator' | 'quittance_gateway';

/** Everything beyond reading: a line here is a right that somebody has to want. */
const WRITES = {
  quittance_api: [
    'acquirer_events: INSERT (acquirer_id, dedupe_key, id, item, occurred_at, type)',
    'api_keys: INSERT (hint, id, ip_allow_list, key_hash, keyed, kind, merchant_id, mode, name, origins, public_key, scopes, version)',
    'api_keys: SELECT (created_at, hint, id, ip_allow_list, kind, last_used_at, merchant_id, mode, name, origins, previous_public_key, previous_until, public_key, revoked_at, scopes, version)',
    'api_keys: UPDATE (ip_allow_list, name, origins, revoked_at, version)',
    'card_verifications: INSERT (currency, customer_reference, id, merchant_id, metadata, mode, staging_id, verify_by)',
    'commands: INSERT (body, id, kind, merchant_id, operation_id, origin, payment_id)',
    'customers: INSERT (email, id, merchant_id, metadata, mode, name, reference)',
    'customers: UPDATE (deleted_at, email, metadata, name, reference)',
    'deliveries: INSERT (api_version, created_at, endpoint_id, event_id, id, merchant_id, sent_body)',
    'idempotency_keys: INSERT',
    'merchants: UPDATE (signed_modes)',
    'oauth_clients: INSERT (hint, id, ip_allow_list, merchant_id, mode, name, scopes, secret_hash, version)',
    'oauth_clients: SELECT (created_at, hint, id, ip_allow_list, last_used_at, merchant_id, mode, name, previous_until, revoked_at, scopes, version)',
    'oauth_clients: UPDATE (ip_allow_list, name, revoked_at, version)',
    'oauth_signing_keys: DELETE',
    'oauth_signing_keys: INSERT (id, public_jwk, sealed_secret, signs_from, signs_until)',
    'payload_keys: INSERT',
    'payments: INSERT (amount, authorization_type, authorize_by, capture_method, currency, customer_id, customer_reference, description, id, ip_address, merchant_id, metadata, mode, order_reference, partial_approval, staging_id)',
    'signing_secrets: INSERT (hint, id, merchant_id, mode, name, sealed_secret)',
    'signing_secrets: UPDATE (revoked_at)',
    'webhook_endpoints: DELETE',
    'webhook_endpoints: INSERT (api_version, description, enabled, event_types, id, merchant_id, mode, ordered, sealed_secret, url)',
    'webhook_endpoints: SELECT (api_version, created_at, description, disabled_reason, enabled, event_types, failing_since, id, merchant_id, mode, ordered, previous_until, url)',
    'webhook_endpoints: UPDATE (api_version, description, enabled, event_types, ordered, url)',
  ],
  quittance_worker: [
    'acquirer_events: UPDATE (done_at, due_at, leased_until, merchant_id, note, payment_id, state, tries)',
    'attempts: UPDATE (acquirer_reference, answered_at, approval_code, approved_amount, avs_result, cvv_result, late_answer, network_reference, outcome, reason, remedy, response_code, sending_at, sends, settlement_date, state, valid_until)',
    'commands: INSERT (acquirer_reference, body, id, kind, merchant_id, operation_id, origin, payment_id)',
    'deliveries: UPDATE (attempts, concluded_at, leased_until, sent_body, state, waits_for)',
    'delivery_attempts: INSERT',
    'history_export_progress: UPDATE (through)',
    'history_exports: INSERT (bytes, closed_at, events, object, run_id, sha256, workflow_id)',
    'key_rotations: INSERT (id)',
    'key_rotations: UPDATE (finished_at, from_master_key, rewrapped, to_master_key)',
    'number_blocks: UPDATE (next_number)',
    'oauth_signing_keys: SELECT (id, sealed_secret)',
    'payload_keys: INSERT',
    'signing_secrets: SELECT (id, merchant_id, sealed_secret)',
    'verification_attempts: UPDATE (answered_at, avs_result, cvv_result, given_up_at, network_reference, outcome, reason, remedy, response_code, sending_at, state)',
    'webhook_endpoints: UPDATE (failing_since, failing_told_at)',
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
    'api_keys',
    'availability_terms',
    'case_handling',
    'case_terms',
    'decision_kinds',
    'decisions',
    'fee_schedules',
    'fx_rates',
    'gateway_audit',
    'gateway_operators',
    'gateway_sessions',
    'history_export_progress',
    'history_exports',
    'key_rotations',
    'oauth_clients',
    'request_nonces',
    'reserve_terms',
    'retired_master_keys',
    'settlement_terms',
    'webhook_endpoints',
  ],
  quittance_worker: [
    'api_keys',
    'customers',
    'decision_kinds',
    'decisions',
    'gateway_audit',
    'gateway_operators',
    'gateway_sessions',
    'oauth_clients',
    'oauth_signing_keys',
    'request_nonces',
    'signing_secrets',
  ],
} as const satisfies Partial<Record<Role, readonly string[]>>;

const FUNCTIONS = {
  quittance_api: [
    'check_transition',
    'find_api_key',
    'find_oauth_client',
    'load_payment',
    'payment_status',
    'payments_guard',
    'prove_oauth_client',
    'roll_api_key',
    'roll_oauth_client',
    'roll_webhook_secret',
    'send_test_event',
    'settled_transaction_id',
    'take_nonce',
    'touch_api_key',
  ],
  quittance_worker: [
    'attempts_guard',
    'check_transition',
    'conclude_card_verification',
    'escalate_overdue',
    'fence_attempt',
    'judge_failing_endpoint',
    'keep_partitions',
    'load_payment',
    'load_routing',
    'note_command_line',
    'payment_status',
    'payments_guard',
    'plan_verification_attempt',
    'record_change',
    'record_changes',
    'retire_master_keys',
    'rewrap_answer',
    'rewrap_payload_key',
    'rewrap_previous_secret',
    'rewrap_signing_secret',
    'rewrap_token_key',
    'rewrap_webhook_secret',
    'seal_ledger',
    'take_late_answer',
    'terms_in_force',
    'verification_attempts_guard',
  ],
  quittance_operator: ['decide_adjustment', 'decide_resolution', 'propose_resolution', 'request_adjustment'],
  // What it shows and does of payments, after looking who asks.
  quittance_gateway: [
    'assign_work',
    'decide_decision',
    'decision_record',
    'propose_decision',
    'work_item',
    'work_queue',
  ],
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
  database = await openMainDatabase(stackRunFile());
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
    [
      'plan an attempt of a verification',
      "insert into verification_attempts (merchant_id, id) values ('mer_1', 'att_ver_1')",
    ],
    ['end a verification', "update card_verifications set status = 'verified'"],
    ['plan an attempt', "insert into attempts (merchant_id, id) values ('mer_1', 'att_1')"],
    ['change the plan of an attempt', 'update attempts set amount = 1'],
    ['write an operation', "update operations set state = 'succeeded'"],
    ['write an event', "insert into events values ('mer_1', 'evt_1', 'test', 'pay_1', 1, 't', '{}', now())"],
    ['make a transition legal', "insert into legal_transitions values ('review', 'rejected', 'approved')"],
    ['change an account at an acquirer', "update merchant_acquirer_accounts set mode = 'live'"],
    ['put another hash on a key', "update api_keys set key_hash = ''"],
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

  it('the gateway reads who may enter, what they did and decided, and the keys of payloads', async () => {
    const readable = await lines(
      `select relname as line from pg_class
       where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v') and has_table_privilege($1, oid, 'select')`,
      'quittance_gateway',
    );
    expect(readable).toEqual([
      'decision_kinds',
      'decisions',
      'gateway_audit',
      'gateway_operators',
      'gateway_sessions',
      'payload_keys',
    ]);
  });

  it('the api cannot report what an acquirer did, nor the worker without the reference', async () => {
    const columns = 'merchant_id, id, payment_id, kind, origin, operation_id, body';
    const values = `'${database.shop.merchant}', 'cmd_1', 'pay_1', 'chargeback', 'acquirer', 'dsp_1', '{"amount": 1}'`;
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

  it('the worker cannot make a key, nor the api one of another merchant', async () => {
    const statement =
      "insert into api_keys (key_hash, merchant_id, mode, hint) values ('', 'mer_1', 'live', 'x')";
    for (const pool of [database.worker, database.api])
      expect((await refusalOf(pool.query(statement))).code).toBe('insufficient_privilege');
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
    expect((await refusalOf(database.api.query('select key_hash from api_keys'))).message).toContain(
      'permission denied',
    );
    await database.worker.query('select url, sealed_secret from webhook_endpoints');
    expect((await refusalOf(database.worker.query('select from api_keys'))).message).toContain(
      'permission denied',
    );
    expect(
      (await refusalOf(database.api.query('select sealed_secret, previous_secret from webhook_endpoints')))
        .message,
    ).toContain('permission denied');
  });
});
