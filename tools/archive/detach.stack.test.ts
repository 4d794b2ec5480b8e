import { execFile } from 'node:child_process';
import { readdir, rename, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../platform/package-root.ts';
import { waitUntil } from '../../temporal-dev/testing/wait-until.ts';
import { restore } from './restore.ts';
import { archiveScene, beforeMonth, HISTORY, HISTORY_DAYS, LIMIT_MS, NEXT } from './testing/scene.ts';

/**
 * The promise: nobody waits while a month is taken off, two archivers do not meet, and wherever one is
 * killed nothing is lost and the next one goes on.
 */

const scene = archiveScene();

describe('while a month is detached', () => {
  it('nobody who writes waits, though a transaction holds it up', async () => {
    await scene().oldPayment();
    const reader = await scene().holding('select from payment_history');
    const archiving = scene().run();
    await waitUntil(
      'the month is on its way out',
      LIMIT_MS,
      async () => (await scene().placeOf(HISTORY)) === 'detaching',
    );
    const writer = await scene().database.worker.connect();
    await writer.query("set lock_timeout = '1s'");
    const payment = await scene().database.addPayment();
    expect(await scene().step(payment, 0, 'begin', writer)).toBe('applied');
    expect(await scene().step(payment, 0, 'begin', writer)).toBe('repeated');
    expect(await scene().step(await scene().oldPayment(2), 2, 'late', writer)).toBe('applied');
    writer.release(true);
    expect(await scene().placeOf(HISTORY)).toBe('detaching');
    await reader.end();
    await archiving;
    expect(await scene().placeOf(HISTORY)).toBe('gone');
  });

  it('a second archiver does nothing and says who is at work', async () => {
    await scene().oldPayment();
    const reader = await scene().holding('select from payment_history');
    const archiving = scene().run();
    await waitUntil(
      'the month is on its way out',
      LIMIT_MS,
      async () => (await scene().placeOf(HISTORY)) === 'detaching',
    );
    await expect(scene().run()).rejects.toThrow(
      /^another archiver is at work \(process \d+ of PostgreSQL, since /,
    );
    await expect(
      restore(scene().database.urls.owner, join(scene().folder, `${HISTORY}.jsonl.gz`), () => undefined),
    ).rejects.toThrow('another archiver is at work');
    await reader.end();
    await archiving;
    expect(await scene().rowsOf('select from archives where dropped_at is null')).toEqual([]);
  });

  it('is not begun while somebody uses the table for longer than there is patience', async () => {
    await scene().oldPayment();
    const reader = await scene().holding('select from payment_history');
    await expect(scene().run({ patienceMs: 1 })).rejects.toThrow(
      /^payment_history is used by process \d+ \(.*\) in a transaction since .*: nothing was detached/,
    );
    expect(await scene().placeOf(HISTORY)).toBe('attached');
    await reader.end();
    await scene().run();
    expect(await scene().placeOf(HISTORY)).toBe('gone');
  });

  it('what was written after the file is in the file before anything is dropped', async () => {
    const payment = await scene().oldPayment();
    const reader = await scene().holding('lock table payment_history in share update exclusive mode');
    const archiving = scene().run();
    await waitUntil('the file is written, the month attached', LIMIT_MS, async () => {
      const written = await scene().rowsOf('select from archives where partition = $1', [HISTORY]);
      return written.length === 1 && (await scene().archiverWaits());
    });
    expect(await scene().step(payment, 2, 'refund')).toBe('applied');
    await reader.end();
    expect((await archiving).find(({ partition }) => partition === HISTORY)?.rows).toBe(3);
    const restored = await restore(
      scene().database.urls.owner,
      join(scene().folder, `${HISTORY}.jsonl.gz`),
      () => undefined,
    );
    expect(await scene().rowsOf(`select cause from ${restored} order by version`)).toEqual([
      { cause: 'begin' },
      { cause: 'end' },
      { cause: 'refund' },
    ]);
  });
});

describe('an archiver that is killed', () => {
  /** Starts `npm run archive` as a process of its own; `kill` ends it and its connection, as a lost machine would. */
  function start(): { kill(): Promise<void> } {
    const before = beforeMonth(NEXT);
    const program = join(packageRoot(), 'dist', 'tools', 'archive.js');
    const child = execFile(process.execPath, [
      program,
      '--url',
      scene().database.urls.owner,
      '--to',
      scene().folder,
      '--before',
      before,
      '--history-days',
      String(HISTORY_DAYS),
    ]);
    return {
      async kill() {
        child.kill('SIGKILL');
        await scene().database.superuser.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'quittance-archive' and datname = current_database()`,
        );
        await waitUntil(
          'its connection is gone',
          LIMIT_MS,
          async () =>
            (
              await scene().database.superuser.query(
                `select from pg_stat_activity where application_name = 'quittance-archive' and datname = current_database()`,
              )
            ).rowCount === 0,
        );
      },
    };
  }

  /** All that there was is in the file, nothing in the database, and it is noted. */
  async function expectArchived(rows: number): Promise<void> {
    await scene().run();
    expect(await scene().placeOf(HISTORY)).toBe('gone');
    const restored = await restore(
      scene().database.urls.owner,
      join(scene().folder, `${HISTORY}.jsonl.gz`),
      () => undefined,
    );
    expect(await scene().rowsOf(`select from ${restored}`)).toHaveLength(rows);
    expect(await scene().rowsOf('select from archives where dropped_at is null')).toEqual([]);
    expect((await readdir(scene().folder)).filter((name) => name.endsWith('.part'))).toEqual([]);
  }

  it('while it writes the file: the file is written anew', async () => {
    await scene().oldPayment();
    const dies = (): never => {
      throw new Error('the disk is full');
    };
    await expect(scene().run({ rowsWritten: dies })).rejects.toThrow('the disk is full');
    expect(await readdir(scene().folder)).toEqual([`${HISTORY}.jsonl.gz.part`]);
    expect(await scene().placeOf(HISTORY)).toBe('attached');
    await expectArchived(2);
  });

  it('between file and detach: the month is still attached, and goes the next time', async () => {
    await scene().oldPayment();
    const other = await scene().holding('lock table payment_history in share update exclusive mode');
    const archiver = start();
    await waitUntil('the file is written', LIMIT_MS, async () => {
      const written = await scene().rowsOf('select from archives where partition = $1', [HISTORY]);
      return written.length === 1 && (await scene().archiverWaits());
    });
    await archiver.kill();
    await other.end();
    expect(await scene().placeOf(HISTORY)).toBe('attached');
    await expectArchived(2);
  });

  it('in the middle of the detach: it is finished the next time', async () => {
    const payment = await scene().oldPayment();
    const reader = await scene().holding('select from payment_history');
    const archiver = start();
    await waitUntil(
      'the month is on its way out',
      LIMIT_MS,
      async () => (await scene().placeOf(HISTORY)) === 'detaching',
    );
    await archiver.kill();
    await reader.end();
    expect(await scene().placeOf(HISTORY)).toBe('detaching');
    // Until then a late step of its payments finds no place: it fails whole, and is tried again.
    await expect(scene().step(payment, 2, 'refund')).rejects.toThrow(
      'no partition of relation "payment_history" found',
    );
    await expectArchived(2);
    expect(await scene().step(payment, 2, 'refund')).toBe('applied');
  });

  it('between detach and drop: the back office fills its place, and it is dropped the next time', async () => {
    const payment = await scene().oldPayment();
    const reader = await scene().holding('select from payment_history');
    const archiver = start();
    await waitUntil(
      'the month is on its way out',
      LIMIT_MS,
      async () => (await scene().placeOf(HISTORY)) === 'detaching',
    );
    const noted = await scene().holding('select from archives for update');
    await reader.end();
    await waitUntil(
      'it is detached and about to be dropped',
      LIMIT_MS,
      async () => (await scene().placeOf(HISTORY)) === 'detached' && (await scene().archiverWaits()),
    );
    await archiver.kill();
    await noted.end();
    await scene().database.worker.query('select keep_partitions(6)');
    expect(await scene().step(payment, 2, 'refund')).toBe('applied');
    expect(await scene().placeOf(HISTORY)).toBe('detached');
    await expectArchived(2);
  });

  it('and whose file was lost meanwhile writes it again from what is still there', async () => {
    await scene().oldPayment();
    const reader = await scene().holding('select from payment_history');
    const archiver = start();
    await waitUntil(
      'the month is on its way out',
      LIMIT_MS,
      async () => (await scene().placeOf(HISTORY)) === 'detaching',
    );
    await archiver.kill();
    await reader.end();
    await truncate(join(scene().folder, `${HISTORY}.jsonl.gz`), 10);
    await expectArchived(2);
  });

  it('and whose month was then dropped by hand notes it, if the file is whole', async () => {
    await scene().oldPayment();
    const file = join(scene().folder, `${HISTORY}.jsonl.gz`);
    await scene().run();
    await scene().database.owner.query('update archives set dropped_at = null');
    await rename(file, `${file}.elsewhere`);
    await expect(scene().run()).rejects.toThrow('ENOENT');
    await rename(`${file}.elsewhere`, file);
    await scene().run();
    expect(await scene().rowsOf('select from archives where dropped_at is null')).toEqual([]);
  });
});
