/** npm run dashboard: Prometheus, and Grafana where it is installed, beside a running stack. See HELP. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { foreignEnvironment } from '../platform/config.ts';
import { packageRoot } from '../platform/package-root.ts';
import { grafanaEnvironment, writeProvisioning } from './dashboard/grafana.ts';
import { prometheusConfig } from './dashboard/prometheus-config.ts';
import { findOnPath } from './parts/find-program.ts';
import { sharedPartsFolder } from './parts/programs.ts';
import { prometheusProgram } from './parts/prometheus.ts';
import { readRunFile } from './run-file.ts';

const HELP = `npm run dashboard -- [options]

Starts Prometheus on this machine for the stack that "npm start" keeps up, with the alerts of
deploy/prometheus, and Grafana with the dashboards of deploy/grafana where grafana-server is on the PATH.
Prometheus is that on the PATH, else Debian's package, fetched and unpacked without being installed.
What they write is in .quittance/dashboard. Ends with Ctrl-C.

  --run-file FILE    run.json of a running stack (default: .quittance/run.json of this checkout)
  --port N           of Prometheus (default 9090)
  --grafana-port N   of Grafana (default 3000)
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      'run-file': { type: 'string', default: '.quittance/run.json' },
      port: { type: 'string', default: '9090' },
      'grafana-port': { type: 'string', default: '3000' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const run = await readRunFile(resolve(values['run-file']));
  const env = foreignEnvironment();
  const deploy = join(packageRoot(), 'deploy');
  const folder = join(run.dir, 'dashboard');
  await mkdir(folder, { recursive: true });
  const program = await prometheusProgram('prometheus', {
    partsFolder: sharedPartsFolder(null),
    env,
    say: console.log,
  });
  // JSON is YAML.
  const config = prometheusConfig(run.metrics, join(deploy, 'prometheus', 'alerts.yml'));
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config, null, 2));
  const prometheus = `http://127.0.0.1:${portOf(values.port)}`;
  const children = [
    start(program, env, [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'prometheus')}`,
      `--web.listen-address=${new URL(prometheus).host}`,
      '--log.level=warn',
    ]),
  ];
  console.log(`Prometheus   ${prometheus}/alerts`);

  const grafana = await findOnPath('grafana-server', env['PATH']);
  if (grafana === null)
    console.log('Grafana      grafana-server is not on the PATH: its dashboards are in deploy/grafana');
  else {
    const home = join(folder, 'grafana');
    await writeProvisioning({ folder: home, dashboards: join(deploy, 'grafana'), prometheus });
    const port = portOf(values['grafana-port']);
    children.push(
      start(grafana, { ...env, ...grafanaEnvironment(home, port) }, [
        '--homepath',
        resolve(dirname(grafana), '..', 'share', 'grafana'),
      ]),
    );
    console.log(`Grafana      http://127.0.0.1:${port}/dashboards`);
  }
  await ended(children);
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`${text} is not a port`);
  return port;
}

function start(
  program: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[],
): ChildProcess {
  return spawn(program, args, { env, stdio: ['ignore', 'inherit', 'inherit'] });
}

/** Resolves when one has ended and the others were ended. @throws Error when it ended by itself with a failure */
async function ended(children: readonly ChildProcess[]): Promise<void> {
  const stop = (): void => {
    for (const child of children) child.kill('SIGTERM');
  };
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      stopping.abort();
      stop();
    });
  const endings = children.map(
    (child) =>
      new Promise<number>((settle, reject) => {
        child.once('error', reject);
        child.once('exit', (code) => {
          stop();
          settle(code ?? 0);
        });
      }),
  );
  const codes = await Promise.all(endings);
  if (!stopping.signal.aborted && codes.some((code) => code !== 0))
    throw new Error('it ended by itself; its last lines say why');
}

try {
  await main();
} catch (error) {
  process.stderr.write(`dashboard: ${error instanceof Error ? error.message : String(error)} (--help)\n`);
  process.exitCode = 1;
}
