import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createPool } from '../platform/database.ts';
import { createKeyring } from '../platform/keyring.ts';
import { createKms, type KmsOptions } from '../platform/kms.ts';
import type { Logger } from '../platform/logger.ts';
import type { RunningProcess } from '../platform/process.ts';
import { createIdentify, type Caller } from './callers.ts';
import { createDataKeys } from './data-keys.ts';
import { createVaultDatabase } from './database.ts';
import { createFingerprinter } from './fingerprint.ts';
import { newDataKeyId } from './new-token.ts';
import { createSealing } from './sealing.ts';
import { createSecurityCodes } from './security-codes.ts';
import { createVaultServer } from './server.ts';
import { createVaultService } from './service.ts';
import { startSweeper } from './sweeper.ts';

export interface VaultOptions {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  /** The vault's own database as vault_app. */
  readonly databaseUrl: string;
  readonly databasePoolSize: number;
  readonly databaseStatementTimeoutMs: number;
  readonly kms: KmsOptions;
  readonly secrets: Readonly<Record<Caller, string>>;
  readonly cvvLifetimeMs: number;
  readonly stagingLifetimeMs: number;
  readonly sweepIntervalMs: number;
  readonly dataKeys: { readonly maxAgeMs: number; readonly maxUses: number; readonly graceMs: number };
}

export interface RunningVault extends RunningProcess {
  readonly url: string;
}

/** Data keys in memory at once: with 100,000 cards a key, those of a hundred million cards. */
const DATA_KEYS_HELD = 1_024;

/**
 * Starts the vault service. It listens also while its database or the key service is away: it then
 * answers 503 and is unhealthy until they are back.
 */
export async function startVault(options: VaultOptions, logger: Logger): Promise<RunningVault> {
  const pool = createPool(
    {
      url: options.databaseUrl,
      poolSize: options.databasePoolSize,
      statementTimeoutMs: options.databaseStatementTimeoutMs,
      role: 'vault',
    },
    logger,
  );
  const database = createVaultDatabase(pool);
  const kms = createKms(options.kms);
  const dataKeys = createDataKeys(database);
  const keyring = createKeyring({
    kms,
    store: dataKeys,
    logger,
    newId: newDataKeyId,
    ...options.dataKeys,
    capacity: DATA_KEYS_HELD,
    now: () => performance.now(),
  });
  const fingerprinter = createFingerprinter(kms, dataKeys);
  const securityCodes = createSecurityCodes(database, options.stagingLifetimeMs);
  const service = createVaultService({
    database,
    sealing: createSealing(keyring),
    fingerprinter,
    securityCodes,
    cvvLifetimeMs: options.cvvLifetimeMs,
  });

  async function healthy(): Promise<boolean> {
    await Promise.all([database.query('health', 'SELECT 1', []), fingerprinter.ready()]);
    return true;
  }

  const server = createVaultServer({ service, identify: createIdentify(options.secrets), healthy, logger });
  server.listen(options.port, options.host);
  await once(server, 'listening');
  const sweeper = startSweeper(securityCodes, options.sweepIntervalMs, logger);

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    healthy,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      // What is being answered is finished; sockets that only wait are closed.
      server.closeIdleConnections();
      await Promise.all([closed, sweeper.stop()]);
      keyring.close();
      fingerprinter.close();
      kms.close();
      await pool.end();
    },
  };
}
