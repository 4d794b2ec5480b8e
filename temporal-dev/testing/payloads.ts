import pg from 'pg';
import { createPayloadSealing, type PayloadSealing } from '../../platform/payload-codec/index.ts';
import { PLATFORM_KEY_ALIAS } from '../key-aliases.ts';
import type { RunFile } from '../run-file.ts';

const silent = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
};

export interface OpenPayloads extends Pick<PayloadSealing, 'dataConverter'> {
  close(): Promise<void>;
}

/** Opens and seals what goes to the Temporal of a running stack, as its own processes do. */
export function openPayloads(run: RunFile): OpenPayloads {
  const pool = new pg.Pool({
    connectionString: run.postgres.urls.worker,
    max: 2,
    connectionTimeoutMillis: 5_000,
  });
  const sealing = createPayloadSealing(
    {
      kmsEndpoint: run.kms.endpoint,
      kmsRegion: run.kms.region,
      kmsKeyId: PLATFORM_KEY_ALIAS,
      kmsAccessKeyId: 'test',
      kmsSecretAccessKey: 'test',
      dataKeyMaxAgeMs: 3_600_000,
      dataKeyMaxUses: 100_000,
      dataKeyGraceMs: 3_600_000,
    },
    pool,
    silent,
  );
  return {
    dataConverter: sealing.dataConverter,
    async close() {
      sealing.close();
      await pool.end();
    },
  };
}
