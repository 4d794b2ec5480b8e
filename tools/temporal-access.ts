import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import pg from 'pg';
import { loadConfig, type Config } from '../platform/config.ts';
import type { Keyring } from '../platform/keyring.ts';
import { packageRoot } from '../platform/package-root.ts';
import { createPayloadCodec, type PayloadKeyPurpose } from '../platform/payload-codec/codec.ts';
import { createPayloadSealing, type PayloadSettings } from '../platform/payload-codec/index.ts';
import { createTemporalClient } from '../platform/temporal.ts';
import { historyStoreOf } from '../platform/object-store/history-store.ts';
import type { ObjectStore } from '../platform/object-store/object-store.ts';
import { historyStore } from '../platform/process-settings.ts';
import { historyFolder } from '../temporal-dev/addresses.ts';
import { PLATFORM_KEY_ALIAS } from '../temporal-dev/key-aliases.ts';
import { readRunFile } from '../temporal-dev/run-file.ts';
import { withDevelopmentKey } from './histories/development-keyring.ts';
import { createExportedHistories, nothingExported, type ExportedHistories } from './histories/exported.ts';

/** A running Temporal, and the keys of what is in it. */
export interface TemporalAccess {
  readonly client: Client;
  readonly namespace: string;
  /** Of what this Temporal holds, and of recorded histories. */
  readonly keyring: Keyring<PayloadKeyPurpose>;
  readonly dataConverter: DataConverter;
  /** What was exported of it. */
  readonly exported: ExportedHistories;
  /** Writes into the audit log that somebody does something to a workflow. @throws DatabaseError */
  note(person: string, action: string, workflowId: string): Promise<void>;
  close(): Promise<void>;
}

interface Settings extends PayloadSettings, Config<'temporalAddress' | 'temporalNamespace' | 'databaseUrl'> {
  /** Null = nobody said where histories are exported to. */
  readonly histories: ObjectStore | null;
}

/** What is refused, or cannot be asked just now, is told by whoever asked. */
const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

/**
 * The Temporal that a run file tells of, else the one that the environment's settings name. Nothing is
 * asked of it yet.
 * @param runPath null = that of this checkout, where there is one.
 * @param identity shown in histories as who asked.
 * @throws Error when there is neither.
 */
export async function openTemporal(runPath: string | null, identity: string): Promise<TemporalAccess> {
  const settings = await settingsOf(runPath);
  const pool = new pg.Pool({
    connectionString: settings.databaseUrl,
    application_name: identity,
    max: 2,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 10_000,
  });
  pool.on('error', () => undefined);
  const sealing = createPayloadSealing(settings, pool, silent);
  const keyring = await withDevelopmentKey(sealing.keyring);
  const dataConverter = {
    ...sealing.dataConverter,
    payloadCodecs: [createPayloadCodec(keyring, silent)],
  };
  const { temporalAddress: address, temporalNamespace: namespace } = settings;
  const temporal = createTemporalClient({ address, namespace, identity, dataConverter, retries: true });
  return {
    client: temporal.client,
    namespace,
    keyring,
    dataConverter,
    exported:
      settings.histories === null ? nothingExported : createExportedHistories(pool, settings.histories),
    async note(person, action, workflowId) {
      await pool.query('select note_command_line($1, $2, $3)', [person, action, workflowId]);
    },
    async close() {
      await temporal.close();
      sealing.close();
      settings.histories?.close();
      await pool.end();
    },
  };
}

async function settingsOf(runPath: string | null): Promise<Settings> {
  const own = join(packageRoot(), '.quittance', 'run.json');
  if (runPath === null && !existsSync(own)) {
    const config = loadConfig([
      'temporalAddress',
      'temporalNamespace',
      'databaseUrl',
      'kmsEndpoint',
      'kmsRegion',
      'kmsKeyId',
      'kmsAccessKeyId',
      'kmsSecretAccessKey',
      'dataKeyMaxAgeMs',
      'dataKeyMaxUses',
      'dataKeyGraceMs',
      ...historyStore,
    ]);
    return { ...config, histories: historyStoreOf(config) };
  }
  const run = await readRunFile(runPath ?? own);
  // The processes of a stack have the bucket from the environment that it was started with.
  const named = loadConfig(historyStore);
  return {
    temporalAddress: run.temporal.address,
    temporalNamespace: run.temporal.namespace,
    databaseUrl: run.postgres.urls.worker,
    kmsEndpoint: run.kms.endpoint,
    kmsRegion: run.kms.region,
    kmsKeyId: PLATFORM_KEY_ALIAS,
    // The emulator does not look at them.
    kmsAccessKeyId: 'emulator',
    kmsSecretAccessKey: 'emulator',
    dataKeyMaxAgeMs: 3_600_000,
    dataKeyMaxUses: 100_000,
    dataKeyGraceMs: 3_600_000,
    histories: historyStoreOf({ ...named, historyExportFolder: historyFolder(run.dir) }),
  };
}
