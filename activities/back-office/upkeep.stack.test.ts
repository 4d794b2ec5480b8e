import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureSchedules } from './schedules.ts';
import { createVaultClient } from '../vault/client.ts';
import { followTlsFiles, type TlsSource } from '../../platform/tls.ts';
import type { RunFile } from '../../temporal-dev/run-file.ts';
import { certificateFiles } from '../../temporal-dev/certificates.ts';
import { openPayloads, type OpenPayloads } from '../../temporal-dev/testing/payloads.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';
import { waitUntil } from '../../temporal-dev/testing/wait-until.ts';
import type { CardToken, MerchantId } from '../../workflows/domain/ids.ts';
import type { ExportSummary, RetentionSummary, RotationSummary } from '../../workflows/ports/upkeep.ts';
import { GOOD_CARD, idOf, openWorld, sale, type World } from '../../proof/support/world.ts';

/** The promise: what the back office does by the calendar is planned once, and does its work when its time comes. */

const SCHEDULES = ['card-retention', 'history-export', 'key-rotation'] as const;
const LIMIT_MS = 30_000;
const silent = { error() {}, warn() {}, info() {}, debug() {} };

let world: World;
let run: RunFile;
let payloads: OpenPayloads;
let connection: Connection;
let client: Client;
let tls: TlsSource;

beforeAll(async () => {
  world = await openWorld(stackRunFile());
  run = await world.run();
  payloads = openPayloads(run);
  const { address, namespace } = run.temporal;
  connection = await Connection.connect({ address });
  client = new Client({ connection, namespace, dataConverter: payloads.dataConverter });
  tls = await followTlsFiles(certificateFiles(run.dir, 'back-office'), silent);
  // The back office makes them once Temporal answers it.
  await waitUntil('the schedules are there', LIMIT_MS, async () =>
    Promise.all(SCHEDULES.map((id) => client.schedule.getHandle(id).describe())),
  );
});
afterAll(async () => {
  tls.close();
  await Promise.all([payloads.close(), connection.close(), world.close()]);
});

/** Runs it now, and answers what came of it. */
async function triggered(id: (typeof SCHEDULES)[number]): Promise<{ run: string; result: unknown }> {
  const schedule = client.schedule.getHandle(id);
  const before = (await schedule.describe()).info.numActionsTaken;
  await schedule.trigger();
  const workflowId = await waitUntil(`${id} is started`, LIMIT_MS, async () => {
    const { numActionsTaken, recentActions } = (await schedule.describe()).info;
    return numActionsTaken > before && recentActions.at(-1)?.action.workflow.workflowId;
  });
  return { run: workflowId, result: (await client.workflow.getHandle(workflowId).result()) as unknown };
}

describe('by the calendar', () => {
  it('is planned once, however many back offices start, and stays as people left it', async () => {
    await client.schedule.getHandle('card-retention').delete();
    await client.schedule.getHandle('key-rotation').pause('by a person');
    await Promise.all([ensureSchedules(client), ensureSchedules(client)]);
    await ensureSchedules(client);
    expect((await client.schedule.getHandle('card-retention').describe()).spec.calendars).toHaveLength(1);
    const rotation = client.schedule.getHandle('key-rotation');
    expect((await rotation.describe()).state).toMatchObject({ paused: true, note: 'by a person' });
    await rotation.unpause();
  });

  it('both master keys are rotated, and payments go on', async () => {
    const { run: rotation, result } = await triggered('key-rotation');
    const zones = result as readonly RotationSummary[];
    expect(zones).toHaveLength(2);
    for (const zone of zones) {
      expect(zone.rotation).toBe(rotation);
      expect(zone.rewrapped).toBeGreaterThan(0);
      expect(zone.to).not.toBe(zone.from);
    }
    expect(
      await world.sql('select finished_at is not null as done from key_rotations where id = $1', [rotation]),
    ).toEqual([{ done: true }]);
    expect((await world.post('/v1/payments', sale(GOOD_CARD))).body).toMatchObject({ status: 'captured' });
  });

  it('the histories of what has finished are exported, up to a moment ago', async () => {
    const { result } = await triggered('history-export');
    const { gone, through } = result as ExportSummary;
    expect(gone).toBe(0);
    expect(await world.sql('select through >= $1 as done from history_export_progress', [through])).toEqual([
      { done: true },
    ]);
  });

  it('cards are looked through: one that is forgotten and still needed by a payment is kept', async () => {
    const vault = createVaultClient({ url: run.vault, tls });
    const paid = await world.post('/v1/payments', sale(GOOD_CARD));
    const [card] = await world.sql<{ card_token: CardToken }>(
      'select card_token from payments where id = $1',
      [idOf(paid)],
    );
    if (card === undefined) throw new Error(`${idOf(paid)} is not in the database`);
    await vault.forget({ merchant: world.merchant as MerchantId, mode: 'test', token: card.card_token });
    await vault.close();
    const { result } = await triggered('card-retention');
    expect((result as RetentionSummary).kept).toBeGreaterThan(0);
    // Its number is still there for the refund's message.
    const refunded = await world.post(`/v1/payments/${idOf(paid)}/refunds`, {});
    expect(refunded.status, refunded.text).toBeLessThan(300);
  });
});
