import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { foreignEnvironment, SETTINGS, type SettingName } from '../../platform/config.ts';
import { packageRoot } from '../../platform/package-root.ts';
import { acquirerNames, certificateFiles, issue, readAuthority } from '../certificates.ts';
import { PLATFORM_KEY_ALIAS } from '../key-aliases.ts';
import { ENTRIES } from '../part-specs.ts';
import { freePort } from '../ports.ts';
import type { RunFile } from '../run-file.ts';
import { startSimulator, type Simulator } from '../simulators/iso8583/server.ts';
import { waitUntil } from './wait-until.ts';

/** Acquirers beside those of the stack, for one test: simulators in this process, and a worker of their own. */
export interface ExtraAcquirers {
  readonly ids: readonly string[];
  /** In the order in which they were asked for. */
  readonly simulators: readonly Simulator[];
  /** Takes the host away, as an outage would, until `open`. */
  shut(place: number): Promise<void>;
  open(place: number): Promise<void>;
  /** Of the worker. */
  readonly pid: number;
  /** Another worker on the same queues, until the end; answers its process id. */
  another(): Promise<number>;
  close(): Promise<void>;
}

const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
const READY_LIMIT_MS = 60_000;

/**
 * @param ids of the acquirers: of one test alone.
 * @param settings of their workers, over their defaults.
 * @param options fencesByReversal: whether they refuse an original that comes after its reversal; they do unless told.
 * @throws Error when the worker is not ready within a minute.
 */
export async function startExtraAcquirers(
  run: RunFile,
  ids: readonly string[],
  settings: Partial<Record<SettingName, string>> = {},
  { fencesByReversal = true }: { readonly fencesByReversal?: boolean } = {},
): Promise<ExtraAcquirers> {
  const folder = await mkdtemp(join(tmpdir(), 'quittance-acquirers-'));
  const start = (id: string, ports: { port: number; controlPort: number }): Promise<Simulator> =>
    startSimulator({
      ...ports,
      journalPath: join(folder, `${id}.jsonl`),
      slowMs: 3_000,
      fencesByReversal,
      logger: silent,
    });
  const simulators = await Promise.all(ids.map((id) => start(id, { port: 0, controlPort: 0 })));
  const links = ids.map((acquirer, place) => ({
    acquirer,
    host: '127.0.0.1',
    port: simulators[place]?.port,
    connections: 2,
  }));
  // That of the stack's own worker does not name them.
  const pair = await issue(await readAuthority(run.dir), 'acquirers', { dns: acquirerNames(ids) });
  const tls = {
    certificate: join(folder, 'certificate.pem'),
    key: join(folder, 'key.pem'),
    authority: certificateFiles(run.dir, 'acquirers').authority,
  };
  await writeFile(tls.key, pair.key, { mode: 0o600 });
  await writeFile(tls.certificate, pair.certificate);
  const workers: ChildProcess[] = [];
  const shared = {
    logLevel: 'error',
    databaseUrl: run.postgres.urls.worker,
    temporalAddress: run.temporal.address,
    temporalNamespace: run.temporal.namespace,
    kmsEndpoint: run.kms.endpoint,
    kmsRegion: run.kms.region,
    kmsKeyId: PLATFORM_KEY_ALIAS,
    // The emulator does not look at them.
    kmsAccessKeyId: 'emulator',
    kmsSecretAccessKey: 'emulator',
    vaultUrl: run.vault,
    tlsCertificateFile: tls.certificate,
    tlsKeyFile: tls.key,
    tlsAuthorityFile: tls.authority,
    acquirerLinks: JSON.stringify(links),
    ...settings,
  } as const;

  async function another(): Promise<number> {
    const healthPort = await freePort();
    const worker = startWorker({ ...shared, healthPort: String(healthPort) });
    workers.push(worker);
    await waitUntil('the acquirer worker is ready', READY_LIMIT_MS, async () => {
      if (worker.exitCode !== null) throw new Error(`it ended with ${worker.exitCode}`);
      return (await fetch(`http://127.0.0.1:${healthPort}/healthz`)).ok;
    });
    if (worker.pid === undefined) throw new Error('the acquirer worker has no process id');
    return worker.pid;
  }

  async function close(): Promise<void> {
    await Promise.all(workers.map(stop));
    await Promise.all(simulators.map((simulator) => simulator.close()));
    await rm(folder, { recursive: true, force: true });
  }

  let pid: number;
  try {
    pid = await another();
    await waitUntil('its links are up', READY_LIMIT_MS, () =>
      simulators.every((simulator) => simulator.connections() > 0),
    );
  } catch (error) {
    await close();
    throw error;
  }

  const at = (place: number): Simulator => {
    const simulator = simulators[place];
    if (simulator === undefined) throw new Error(`there is no acquirer ${place}`);
    return simulator;
  };
  return {
    ids,
    simulators,
    shut: (place) => at(place).close(),
    async open(place) {
      const { port, controlPort } = at(place);
      simulators[place] = await start(ids[place] ?? '', { port, controlPort });
      await waitUntil('the link is up again', READY_LIMIT_MS, () => at(place).connections() > 0);
    },
    pid,
    another,
    close,
  };
}

function startWorker(settings: Partial<Record<SettingName, string>>): ChildProcess {
  const env = foreignEnvironment();
  for (const [name, value] of Object.entries(settings)) env[SETTINGS[name as SettingName].env] = value;
  return spawn(process.execPath, [join(packageRoot(), 'dist', ENTRIES.acquirers)], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** The shutdown grace of a process and what it takes to leave. */
const STOP_LIMIT_MS = 30_000;

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await ended;
  clearTimeout(killer);
}
