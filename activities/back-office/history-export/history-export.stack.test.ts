import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchHistory } from '../../../platform/fetch-history.ts';
import { packHistory, unpackHistory } from '../../../platform/history-file.ts';
import { createFolderStore } from '../../../platform/object-store/folder-store.ts';
import type { ObjectStore } from '../../../platform/object-store/object-store.ts';
import { createS3Store } from '../../../platform/object-store/s3-store.ts';
import { BUNDLE } from '../../../proof/support/bundles.ts';
import { GOOD_CARD, idOf, openWorld, sale, type World } from '../../../proof/support/world.ts';
import { historyFolder } from '../../../temporal-dev/addresses.ts';
import type { RunFile } from '../../../temporal-dev/run-file.ts';
import { createDatabase, type TestDatabase } from '../../../temporal-dev/testing/database.ts';
import { startS3Server, type S3Server } from '../../../temporal-dev/testing/s3/server.ts';
import { stackRunFile } from '../../../temporal-dev/testing/stack-run-file.ts';
import { waitUntil } from '../../../temporal-dev/testing/wait-until.ts';
import { createExportedHistories } from '../../../tools/histories/exported.ts';
import type { Run } from '../../../tools/histories/history-file.ts';
import { quietRuntime, replayRuns, type Replayed } from '../../../tools/replay/replay-runs.ts';
import { runsOf } from '../../../tools/replay/sources.ts';
import { openTemporal, type TemporalAccess } from '../../../tools/temporal-access.ts';
import { createHistoryExport, type HistoryExportOptions } from './export-histories.ts';

/**
 * The promise: a payment's history outlives Temporal's own. Each finished run is exported whole, as it is,
 * and once, however the export is interrupted; and what was exported, to a bucket or a folder, replays when
 * Temporal has forgotten it.
 */
const LIMIT_MS = 60_000;
const silent = { error() {}, warn() {}, info() {}, debug() {} };
const alive = (): void => undefined;

let world: World;
let run: RunFile;
let temporal: TemporalAccess;
let database: TestDatabase;
let own: pg.Pool;
let server: S3Server;
let store: ObjectStore;
let payments: readonly string[] = [];

beforeAll(async () => {
  quietRuntime();
  world = await openWorld(stackRunFile());
  run = await world.run();
  temporal = await openTemporal(stackRunFile(), 'history-export-test');
  database = await createDatabase(run, { schema: 'main' });
  own = new pg.Pool({ connectionString: database.workerUrl, max: 4 });
  server = await startS3Server('histories');
  const { region, ...credentials } = server.signer;
  store = createS3Store({
    endpoint: server.endpoint,
    region,
    credentials,
    bucket: 'histories',
    prefix: 'test/',
    pathStyle: true,
    encryption: null,
  });
  payments = await Promise.all(
    [1, 2, 3, 4].map(async () => idOf(await world.post('/v1/payments', sale(GOOD_CARD)))),
  );
  await waitUntil('the payments have finished, and visibility knows', LIMIT_MS, async () => {
    const query = `ExecutionStatus = 'Completed' AND (${payments.map((id) => `WorkflowId = '${id}'`).join(' OR ')})`;
    return (await temporal.client.workflow.count(query)).count === payments.length;
  });
});
afterAll(async () => {
  await own.end();
  await database.drop();
  await temporal.close();
  await world.close();
  store.close();
  await server.close();
});

type HistoryStore = HistoryExportOptions['store'];

function exporting(pool: pg.Pool, store: HistoryStore) {
  return createHistoryExport({
    client: temporal.client,
    pool,
    store,
    logger: silent,
    count: () => undefined,
    // The past ends now: what has closed above is part of it.
    settleMs: 0,
    overlapMs: 600_000,
    concurrency: 2,
  });
}

async function replayed(runs: AsyncIterable<Run>): Promise<readonly Replayed[]> {
  const results: Replayed[] = [];
  await replayRuns({ bundle: BUNDLE, dataConverter: temporal.dataConverter }, runs, (result) =>
    results.push(result),
  );
  return results;
}

const ofWorkflow = (workflowId: string) =>
  runsOf([{ kind: 'workflow', workflowId }], () => Promise.resolve(temporal), none());

const none = () => ({ found: 0, gone: 0, unrecorded: 0 });
const ofFile = (path: string) => runsOf([{ kind: 'file', path }], () => Promise.resolve(temporal), none());

describe('the export of histories', () => {
  it('goes on where it died, leaves nothing out and exports nothing twice', async () => {
    const written = new Map<string, Uint8Array[]>();
    const counting: HistoryStore = {
      get: (name) => store.get(name),
      async add(name, bytes) {
        written.set(name, [...(written.get(name) ?? []), bytes]);
        return store.add(name, bytes);
      },
    };
    // Dies after the object, before its row; and one before the object.
    let puts = 0;
    const dying: HistoryStore = {
      get: (name) => store.get(name),
      async add(name, bytes) {
        const put = (puts += 1);
        if (put > 2) throw new Error('the store is away');
        const added = await counting.add(name, bytes);
        if (put === 2) throw new Error('died');
        return added;
      },
    };
    await expect(exporting(own, dying)(alive)).rejects.toThrow(/could not be exported/);
    const before = await own.query<{ through: Date | null }>('select through from history_export_progress');
    expect(before.rows).toEqual([{ through: null }]);

    const first = await exporting(own, counting)(alive);
    expect(first.gone).toBe(0);
    const { rows } = await own.query<{ workflow_id: string; object: string; bytes: number }>(
      'select workflow_id, object, bytes from history_exports order by object',
    );
    expect(rows.map((row) => row.workflow_id)).toEqual(expect.arrayContaining([...payments]));
    const listed: string[] = [];
    for await (const { name, bytes } of store.list()) listed.push(`${name} ${bytes}`);
    expect(listed.sort()).toEqual(rows.map(({ object, bytes }) => `${object} ${bytes}`).sort());
    const again = [...written.values()].filter((times) => times.length > 1);
    expect(again.length).toBeLessThanOrEqual(1);
    for (const times of again)
      expect(new Set(times.map((bytes) => Buffer.from(bytes).toString('base64'))).size).toBe(1);

    const writes = written.size;
    // Only what has closed since, by others on this stack.
    const second = await exporting(own, counting)(alive);
    expect(written.size - writes).toBe(second.exported);
    expect(Date.parse(second.through)).toBeGreaterThanOrEqual(Date.parse(first.through));
    expect([...written.values()].filter((times) => times.length > 1)).toEqual(again);
  });

  it('keeps what Temporal has, to the byte of each sealed payload', async () => {
    const [payment = ''] = payments;
    const { rows } = await own.query<{ object: string; run_id: string }>(
      'select object, run_id from history_exports where workflow_id = $1',
      [payment],
    );
    const [kept] = rows;
    if (kept === undefined) throw new Error(`${payment} was not exported`);
    const history = await fetchHistory(temporal.client, payment, kept.run_id);
    if (history === null) throw new Error(`Temporal has no history of ${payment}`);
    const bytes = await store.get(kept.object);
    if (bytes === null) throw new Error(`the bucket has no ${kept.object}`);
    expect(Buffer.compare(bytes, packHistory(history))).toBe(0);
    expect(JSON.stringify(unpackHistory(bytes))).toContain('"encoding"');
  });

  it('is replayed when Temporal has forgotten the run, and refused when it was changed', async () => {
    const [payment = ''] = payments;
    const pool = new pg.Pool({ connectionString: run.postgres.urls.worker, max: 2 });
    await exporting(pool, createFolderStore(historyFolder(run.dir)))(alive);
    const { rows } = await pool.query<{ object: string; run_id: string }>(
      'select object, run_id from history_exports where workflow_id = $1',
      [payment],
    );
    await pool.end();
    const [kept] = rows;
    if (kept === undefined) throw new Error(`${payment} was not exported`);
    await temporal.client.workflowService.deleteWorkflowExecution({
      namespace: temporal.namespace,
      workflowExecution: { workflowId: payment, runId: kept.run_id },
    });
    await waitUntil('Temporal has forgotten it', LIMIT_MS, async () => {
      return (await fetchHistory(temporal.client, payment, kept.run_id)) === null;
    });

    const [result] = await replayed(ofWorkflow(payment));
    expect(result?.error).toBeNull();
    expect(result?.run.name).toBe(`${kept.run_id} (exported)`);
    const [fromBucket] = await replayed(createExportedHistories(own, store).runsOf(payment));
    expect(fromBucket?.error).toBeNull();
    const [fromFile] = await replayed(ofFile(join(historyFolder(run.dir), kept.object)));
    expect(fromFile?.error).toBeNull();

    const path = join(historyFolder(run.dir), kept.object);
    const bytes = await readFile(path);
    const changed = Buffer.from(bytes);
    changed.writeUInt8(changed.readUInt8(40) ^ 1, 40);
    await writeFile(path, changed);
    await expect(replayed(ofWorkflow(payment))).rejects.toThrow(/its checksum differs/);
    await expect(replayed(ofFile(path))).rejects.toThrow(/its checksum differs/);
    expect((await temporal.exported.verify()).wrong).toEqual([
      `${kept.object} is not what was written: its checksum differs`,
    ]);
    await writeFile(path, bytes);
  }, 120_000);

  it('is verified as a whole: what is missing, changed or in no record is told', async () => {
    const { rows } = await own.query<{ object: string }>(
      'select object from history_exports order by object limit 2',
    );
    const [lost = '', changed = ''] = rows.map(({ object }) => object);
    const exported = createExportedHistories(own, store);
    const whole = await exported.verify();
    expect(whole).toMatchObject({ wrong: [], unrecorded: 0 });
    expect(whole.recorded).toBeGreaterThanOrEqual(payments.length);

    const object = server.objects.get(`test/${changed}`);
    if (object === undefined) throw new Error(`the bucket has no ${changed}`);
    server.objects.delete(`test/${lost}`);
    // Somebody wrote another one, with a checksum of its own.
    server.objects.set(`test/${changed}`, { ...object, bytes: Buffer.from('other'), checksumSha256: null });
    await store.add('pay_0/nobody', Buffer.from('x'));
    const { wrong, unrecorded } = await exported.verify();
    expect([...wrong].sort()).toEqual(
      [`${lost} is not in the store`, `${changed} is not what was written: its checksum differs`].sort(),
    );
    expect(unrecorded).toBe(1);
  });
});
