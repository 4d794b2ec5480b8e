/** npx quittance: see `npx quittance --help`. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../platform/package-root.ts';
import { handOverToOps } from './commands/ops.ts';
import type { Surroundings } from './context.ts';
import { failureOf, leftOpenBy } from './failure.ts';
import { createProgram } from './program.ts';

const ended = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.once(name, () => {
    ended.abort();
  });
// Whoever read us may leave: head, less.
process.stdout.on('error', () => undefined);

const say = (text: string): void => {
  process.stderr.write(text);
};
const configHome = process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config');

const surroundings: Surroundings = {
  terminal: { out: (text) => void process.stdout.write(text), say, live: process.stderr.isTTY },
  configPath: join(configHome, 'quittance', 'login.json'),
  checkout: packageRoot(),
  keyInEnvironment: process.env['QUITTANCE_API_KEY'],
  signal: ended.signal,
};

const [first, ...rest] = process.argv.slice(2);
try {
  if (first === 'ops') process.exitCode = await handOverToOps(rest, surroundings);
  else await createProgram(surroundings).parseAsync();
} catch (error) {
  const { text: failed, exitCode } = failureOf(error);
  const text = ended.signal.aborted ? leftOpenBy(error) : failed;
  if (text !== '') say(`quittance: ${text}\n`);
  process.exitCode = ended.signal.aborted ? 130 : exitCode;
}
