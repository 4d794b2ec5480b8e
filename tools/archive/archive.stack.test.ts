import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { monthName, monthsAgo } from '../../schema/testing/old-ids.ts';
import { restore } from './restore.ts';
import { archiveScene, beforeMonth, HISTORY, NEXT, OLD, OUTBOX } from './testing/scene.ts';

/**
 * The promise: a month leaves the database only when nothing in it is needed, all of it is then in a
 * file, and its payments go on.
 */

const scene = archiveScene();

describe('a month in which nothing is needed any more', () => {
  it('goes into a file that holds every row as it was, and out of the database', async () => {
    await scene().oldPayment();
    await scene().oldPayment();
    const before = await scene().rowsOf<{ row: unknown }>(`select to_jsonb(t) as row from ${HISTORY} t`);

    expect(await scene().run({ dryRun: true })).toHaveLength(8);
    expect(await scene().isThere(HISTORY)).toBe(true);
    expect(await readdir(scene().folder).catch(() => [])).toEqual([]);

    const settled = await scene().run();
    expect(settled.filter(({ partition }) => partition === HISTORY)).toMatchObject([
      { rows: 4, reason: null },
    ]);
    expect(await scene().isThere(HISTORY)).toBe(false);
    expect(await scene().rowsOf('select from payment_history')).toEqual([]);

    const lines = gunzipSync(await readFile(join(scene().folder, `${HISTORY}.jsonl.gz`)))
      .toString()
      .trimEnd()
      .split('\n');
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual(
      expect.arrayContaining(before.map(({ row }) => expect.objectContaining(shortOf(row)) as unknown)),
    );
    expect(
      JSON.parse(await readFile(join(scene().folder, `${HISTORY}.manifest.json`), 'utf8')),
    ).toMatchObject({
      table: 'payment_history',
      rows: 4,
      file: `${HISTORY}.jsonl.gz`,
    });
    expect(
      await scene().rowsOf(
        'select partition, rows::integer, dropped_at is not null as dropped from archives where partition = $1',
        [HISTORY],
      ),
    ).toEqual([{ partition: HISTORY, rows: 4, dropped: true }]);
    expect(await scene().run()).toEqual([]);
  });

  it('can be of the outbox: its events, deliveries and attempts go, each text to the letter', async () => {
    await scene().oldDelivery(3, 'delivered');
    await scene().oldDelivery(3, 'failed');
    const tables = ['events', 'deliveries', 'delivery_attempts'];
    for (const table of tables)
      await scene().database.owner.query(`create table kept_${table} as table ${table}`);
    await scene().run({ before: beforeMonth(2), historyDays: 36_500 });
    for (const table of tables) {
      expect(await scene().isThere(`${table}_${OUTBOX}`)).toBe(false);
      const restored = await restore(
        scene().database.urls.owner,
        join(scene().folder, `${table}_${OUTBOX}.jsonl.gz`),
        () => undefined,
      );
      expect(restored).toBe(`archived_${table}_${OUTBOX}`);
      expect(
        await scene().rowsOf(
          `(table kept_${table} except table ${restored}) union all (table ${restored} except table kept_${table})`,
        ),
      ).toEqual([]);
      expect(await scene().rowsOf(`select from ${restored}`)).toHaveLength(2);
      await expect(scene().database.owner.query(`delete from ${restored}`)).rejects.toThrow('is append-only');
    }
  });
});

/** The columns of a line that JSON.parse reads as PostgreSQL wrote them. */
function shortOf(row: unknown): Record<string, unknown> {
  const { payment_id, version, cause, detail } = row as Record<string, unknown>;
  return { payment_id, version, cause, detail };
}

describe('a month stays, with the reason, when', () => {
  it.each([
    {
      what: 'it has not been over for long enough',
      before: 0,
      arrange: async () => undefined,
      partition: () => `payment_history_${monthName(monthsAgo(1))}`,
      reason: () => /^it ends on \d{4}-\d\d-01 and is kept for 40 days after that$/,
    },
    {
      what: 'a payment of it has something pending',
      arrange: () => scene().oldPayment(OLD, {}),
      partition: () => HISTORY,
      reason: (id: unknown) => new RegExp(`^payment ${String(id)} of mer_\\w+ has something pending$`),
    },
    {
      what: 'a payment of it was changed lately',
      arrange: async () => {
        const payment = await scene().oldPayment();
        await scene().step(payment, 2, 'refund');
        return payment;
      },
      partition: () => HISTORY,
      reason: (id: unknown) =>
        new RegExp(`^payment ${String(id)} of mer_\\w+ changed on .* is kept for 40 days`),
    },
    {
      what: 'a case of it is open',
      arrange: async () => {
        const payment = await scene().oldPayment();
        await scene().database.owner.query(
          `insert into cases (merchant_id, id, payment_id, operation_id, kind, detail, opened_at) values ('mer_1', 'case_1', $1, 'ref_1', 'refund_unknown', '{}', now())`,
          [payment],
        );
        return payment;
      },
      partition: () => HISTORY,
      reason: (id: unknown) => new RegExp(`^case case_1 of payment ${String(id)} is open$`),
    },
    {
      what: 'a line of its history is missing',
      arrange: async () => {
        const payment = await scene().oldPayment();
        await scene().database.superuser.query(
          `begin; set local session_replication_role = replica; delete from payment_history where payment_id = '${payment}' and version = 1; commit`,
        );
        return payment;
      },
      partition: () => HISTORY,
      reason: (id: unknown) =>
        new RegExp(
          `^payment ${String(id)} of mer_\\w+ is at version 2 and has 1 lines of history up to version 2$`,
        ),
    },
    ...(['pending', 'retrying'] as const).map((state) => ({
      what: `a delivery of it is ${state}`,
      before: 0,
      arrange: () => scene().oldDelivery(3, state),
      partition: () => `events_${OUTBOX}`,
      reason: (id: unknown) => new RegExp(`^delivery ${String(id)} of mer_\\w+ is ${state}$`),
    })),
  ])('$what', async ({ before = NEXT - 1, arrange, partition, reason }) => {
    const id = await arrange();
    const settled = await scene().run({ before: beforeMonth(before) });
    const found = settled.find((month) => month.partition === partition());
    expect(found?.reason).toMatch(reason(id));
    expect(await scene().isThere(partition())).toBe(true);
    expect(await scene().rowsOf('select from archives where partition = $1', [partition()])).toEqual([]);
  });
});

describe('a payment whose history is in a file', () => {
  it('can be loaded and changed: its new lines have a place, in order and each once', async () => {
    const payment = await scene().oldPayment();
    await scene().run();
    const [loaded] = await scene().rowsOf<{ version: number }>(
      `select (load_payment($1, $2) #>> '{payment,version}')::integer as version`,
      [scene().database.shop.merchant, payment],
    );
    expect(loaded?.version).toBe(2);
    expect(await scene().step(payment, 2, 'refund')).toBe('applied');
    expect(await scene().step(payment, 2, 'refund')).toBe('repeated');
    expect(await scene().step(payment, 2, 'other')).toBe('stale');
    // A step of the archived time that runs again finds that the payment has moved on.
    expect(await scene().step(payment, 0, 'begin')).toBe('stale');
    expect(
      await scene().rowsOf(
        'select tableoid::regclass::text as place, version, cause from payment_history where payment_id = $1',
        [payment],
      ),
    ).toEqual([
      { place: `payment_history_before_${monthName(monthsAgo(NEXT - 1))}`, version: 3, cause: 'refund' },
    ]);
  });

  it('has a place also when months go one after the other, and late lines never go with them', async () => {
    const payment = await scene().oldPayment();
    await scene().run({ before: beforeMonth(NEXT) });
    await scene().step(payment, 2, 'refund');
    await scene().oldPayment(NEXT);
    await scene().run();
    const below = await scene().rowsOf(
      'select partition from time_partitions where parent = $1 and month is null order by low nulls first',
      ['payment_history'],
    );
    const before = (month: number) => ({
      partition: `payment_history_before_${monthName(monthsAgo(month))}`,
    });
    expect(below).toEqual([before(NEXT), before(NEXT - 1), { partition: 'payment_history_unordered' }]);
    expect(await scene().step(payment, 3, 'refund of the rest')).toBe('applied');
    // Of the outbox nothing came late: one partition stands for all that went.
    expect(
      await scene().rowsOf('select partition from time_partitions where parent = $1 and low is null', [
        'events',
      ]),
    ).toEqual([{ partition: `events_before_${monthName(monthsAgo(NEXT - 1))}` }]);
  });

  it('gets back a late line that came while the place for late lines was moved', async () => {
    const payment = await scene().oldPayment();
    const place = 'payment_history_before_2020_01';
    // As a partition for late lines that was taken away as empty, and was not.
    await scene().database.owner.query(`create table ${place} (like payment_history including all)`);
    await scene().database.owner.query(
      `insert into ${place} select merchant_id, payment_id, 3, now(), 'late', event, status, detail, workflow_run_id from payment_history where version = 1`,
    );
    await scene().run();
    expect(await scene().isThere(place)).toBe(false);
    expect(await scene().rowsOf('select payment_id, version, cause from payment_history')).toEqual([
      { payment_id: payment, version: 3, cause: 'late' },
    ]);
  });
});
