import { randomBytes } from 'node:crypto';
import { CreateAliasCommand, CreateKeyCommand, DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RetiredMasterKey } from '../../../platform/key-errors.ts';
import { createRotationRecords, poolQuery } from '../../../platform/key-rotation/records.ts';
import { createRotate } from '../../../platform/key-rotation/rotation.ts';
import { runRotation } from '../../../platform/key-rotation/run-rotation.ts';
import { createKms, type Kms, type KmsOptions } from '../../../platform/kms.ts';
import { createMasterKeys, type MasterKeys } from '../../../platform/master-keys.ts';
import { newId } from '../../../platform/new-id.ts';
import {
  openSecret,
  sealSecret,
  type SealedSecret,
  type SecretOwner,
} from '../../../platform/sealed-secret.ts';
import { insert, openMainDatabase, type MainDatabase } from '../../../schema/testing/main-database.ts';
import { readRunFile } from '../../../temporal-dev/run-file.ts';
import { stackRunFile } from '../../../temporal-dev/testing/stack-run-file.ts';
import { platformKeys } from './platform-keys.ts';

/** The promise: whatever the platform's master key sealed opens after a rotation with the old one disabled. */

const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
/** Any visible character may stand in one; also what ids are put together with. */
const IDEMPOTENCY_KEYS = ['order/7:b', 'a', 'live:/x', 'z'];

let database: MainDatabase;
let client: KMSClient;
let kms: Kms;
let masterKeys: MasterKeys;

beforeAll(async () => {
  const run = await readRunFile(stackRunFile());
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  client = new KMSClient({ endpoint: run.kms.endpoint, region: run.kms.region, credentials });
  // Of its own: the other tests' keys stay where they are.
  const keyId = `alias/rotation-${newId('kr')}`;
  const { KeyMetadata } = await client.send(new CreateKeyCommand({}));
  await client.send(new CreateAliasCommand({ AliasName: keyId, TargetKeyId: KeyMetadata?.KeyId }));
  const options: KmsOptions = { endpoint: run.kms.endpoint, region: run.kms.region, keyId, credentials };
  kms = createKms(options);
  masterKeys = createMasterKeys(options);
  database = await openMainDatabase(stackRunFile());
});
afterAll(async () => {
  await database.close();
  masterKeys.close();
  kms.close();
  client.destroy();
});

/** With batches of one: every place is gone through in more than one call. */
function rotation() {
  const query = poolQuery(database.worker);
  return createRotate({
    masterKeys,
    records: createRotationRecords(query, 'public'),
    places: platformKeys(query),
    logger: silent,
    batch: 1,
    concurrency: 1,
  });
}

const ofShop = (id: string): SecretOwner => ({ merchant: database.shop.merchant, id });
const seal = (id: string, secret: string) => sealSecret(kms, ofShop(id), secret);

/** As `manageOnce` of the api keeps it. */
const keep = (key: string, sealed: SealedSecret) =>
  insert(database.api, 'idempotency_keys', {
    merchant_id: database.shop.merchant,
    mode: 'test',
    key,
    fingerprint: randomBytes(32),
    answer_status: 201,
    sealed_answer: sealed,
  });

/** As the api makes one. */
async function addEndpoint(): Promise<string> {
  const id = newId('whe');
  await insert(database.api, 'webhook_endpoints', {
    merchant_id: database.shop.merchant,
    id,
    mode: 'test',
    url: 'https://shop.example/',
    sealed_secret: await seal(id, 'the first'),
  });
  return id;
}

const roll = async (endpoint: string, secret: string) =>
  database.api.query("select roll_webhook_secret($1, 'test', $2, $3, '1 day')", [
    database.shop.merchant,
    endpoint,
    await seal(endpoint, secret),
  ]);

async function secretsOf(endpoint: string): Promise<{ current: string; previous: string }> {
  const { rows } = await database.worker.query<{ sealed_secret: unknown; previous_secret: unknown }>(
    'select sealed_secret, previous_secret from webhook_endpoints where id = $1',
    [endpoint],
  );
  return {
    current: await openSecret(kms, ofShop(endpoint), rows[0]?.sealed_secret),
    previous: await openSecret(kms, ofShop(endpoint), rows[0]?.previous_secret),
  };
}

describe('the rotation of the platform’s master key', () => {
  it('counts and wraps anew the answers that are kept and the secrets that overlap', async () => {
    const endpoint = await addEndpoint();
    await roll(endpoint, 'the second');
    for (const key of IDEMPOTENCY_KEYS) await keep(key, await seal(`answer:test:${key}`, `answer of ${key}`));

    const told: number[] = [];
    const { from } = await runRotation(rotation(), newId('kr'), ({ remaining }) => told.push(remaining));
    // The first call is about Temporal's keys, of which there are none.
    expect(told[0]).toBe(2 + IDEMPOTENCY_KEYS.length);
    expect(told.at(-1)).toBe(0);
    await client.send(new DisableKeyCommand({ KeyId: from }));

    expect(await secretsOf(endpoint)).toEqual({ current: 'the second', previous: 'the first' });
    const { rows } = await database.api.query<{ key: string; sealed_answer: unknown }>(
      'select key, sealed_answer from idempotency_keys order by key',
    );
    expect(rows.map(({ key }) => key).sort()).toEqual([...IDEMPOTENCY_KEYS].sort());
    for (const { key, sealed_answer } of rows)
      expect(await openSecret(kms, ofShop(`answer:test:${key}`), sealed_answer)).toBe(`answer of ${key}`);
  });

  it('keeps no answer that was sealed before it and came late; who asked asks again', async () => {
    const late = await seal('answer:test:late', 'late');
    await runRotation(rotation(), newId('kr'), () => {});
    await expect(keep('late', late)).rejects.toMatchObject({ code: RetiredMasterKey.sqlState });
    await keep('late', await seal('answer:test:late', 'late'));
    // A request about a payment keeps none.
    await insert(database.api, 'idempotency_keys', {
      merchant_id: database.shop.merchant,
      mode: 'test',
      key: 'of a payment',
      fingerprint: randomBytes(32),
      payment_id: 'pay_1',
      command_id: 'cmd_1',
    });
  });

  it('lets a secret be rolled meanwhile: the one before overlaps, and is found where it went', async () => {
    const endpoint = await addEndpoint();
    const rotate = rotation();
    const begun = await rotate(newId('kr'), null);
    expect(begun.done).toBe(false);
    await roll(endpoint, 'the second');
    const { from } = await runRotation(rotate, begun.rotation, () => {});
    await client.send(new DisableKeyCommand({ KeyId: from }));
    expect(await secretsOf(endpoint)).toEqual({ current: 'the second', previous: 'the first' });
  });

  it('ends beside a secret whose overlap is over and whose master key is gone', async () => {
    const endpoint = await addEndpoint();
    await roll(endpoint, 'the second');
    await database.owner.query(
      "update webhook_endpoints set previous_until = now() - interval '1 s' where id = $1",
      [endpoint],
    );
    const { from } = await runRotation(rotation(), newId('kr'), () => {});
    await client.send(new DisableKeyCommand({ KeyId: from }));
    const told: number[] = [];
    await runRotation(rotation(), newId('kr'), ({ remaining }) => told.push(remaining));
    expect(told.at(-1)).toBe(0);
  });

  it('takes as a secret that overlaps none under a retired master key but the endpoint’s own', async () => {
    const endpoint = await addEndpoint();
    const other = await seal(endpoint, 'another');
    await runRotation(rotation(), newId('kr'), () => {});
    await expect(
      database.owner.query(
        "update webhook_endpoints set previous_secret = $2, previous_until = now() + '1 day' where id = $1",
        [endpoint, other],
      ),
    ).rejects.toMatchObject({ code: RetiredMasterKey.sqlState });
  });

  it('finds the answers among all idempotency keys by an index of theirs', async () => {
    const asked: { readonly text: string; readonly values: readonly unknown[] }[] = [];
    const places = platformKeys((_name, text, values) => {
      asked.push({ text, values });
      return Promise.resolve([]);
    });
    const answers = places.find(({ name }) => name === 'answers');
    await answers?.notUnder('key/1', '', 25);
    await answers?.countNotUnder('key/1');
    expect(asked).toHaveLength(2);
    const worker = await database.worker.connect();
    try {
      // So few rows would be read one by one.
      await worker.query('begin; set local enable_seqscan = off');
      for (const { text, values } of asked) {
        const { rows } = await worker.query<Record<string, string>>(`explain ${text}`, [...values]);
        const plan = rows.flatMap((row) => Object.values(row)).join('\n');
        expect(plan).toMatch(/idempotency_keys_p0_(?!pkey)/);
        expect(plan).not.toMatch(/Seq Scan|_pkey|Sort {2}\(/);
      }
    } finally {
      worker.release(true);
    }
  });
});
