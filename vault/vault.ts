import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Registry } from 'prom-client';
import { createPool } from '../platform/database.ts';
import { every } from '../platform/every.ts';
import { createKeyring } from '../platform/keyring.ts';
import { createKmsMetrics } from '../platform/kms-metrics.ts';
import { createKms, type KmsOptions } from '../platform/kms.ts';
import type { Logger } from '../platform/logger.ts';
import { createMasterKeys } from '../platform/master-keys.ts';
import type { RunningProcess } from '../platform/process.ts';
import { createHeadFile } from '../platform/seals/head-file.ts';
import { createChainSealer } from '../platform/seals/sealer.ts';
import { followTlsFiles, type TlsFiles } from '../platform/tls.ts';
import { registerCertificate } from '../platform/tls-metrics.ts';
import { createAlarms, type AlarmOptions } from './alarms.ts';
import { auditChain } from './audit/chain.ts';
import { createIdentify } from './callers.ts';
import { createVaultCounters, type VaultCounters } from './counters.ts';
import { createDataKeys } from './data-keys.ts';
import { createVaultDatabase } from './database.ts';
import { createFingerprinter } from './fingerprint.ts';
import { followGrantKeys } from './grants/keys.ts';
import { createGrantVerifier } from './grants/verifier.ts';
import { createLimits, type LimitOptions } from './limits.ts';
import { createCallMetrics, registerVaultCounters } from './metrics.ts';
import { newDataKeyId } from './new-token.ts';
import { createNumericTokens } from './numeric-tokens.ts';
import { createRetention } from './retention/retention.ts';
import { createVaultRotate } from './rotation/rekey.ts';
import { createCardTokens } from './public/card-tokens.ts';
import { startPublicListener, type PublicListenerOptions } from './public/server.ts';
import { createRefusalAudit } from './refusal-audit.ts';
import { createSealing } from './sealing.ts';
import { createSecurityCodes } from './security-codes.ts';
import { createVaultServer } from './server.ts';
import { createVaultService } from './service.ts';
import { startSweeper, type Leftovers } from './sweeper.ts';
import { createStage } from './stage.ts';

export interface VaultOptions {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  /** The vault's own database as vault_app. */
  readonly databaseUrl: string;
  readonly databasePoolSize: number;
  readonly databaseStatementTimeoutMs: number;
  readonly kms: KmsOptions;
  readonly tls: TlsFiles;
  /** PEM: the public keys of the key service that may certify who signs grants. */
  readonly grantKeysFile: string;
  /** Whether acquirer workers' certificates, and grants, that name no acquirer are taken: while all are renewed. */
  readonly allowsUnnamedAcquirers: boolean;
  /** Whether statements are spans of the traces that calls come with; false when left out. */
  readonly tracing?: boolean;
  /** How often certificates and keys are looked at (ms); as the platform does when left out. */
  readonly filesPollMs?: number;
  readonly limits: LimitOptions;
  readonly alarms: AlarmOptions;
  readonly cvvLifetimeMs: number;
  readonly stagingLifetimeMs: number;
  readonly sweepIntervalMs: number;
  /** A card that no payment took for so long is forgotten. */
  readonly cardUnusedMs: number;
  /** The chain over the audit log, and the file that its head is published to. */
  readonly seals: { readonly intervalMs: number; readonly headFile: string };
  /** How long a card token waits for its payment. */
  readonly cardTokenLifetimeMs: number;
  /** The address for pages and apps; null = none. */
  readonly publicListener: PublicListenerOptions | null;
  readonly dataKeys: { readonly maxAgeMs: number; readonly maxUses: number; readonly graceMs: number };
}

export interface RunningVault extends RunningProcess {
  readonly url: string;
  /** What nobody burnt or took in time. */
  leftovers(): Leftovers;
  readonly counters: VaultCounters;
  /** Of the address for pages and apps. */
  readonly publicPort: number | null;
}

/** What pages sent is answered within this when the vault stops. */
const PUBLIC_CLOSE_MS = 5_000;
/** Data keys in memory at once: with 100,000 cards a key, those of a hundred million cards. */
const DATA_KEYS_HELD = 1_024;

/** Rows of the audit log of one seal. */
const SEAL_BATCH = 5_000;

/**
 * Starts the vault service. It listens also while its database or the key service is away: it then
 * answers 503 and is unhealthy until they are back.
 * @param registry where it shows what it counts and measures.
 */
export async function startVault(
  options: VaultOptions,
  logger: Logger,
  registry: Registry = new Registry(),
): Promise<RunningVault> {
  const tls = await followTlsFiles(options.tls, logger, options.filesPollMs);
  registerCertificate(registry, tls);
  const grantKeys = await followGrantKeys(options.grantKeysFile, logger, options.filesPollMs).catch(
    (error: unknown) => {
      tls.close();
      throw error;
    },
  );
  const pool = createPool(
    {
      url: options.databaseUrl,
      poolSize: options.databasePoolSize,
      statementTimeoutMs: options.databaseStatementTimeoutMs,
      role: 'vault',
      tracing: options.tracing ?? false,
    },
    logger,
  );
  const database = createVaultDatabase(pool);
  const measured = createKmsMetrics(registry);
  const kms = measured.kms(createKms(options.kms));
  const masterKeys = measured.masterKeys(createMasterKeys(options.kms));
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
  const sealing = createSealing(keyring);
  const counters = createVaultCounters();
  const alarms = createAlarms(options.alarms, { database, logger, counters, now: () => performance.now() });
  const service = createVaultService({
    database,
    sealing,
    numericTokenOf: createNumericTokens(database, sealing, fingerprinter, counters, logger),
    fingerprinter,
    securityCodes,
    grants: createGrantVerifier(grantKeys, Date.now, options.allowsUnnamedAcquirers),
    alarms,
    cvvLifetimeMs: options.cvvLifetimeMs,
    rotate: createVaultRotate(masterKeys, database, logger),
    retention: createRetention(database, options.cardUnusedMs),
  });

  const cardTokens = createCardTokens(
    database,
    createStage(database, sealing, fingerprinter, options.cvvLifetimeMs),
    options.cardTokenLifetimeMs,
  );

  async function healthy(): Promise<boolean> {
    await Promise.all([database.query('health', 'SELECT 1', []), fingerprinter.ready()]);
    return true;
  }

  const server = createVaultServer({
    service,
    tls,
    identify: createIdentify(Date.now),
    limits: createLimits(options.limits),
    alarms,
    counters,
    auditRefusal: createRefusalAudit(database, logger, () => performance.now()),
    answered: createCallMetrics(registry),
    logger,
  });
  server.listen(options.port, options.host);
  await once(server, 'listening');
  const stopping = new AbortController();
  const chaining = every(
    { name: 'audit_sealer', intervalMs: options.seals.intervalMs, signal: stopping.signal, logger },
    createChainSealer({
      chain: auditChain(database),
      publisher: createHeadFile(options.seals.headFile),
      logger,
      batch: SEAL_BATCH,
    }),
  );
  const sweeper = startSweeper(securityCodes, cardTokens, options.sweepIntervalMs, logger);
  registerVaultCounters(registry, counters, () => sweeper.leftovers());
  const publicServer =
    options.publicListener === null
      ? null
      : await startPublicListener(options.publicListener, cardTokens, logger);

  return {
    publicPort: publicServer?.port ?? null,
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counters,
    healthy,
    leftovers: () => sweeper.leftovers(),
    async stop() {
      const closed = once(server, 'close');
      server.close();
      // What is being answered is finished; sockets that only wait are closed.
      server.closeIdleConnections();
      stopping.abort();
      await Promise.all([closed, publicServer?.close(PUBLIC_CLOSE_MS), sweeper.stop(), chaining]);
      tls.close();
      grantKeys.close();
      keyring.close();
      fingerprinter.close();
      kms.close();
      masterKeys.close();
      await pool.end();
    },
  };
}
