/**
 * node dist/tools/quick-start.js: runs the README's quick start as it is written, line by line, in a
 * fresh copy of this checkout (nothing installed, nothing built), and ends with 0 only when a verified webhook was seen within five
 * commands. Ports are free ones, and programs that were fetched before are not fetched again.
 */
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { packageRoot } from '../platform/package-root.ts';
import { freePort } from '../temporal-dev/ports.ts';
import { loadStackSettings, PORT_NAMES, STACK_SETTINGS } from '../temporal-dev/settings.ts';
import { linesOfQuickStart } from './quick-start/lines.ts';

const COMMANDS_MAX = 5;
const LINE_LIMIT_MS = 10 * 60_000;
/** What a clone does not have. */
const LEFT_OUT: ReadonlySet<string> = new Set(['.git', 'node_modules', 'dist', '.quittance', 'coverage']);
const SEEN = /webhook received: payment\.captured[\s\S]*\(verified\)/;

interface Ran {
  readonly code: number | null;
  readonly out: string;
}

/** Runs one line in a shell of its own; what it writes is shown and kept. */
function run(line: string, cwd: string, env: NodeJS.ProcessEnv): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const shell = spawn('bash', ['-c', line], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: LINE_LIMIT_MS,
    });
    let out = '';
    shell.stdout.on('data', (piece: Buffer) => {
      out += piece.toString('utf8');
      process.stdout.write(piece);
    });
    shell.once('error', reject);
    shell.once('close', (code) => {
      resolve({ code, out });
    });
  });
}

async function surroundings(home: string): Promise<NodeJS.ProcessEnv> {
  const taken = new Set<number>();
  const ports: Record<string, string> = {};
  for (const name of PORT_NAMES) {
    const port = await freePort(taken);
    taken.add(port);
    ports[STACK_SETTINGS[name].env] = String(port);
  }
  return {
    ...process.env,
    ...ports,
    // What this checkout has fetched; the login of whoever runs this is not theirs to use.
    [STACK_SETTINGS.partsFolder.env]:
      loadStackSettings().partsFolder ?? join(packageRoot(), '.quittance', 'parts'),
    XDG_CONFIG_HOME: join(home, 'config'),
    npm_config_prefer_offline: 'true',
  };
}

async function main(): Promise<boolean> {
  const lines = linesOfQuickStart(await readFile(join(packageRoot(), 'README.md'), 'utf8'));
  console.log(`${lines.length} commands in the README’s quick start`);
  if (lines.length > COMMANDS_MAX) throw new Error(`more than ${COMMANDS_MAX}: ${lines.join('; ')}`);
  const home = await mkdtemp(join(tmpdir(), 'quittance-quick-start-'));
  const clone = join(home, 'quittance');
  const env = await surroundings(home);
  let seen = false;
  try {
    await cp(packageRoot(), clone, {
      recursive: true,
      filter: (path) => !LEFT_OUT.has(relative(packageRoot(), path)),
    });
    for (const line of lines) {
      const began = Date.now();
      console.log(`$ ${line}`);
      const { code, out } = await run(line, clone, env);
      console.log(
        `  (${code === 0 ? 'ok' : `ended with ${String(code)}`}, ${((Date.now() - began) / 1_000).toFixed(1)} s)`,
      );
      if (code !== 0) return false;
      seen ||= SEEN.test(out);
    }
  } finally {
    // Also when a line failed before its own.
    await run('[ ! -e dist/tools/cli/main.js ] || node bin/quittance.js down', clone, env).catch(
      () => undefined,
    );
    await rm(home, { recursive: true, force: true });
  }
  console.log(seen ? 'a webhook was seen' : 'NO WEBHOOK WAS SEEN');
  return seen;
}

process.exitCode = (await main()) ? 0 : 1;
