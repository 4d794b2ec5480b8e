import { CreateAliasCommand, CreateKeyCommand, DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KmsRefused, RetiredMasterKey } from '../../platform/key-errors.ts';
import { createRotationRecords, poolQuery } from '../../platform/key-rotation/records.ts';
import { createRotate, type RotatorOptions } from '../../platform/key-rotation/rotation.ts';
import { KeysLeftBehind, runRotation } from '../../platform/key-rotation/run-rotation.ts';
import { createKms, type KmsOptions } from '../../platform/kms.ts';
import { createMasterKeys } from '../../platform/master-keys.ts';
import { newId } from '../../platform/new-id.ts';
import { unwrapStored } from '../../platform/unwrap-stored.ts';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';
import { createDataKeys } from '../data-keys.ts';
import { createVaultDatabase } from '../database.ts';
import { newDataKeyId } from '../new-token.ts';
import { aTokenizedPayment, startVaultFixture, VISA, type VaultFixture } from '../testing/fixture.ts';
import { vaultKeys } from './vault-keys.ts';

/** The promise: a rotation ends with nothing under the old master key, and nobody who reads or writes meanwhile notices. */

let vault: VaultFixture;
let pool: pg.Pool;
let client: KMSClient;
let kmsOptions: KmsOptions;
const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

beforeAll(async () => {
  const { kms } = await readRunFile(stackRunFile());
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  client = new KMSClient({ endpoint: kms.endpoint, region: kms.region, credentials });
  // Of its own: the other tests' keys stay where they are.
  const keyId = `alias/rotation-${newId('kr')}`;
  const { KeyMetadata } = await client.send(new CreateKeyCommand({}));
  await client.send(new CreateAliasCommand({ AliasName: keyId, TargetKeyId: KeyMetadata?.KeyId }));
  kmsOptions = { endpoint: kms.endpoint, region: kms.region, keyId, credentials };
  vault = await startVaultFixture({
    kms: kmsOptions,
    // A new data key every few cards: there is something to wrap anew while cards come in.
    dataKeys: { maxAgeMs: 3_600_000, maxUses: 3, graceMs: 3_600_000 },
  });
  pool = new pg.Pool({ connectionString: vault.databaseUrls.app, max: 4 });
});
afterAll(async () => {
  await pool.end();
  await vault.close();
  client.destroy();
});

function rotator(overrides: Partial<RotatorOptions> = {}) {
  const masterKeys = createMasterKeys(kmsOptions);
  const query = poolQuery(pool);
  const records = createRotationRecords(query, 'vault');
  const rotate = createRotate({
    masterKeys,
    records,
    places: [vaultKeys(query)],
    logger: silent,
    batch: 4,
    concurrency: 2,
    ...overrides,
  });
  return { rotate, masterKeys, records };
}

const masterKeysInUse = async () =>
  (await vault.sql<{ master_key: string }>('SELECT DISTINCT master_key FROM vault.data_keys')).map(
    ({ master_key }) => master_key,
  );
const disable = (KeyId: string) => client.send(new DisableKeyCommand({ KeyId }));
const cardOf = async ({
  merchant,
  payment,
  token,
  attempts,
}: Awaited<ReturnType<typeof aTokenizedPayment>>) =>
  (await vault.detokenize({ merchant, payment, token, attempt: attempts[0] })).number;

/** Stages, tokenizes and detokenizes, one after the other, until it is told to stop; answers how often. */
function payer() {
  let stopped = false;
  const run = async () => {
    let payments = 0;
    for (; !stopped; payments += 1) expect(await cardOf(await aTokenizedPayment(vault))).toBe(VISA);
    return payments;
  };
  const running = run();
  running.catch(() => undefined);
  return {
    stop: () => {
      stopped = true;
      return running;
    },
  };
}

describe('a rotation of the master key', () => {
  it('wraps every data key anew while cards come and go; the old master key can then be disabled', async () => {
    const old = [];
    for (let n = 0; n < 24; n += 1) old.push(await aTokenizedPayment(vault));
    const [before] = await masterKeysInUse();
    const payers = [payer(), payer(), payer(), payer()];
    const { rotate } = rotator();
    const told: number[] = [];
    const { from, to } = await runRotation(rotate, newId('kr'), ({ remaining }) => told.push(remaining));
    const payments = await Promise.all(payers.map((one) => one.stop()));

    expect(Math.min(...payments)).toBeGreaterThan(0);
    expect(from).toBe(before);
    expect(told.length).toBeGreaterThan(2);
    expect(told.at(-1)).toBe(0);
    expect(await masterKeysInUse()).toEqual([to]);
    await disable(from);
    for (const one of old) expect(await cardOf(one)).toBe(VISA);
    // Nothing in memory: every key comes from its row, the fingerprint key as well.
    await vault.restart();
    for (const one of old) expect(await cardOf(one)).toBe(VISA);
    const again = await aTokenizedPayment(vault, {}, old[0]?.merchant);
    expect(again.token).toBe(old[0]?.token);
    expect(await masterKeysInUse()).toEqual([to]);
  });

  it('goes on where it was killed, and no second one begins before it is done', async () => {
    const first = await rotator().rotate('kr_killed', null);
    expect(first).toMatchObject({ rotation: 'kr_killed', done: false });
    const { rotation, from, to, rewrapped } = await runRotation(rotator().rotate, 'kr_another', () => {});
    expect({ rotation, from, to }).toEqual({ rotation: 'kr_killed', from: first.from, to: first.to });
    expect(rewrapped).toBeGreaterThan(first.rewrapped);
    // Said again after a lost answer it is done already, and makes no third key.
    expect(await rotator().rotate('kr_killed', null)).toMatchObject({ to, remaining: 0, done: true });
    expect(await masterKeysInUse()).toEqual([to]);
  });

  it('killed between the new master key and its row it makes another, and loses nothing', async () => {
    const { rotate, masterKeys, records } = rotator();
    const lost: RotatorOptions['records'] = { ...records, choose: () => Promise.reject(new Error('killed')) };
    await expect(rotator({ records: lost }).rotate('kr_lost', null)).rejects.toThrow('killed');
    const { to } = await runRotation(rotate, 'kr_lost', () => {});
    expect(await masterKeys.current()).toBe(to);
    expect(await masterKeysInUse()).toEqual([to]);
  });

  it('stores no data key that was made under the old master key and came late; its writer asks again', async () => {
    const kms = createKms(kmsOptions);
    const store = createDataKeys(createVaultDatabase(pool));
    const late = newDataKeyId();
    const { masterKey, wrapped } = await kms.generateDataKey({ purpose: 'card', data_key: late });
    const { to } = await runRotation(rotator().rotate, newId('kr'), () => {});
    await expect(store.insert({ id: late, purpose: 'card', masterKey, wrapped })).rejects.toThrow(
      RetiredMasterKey,
    );
    expect(await masterKeysInUse()).toEqual([to]);
    kms.close();
  });

  it('is seen by a reader that had read the row before it, also when the old master key is disabled at once', async () => {
    const kms = createKms(kmsOptions);
    const store = createDataKeys(createVaultDatabase(pool));
    const stale = await store.findFingerprintKey();
    if (stale === null) throw new Error('no fingerprint key');
    const { from, to } = await runRotation(rotator().rotate, newId('kr'), () => {});
    await disable(from);
    await expect(
      kms.unwrap(stale.wrapped, stale.masterKey, { purpose: 'fingerprint', data_key: stale.id }),
    ).rejects.toThrow(KmsRefused);
    const rows = [stale];
    const { stored } = await unwrapStored(kms, async () => {
      const row = rows.shift() ?? (await store.findFingerprintKey());
      if (row === null) throw new Error('no fingerprint key');
      return row;
    });
    expect(stored.masterKey).toBe(to);
    kms.close();
  });

  it('names the keys that cannot be wrapped anew, does all the others, and is not called done', async () => {
    const broken = newDataKeyId();
    const current = await rotator().masterKeys.current();
    await vault.sql(
      `INSERT INTO vault.data_keys (id, purpose, master_key, wrapped) VALUES ($1, 'card', $2, $3)`,
      [broken, current, Buffer.alloc(80, 1)],
    );
    const { rotate } = rotator();
    const failure = await runRotation(rotate, 'kr_broken', () => {}).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(KeysLeftBehind);
    expect(String(failure)).toContain(broken);
    const left = await vault.sql<{ id: string }>('SELECT id FROM vault.data_keys WHERE master_key = $1', [
      current,
    ]);
    expect(left).toEqual([{ id: broken }]);
    await vault.sql('DELETE FROM vault.data_keys WHERE id = $1', [broken]);
    expect(await rotate('kr_broken', null)).toMatchObject({ remaining: 0, done: true });
  });

  it('can wrap a key by no other way: not without an open rotation, and not to another master key', async () => {
    const [key] = await vault.sql<{ id: string; wrapped: Buffer }>(
      'SELECT id, wrapped FROM vault.data_keys LIMIT 1',
    );
    const rewrap = 'SELECT vault.rewrap_data_key($1, $2, $3, $4)';
    await expect(pool.query(rewrap, [key?.id, key?.wrapped, 'key/1', Buffer.alloc(64)])).rejects.toThrow(
      /no open rotation/,
    );
    await expect(pool.query('UPDATE vault.data_keys SET wrapped = $1', [Buffer.alloc(64)])).rejects.toThrow(
      /permission denied/,
    );
  });
});
