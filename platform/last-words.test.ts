import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { packageRoot } from './package-root.ts';

// A process of its own, from the compiled files (npm run build): what it prints is what an operator finds.
const run = promisify(execFile);
const compiled = (file: string): string => pathToFileURL(join(packageRoot(), 'dist', 'platform', file)).href;
const PRELUDE = `
  import { createLogger } from '${compiled('logger.js')}';
  import { runProcess } from '${compiled('process.js')}';
  const secret = '4242 4242 4242 4242';
  const fault = () => new Error('card ' + secret, { cause: new AggregateError([{ cvv: '7391', secret }], 'Bearer sk_test_abcdefgh') });
  const start = async () => ({ healthy: async () => true, stop: async () => undefined });
`;

interface Ended {
  readonly code: number;
  readonly printed: string;
  /** What lies in its folder afterwards. */
  readonly files: readonly string[];
}

async function runScript(script: string): Promise<Ended> {
  const dir = await mkdtemp(join(tmpdir(), 'quittance-words-'));
  try {
    const args = [
      '-c',
      'ulimit -c 0; exec "$@"',
      'sh',
      process.execPath,
      '--report-uncaught-exception',
      '--input-type=module',
      '-e',
      PRELUDE + script,
    ];
    const ended = await run('/bin/sh', args, { cwd: dir, timeout: 20_000 }).then(
      ({ stdout, stderr }) => ({ code: 0, printed: stdout + stderr }),
      (error: unknown) => {
        const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
        return { code, printed: stdout + stderr };
      },
    );
    return { ...ended, files: await readdir(dir) };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

const RUN = `await runProcess(createLogger('vault', 'info'), 1000, start);`;

describe('what a process prints by itself', () => {
  it.each([
    [
      'an error nobody caught',
      `${RUN} setTimeout(() => { throw fault(); });`,
      1,
      'process_uncaught_exception',
    ],
    ['a rejection nobody took', `${RUN} Promise.reject(fault());`, 1, 'process_unhandled_rejection'],
    [
      'a text that was thrown',
      `${RUN} setTimeout(() => { throw 'card ' + secret; });`,
      1,
      'process_uncaught_exception',
    ],
    [
      'a start that failed',
      `await runProcess(createLogger('vault', 'info'), 1000, async () => { throw fault(); });`,
      1,
      'process_start_failed',
    ],
    ['a warning', `${RUN} process.emitWarning('card ' + secret, { detail: secret });`, 0, 'process_warning'],
    ['the console of a library', `${RUN} console.error('card %s', secret, { cvv: '7391' });`, 0, 'console'],
  ])('%s is one scrubbed line, and leaves no report', async (_what, script, code, event) => {
    const ended = await runScript(script);
    expect(ended.code, ended.printed).toBe(code);
    const lines = ended.printed
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string });
    expect(lines.map((line) => line.event)).toContain(event);
    expect(ended.printed).toContain('[card …4242]');
    expect(ended.printed.replaceAll('[card …4242]', '')).not.toMatch(/4242|7391|sk_test/);
    expect(ended.files).toEqual([]);
  });
});
