import { join } from 'node:path';
import type { DataConverter } from '@temporalio/common';
import type pg from 'pg';
import type { Registry } from 'prom-client';
import type { Config } from '../config.ts';
import { createKeyring, type Keyring } from '../keyring.ts';
import { createKms, kmsOptionsOf } from '../kms.ts';
import type { Logger } from '../logger.ts';
import { newId } from '../new-id.ts';
import { packageRoot } from '../package-root.ts';
import { createPayloadCodec, type PayloadKeyPurpose } from './codec.ts';
import { createPayloadKeys } from './payload-keys.ts';
import { countRefused } from './refused-metrics.ts';

/** The settings of a process that speaks with Temporal, beside its address. */
export type PayloadSettings = Config<
  | 'kmsEndpoint'
  | 'kmsRegion'
  | 'kmsKeyId'
  | 'kmsAccessKeyId'
  | 'kmsSecretAccessKey'
  | 'dataKeyMaxAgeMs'
  | 'dataKeyMaxUses'
  | 'dataKeyGraceMs'
>;

export interface PayloadSealing {
  /** For every client and worker: what they send is sealed, what they receive is opened or refused. */
  readonly dataConverter: DataConverter;
  /** The same keys, for the gateway: it opens and seals for people. */
  readonly keyring: Keyring<PayloadKeyPurpose>;
  /** Wipes the keys. */
  close(): void;
}

/** Keys of payloads in memory at once: one a day or so is made, and a long payment may name an old one. */
const DATA_KEYS_HELD = 1_000;

/**
 * Seals the payloads that go from this process to Temporal; see {@link createPayloadCodec}.
 * @param registry counts those that are refused; a tool has none
 */
export function createPayloadSealing(
  config: PayloadSettings,
  pool: pg.Pool,
  logger: Logger,
  registry?: Registry,
): PayloadSealing {
  const kms = createKms(kmsOptionsOf(config));
  const keyring = createKeyring<PayloadKeyPurpose>({
    kms,
    store: createPayloadKeys(pool),
    logger,
    newId: () => newId('dk'),
    maxAgeMs: config.dataKeyMaxAgeMs,
    maxUses: config.dataKeyMaxUses,
    graceMs: config.dataKeyGraceMs,
    capacity: DATA_KEYS_HELD,
    now: () => performance.now(),
  });
  return {
    keyring,
    dataConverter: {
      payloadCodecs: [
        createPayloadCodec(keyring, logger, registry === undefined ? undefined : countRefused(registry)),
      ],
      failureConverterPath: join(packageRoot(), 'dist', 'workflows', 'failure-converter.js'),
    },
    close() {
      keyring.close();
      kms.close();
    },
  };
}
