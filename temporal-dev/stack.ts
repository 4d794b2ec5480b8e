import { chmod, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { foreignEnvironment, loadConfig } from '../platform/config.ts';
import { kmsOptionsOf, type KmsOptions } from '../platform/kms.ts';
import { migrateMain } from '../schema/migrate.ts';
import { migrateVault } from '../vault/migrate.ts';
import { addressesOf } from './addresses.ts';
import type { Addresses } from './addresses.ts';
import { keepCertificates } from './certificates.ts';
import { keepGrantKeys } from './grant-keys.ts';
import { GRANT_KEY_ALIAS } from './key-aliases.ts';
import { externalProbes } from './parts/external.ts';
import { bootstrapPostgres, rolePasswords } from './parts/postgres-bootstrap.ts';
import { sharedPartsFolder } from './parts/programs.ts';
import { PART_NAMES, PARTS, STOP_ORDER } from './part-names.ts';
import type { PartName } from './part-names.ts';
import { partSpecs } from './part-specs.ts';
import { choosePorts } from './ports.ts';
import { createRunFile } from './run-file-keeper.ts';
import type { RunFile } from './run-file.ts';
import { keepSecrets } from './secrets.ts';
import type { StackSecrets } from './secrets.ts';
import { seedMerchant } from './seed.ts';
import { seedOperators } from './seed-operators.ts';
import { loadStackSettings } from './settings.ts';
import type { StackSettings } from './settings.ts';
import { lockFolder } from './supervisor/folder-lock.ts';
import { startGuard } from './supervisor/guard.ts';
import { createService } from './supervisor/service.ts';
import type { Service } from './supervisor/service.ts';
import { runSteps } from './supervisor/steps.ts';
import type { Step } from './supervisor/steps.ts';
import { createVersions } from './versions.ts';

export interface StackOptions {
  /** Folder of the stack: state, logs, secrets, run.json. Made if needed. */
  readonly dir: string;
  readonly ports: 'default' | 'free';
  /** The parts to start; null = all. */
  readonly only: readonly PartName[] | null;
  /** Takes one line for the person who waits. */
  readonly say: (line: string) => void;
}

export interface Stack {
  /** Resolves when everything is healthy and run.json is written. @throws PartFailure and others that name the part */
  start(): Promise<RunFile>;
  /** Stops all parts in order, drains first. May be called at any time, also during start. */
  stop(): Promise<void>;
}

const LEFTOVER_LIMIT_MS = 10_000;

/**
 * Takes the folder and prepares a stack in it; the process that calls it is its supervisor.
 * @throws FolderInUse, ConfigError, or an Error that names ports in use.
 */
export async function createStack(options: StackOptions): Promise<Stack> {
  const { dir, say } = options;
  const settings = loadStackSettings();
  const config = loadConfig(['temporalNamespace', 'kmsRegion', 'kmsAccessKeyId', 'kmsSecretAccessKey']);
  const { temporalNamespace, kmsRegion } = config;
  await mkdir(join(dir, 'logs'), { recursive: true });
  await chmod(dir, 0o711); // PostgreSQL may run as another user, who has to get to its folder
  const lock = await lockFolder(dir, LEFTOVER_LIMIT_MS);
  try {
    const runPath = join(dir, 'run.json');
    await rm(runPath, { force: true });
    const parts = startedParts(options.only, settings);
    const ports = await choosePorts(
      options.ports,
      dir,
      settings,
      new Set(parts.flatMap((part) => PARTS[part])),
    );
    const secrets = await keepSecrets(dir);
    const addresses = addressesOf(dir, ports, settings, secrets, { temporalNamespace, kmsRegion });
    const runFile = createRunFile(runPath, addresses);

    const kmsCredentials =
      settings.kmsEndpoint === null
        ? { accessKeyId: 'emulator', secretAccessKey: 'emulator' }
        : kmsOptionsOf({ ...config, kmsEndpoint: settings.kmsEndpoint, kmsKeyId: GRANT_KEY_ALIAS })
            .credentials;
    const guard = startGuard((pid) => {
      lock.note('guard', pid);
      runFile.process('guard', pid);
    });
    const inherited = foreignEnvironment();
    const fetch = { partsFolder: sharedPartsFolder(settings.partsFolder), env: inherited, say };
    const specs = partSpecs({
      dir,
      ports,
      secrets,
      addresses,
      isKmsOurs: settings.kmsEndpoint === null,
      via: settings.via,
      processVariables: settings.processVariables,
      continueAfterEvents: settings.continueAfterEvents,
      inherited,
      fetch,
      guard,
    });
    const services = new Map<PartName, Service>();
    const versions = createVersions({ ...addresses.temporal, say });
    let stopping: Promise<void> | null = null;

    const startPart = async (part: PartName): Promise<void> => {
      const spec = await specs[part]();
      if (stopping !== null) return;
      const service = createService(spec, {
        guard,
        say,
        onHealthy: (role, pid) => {
          runFile.process(role, pid);
          versions.healthy(role);
        },
        onLaunched: (role, pid) => {
          lock.note(role, pid);
          versions.launched(role);
        },
        restartPauseMaxMs: settings.restartPauseMaxMs,
      });
      services.set(part, service);
      await service.start();
    };

    const stop = async (): Promise<void> => {
      await rm(runPath, { force: true });
      await versions.stop();
      for (const group of STOP_ORDER)
        await Promise.all(group.map(async (part) => services.get(part)?.stop()));
      await runFile.close();
      await guard.close();
      await lock.release();
    };

    return {
      async start() {
        await runSteps(
          stepsOf(parts, startPart, options.only, {
            settings,
            addresses,
            secrets,
            merchant: runFile.merchant,
            kmsCredentials,
            versions: () => versions.ready(),
          }),
        );
        return runFile.ready();
      },
      stop: () => (stopping ??= stop()),
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function startedParts(only: readonly PartName[] | null, settings: StackSettings): PartName[] {
  const external: Partial<Record<PartName, string | null>> = {
    postgres: settings.postgresUrl,
    redis: settings.redisUrl,
    temporal: settings.temporalAddress,
    kms: settings.kmsEndpoint,
  };
  return PART_NAMES.filter(
    (part) => (external[part] ?? null) === null && (only === null || only.includes(part)),
  );
}

/** What is done in the database, and cannot be where there is none. */
const IN_POSTGRES: ReadonlySet<string> = new Set(['schema', 'merchant', 'operators']);

interface StepContext {
  readonly settings: StackSettings;
  readonly addresses: Addresses;
  readonly secrets: StackSecrets;
  readonly merchant: (merchant: RunFile['merchant']) => void;
  readonly kmsCredentials: KmsOptions['credentials'];
  readonly versions: () => Promise<void>;
}

function stepsOf(
  parts: readonly PartName[],
  startPart: (part: PartName) => Promise<void>,
  only: readonly PartName[] | null,
  { settings, addresses, secrets, merchant, kmsCredentials, versions }: StepContext,
): Step[] {
  const { superuserUrl, urls } = addresses.postgres;
  const probes = externalProbes(settings, addresses.temporal.namespace);
  const begin = (name: PartName, needs: readonly string[]): Step => ({
    name,
    needs,
    run: async () => {
      if (parts.includes(name)) await startPart(name);
      else await probes[name]?.();
    },
  });
  const everything = [
    'schema',
    'redis',
    'temporal',
    'kms',
    'acquirer-1',
    'acquirer-3',
    'acquirer-4',
    'vault',
  ];
  const steps: Step[] = [
    begin('postgres', []),
    begin('redis', []),
    begin('temporal', []),
    begin('kms', []),
    begin('acquirer-1', []),
    begin('acquirer-3', []),
    begin('acquirer-4', []),
    {
      name: 'schema',
      needs: ['postgres'],
      run: async () => {
        await bootstrapPostgres(superuserUrl, rolePasswords(secrets));
        await Promise.all([migrateMain(urls.owner), migrateVault(urls.vaultOwner)]);
      },
    },
    {
      name: 'merchant',
      needs: ['schema'],
      run: async () => {
        const acquirers = addresses.acquirers.map(({ id }) => id);
        const id = await seedMerchant({
          ownerUrl: urls.owner,
          apiKey: secrets.demoApiKey,
          keySecret: secrets.apiKeySecret,
          name: 'Demo merchant',
          acquirers,
        });
        merchant({ id, apiKey: secrets.demoApiKey });
      },
    },
    {
      name: 'operators',
      needs: ['schema'],
      run: () => seedOperators(urls.owner, addresses.gateway.operators),
    },
    {
      name: 'certificates',
      needs: ['kms'],
      run: async () => {
        await keepCertificates(addresses.dir);
        const { endpoint, region } = addresses.kms;
        if (only !== null && !only.includes('kms') && settings.kmsEndpoint === null) return;
        await keepGrantKeys(addresses.dir, {
          endpoint,
          region,
          keyId: GRANT_KEY_ALIAS,
          credentials: kmsCredentials,
        });
      },
    },
    begin('vault', ['schema', 'kms', 'certificates']),
    begin('gateway', ['operators', 'temporal', 'kms']),
    begin('api', everything),
    begin('payments', everything),
    begin('acquirers', everything),
    begin('webhooks', everything),
    begin('back-office', everything),
    // Before that their workers get nothing.
    { name: 'versions', needs: ['payments', 'webhooks', 'back-office'], run: versions },
  ];
  const withoutPostgres = only !== null && !only.includes('postgres') && settings.postgresUrl === null;
  return withoutPostgres ? steps.filter(({ name }) => !IN_POSTGRES.has(name)) : steps;
}
