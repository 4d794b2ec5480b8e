import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../temporal-dev/testing/wait-until.ts';
import type { PaymentId } from '../workflows/domain/ids.ts';
import { operationRow, recordParts, twoLegs, type ChangeParts } from './testing/change-document.ts';
import { openMainDatabase, type MainDatabase } from './testing/main-database.ts';
import { refusalOrNull } from './testing/refusal.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: what READ COMMITTED and our locks let two sessions do at one moment, SERIALIZABLE lets
 * them do as well, and nothing more (docs/decisions/001-read-committed-with-locks.md). In each case both
 * have read the same state, have decided, and write while the other has not committed: the one that
 * comes second waits, and then loses. SERIALIZABLE says so as 40001, our locks say what happened.
 */

let database: MainDatabase;
let payment: PaymentId;
/** Of the same merchant. */
let other: PaymentId;
let first: pg.PoolClient;
let second: pg.PoolClient;

beforeAll(async () => {
  database = await openMainDatabase(stackRunFile());
});
afterAll(() => database.close());

const operation = (): string => `auth_${payment.slice(4)}`;
const attempt = (): string => `att_${operation()}_1`;
const record = (by: Pick<pg.Pool, 'query'>, parts: ChangeParts, of = payment): Promise<string> =>
  recordParts(by, database.shop.merchant, of, parts);

describe.each(['read committed', 'serializable'] as const)('two sessions at %s', (level) => {
  const isSerializable = level === 'serializable';

  beforeEach(async () => {
    payment = await database.addPayment();
    other = await database.addPayment();
    await record(database.worker, {
      cause: 'begin',
      operations: [operationRow(operation())],
      new_attempts: [
        {
          id: attempt(),
          operation_id: operation(),
          number: 1,
          kind: 'authorization',
          acquirer_id: 'acquirer-1',
          account_id: database.shop.testAccount,
          on_unknown: 'reverse',
          amount: 9_000,
          currency: 'EUR',
          wire: {},
          send_by: '2026-03-01T12:00:15Z',
        },
      ],
    });
    [first, second] = [await database.worker.connect(), await database.worker.connect()];
    for (const session of [first, second]) {
      await session.query(`begin isolation level ${level}`);
      // What both decide on.
      await session.query('select version from payments where id = $1', [payment]);
      await session.query('select state from attempts where id = $1', [attempt()]);
    }
    return () => {
      for (const session of [first, second]) session.release(true);
    };
  });

  /** What became of the second one's write: it waited for the first one's commit, and was then answered or refused. */
  async function afterFirst<T>(write: Promise<T>): Promise<T | string> {
    const ended = write.then(
      (answer) => answer,
      async (error: unknown) => (await refusalOrNull(Promise.reject(error as Error)))?.code ?? 'accepted',
    );
    await waitUntil('the second waits for the first', 10_000, async () => {
      const { rowCount } = await database.superuser.query(
        "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      return (rowCount ?? 0) > 0;
    });
    await first.query('commit');
    return ended;
  }

  it('that have decided otherwise about one payment, on rows of their own: one is written', async () => {
    const one = {
      cause: 'capture it',
      expected_version: 1,
      operations: [operationRow(`cap_${payment.slice(4)}`, { kind: 'capture' })],
    };
    const late = {
      cause: 'void it',
      expected_version: 1,
      operations: [operationRow(`void_${payment.slice(4)}`, { kind: 'void' })],
    };
    expect(await record(first, one)).toBe('applied');
    expect(await afterFirst(record(second, late))).toBe(isSerializable ? 'serialization_failure' : 'stale');
    await second.query('rollback');
    const { rows } = await database.owner.query(
      'select cause from payment_history where payment_id = $1 order by version',
      [payment],
    );
    expect(rows).toEqual([{ cause: 'begin' }, { cause: 'capture it' }]);
  });

  it('of which one begins to send what the other calls off: it is sent, and not called off', async () => {
    await first.query("update attempts set state = 'sending' where id = $1 and state = 'planned'", [
      attempt(),
    ]);
    const off = {
      cause: 'call it off',
      expected_version: 1,
      attempt_moves: [{ id: attempt(), from: 'planned', to: 'fenced' }],
    };
    expect(await afterFirst(record(second, off))).toBe('serialization_failure');
  });

  it('of which one calls off what the other begins to send: it is not sent', async () => {
    const off = {
      cause: 'call it off',
      expected_version: 1,
      attempt_moves: [{ id: attempt(), from: 'planned', to: 'fenced' }],
    };
    expect(await record(first, off)).toBe('applied');
    const sending = second.query(
      "update attempts set state = 'sending' where id = $1 and state = 'planned'",
      [attempt()],
    );
    expect(await afterFirst(sending.then(({ rowCount }) => rowCount))).toBe(
      isSerializable ? 'serialization_failure' : 0,
    );
  });

  it('that post for two payments on the same accounts: each is whole, and the sum is exact', async () => {
    const posting = (key: string): ChangeParts => ({ cause: 'post', transactions: [twoLegs(key, 500)] });
    const balance = async (): Promise<unknown> =>
      (
        await database.owner.query(
          "select coalesce(sum(balance), 0)::integer as held, coalesce(sum(last_sequence), 0)::integer as postings from ledger_balances where merchant_id = $1 and code = 'auth_hold:acquirer'",
          [database.shop.merchant],
        )
      ).rows[0];
    const before = (await balance()) as { held: number; postings: number };
    await record(first, { ...posting(`${payment}:a`), expected_version: 1 });
    const answer = await afterFirst(record(second, posting(`${other}:a`), other));
    // Nothing was decided on the balance: our locks let both, SERIALIZABLE makes one of them run again.
    expect(answer).toBe(isSerializable ? 'serialization_failure' : 'applied');
    await second.query(isSerializable ? 'rollback' : 'commit');
    if (isSerializable) await record(database.worker, posting(`${other}:a`), other);
    expect(await balance()).toEqual({ held: before.held + 1_000, postings: before.postings + 2 });
  });
});
