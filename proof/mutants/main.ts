/**
 * npm run proof:mutants: puts deliberate faults into what decides about money, one at a time, in a copy of
 * this checkout, and runs the test that must notice. Ends with 0 when every fault was noticed, with 1 when one
 * survived, with 2 when it could not try (a text is gone, a test fails without any fault). A word after it
 * picks the faults whose test file or description has it.
 */
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { MUTANTS, type Mutant } from './list.ts';

/** Of one test file; what takes longer hangs, and a fault that hangs a test is noticed. */
const LIMIT_MS = 120_000;
/** Not needed to run unit tests, or linked. */
const LEFT_OUT: ReadonlySet<string> = new Set(['node_modules', 'dist', '.git', '.quittance', '.programs']);

async function main(): Promise<number> {
  const root = resolve('.');
  const copy = await mkdtemp(join(tmpdir(), 'quittance-mutants-'));
  try {
    await cp(root, copy, {
      recursive: true,
      filter: (source) => !LEFT_OUT.has(source.slice(root.length + 1).split('/')[0] ?? ''),
    });
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
    const word = process.argv[2] ?? '';
    const mutants = MUTANTS.filter(({ fault, killedBy }) => `${fault} ${killedBy}`.includes(word));
    if (mutants.length === 0) throw new Error(`no fault has "${word}"`);
    const tests = [...new Set(mutants.map(({ killedBy }) => killedBy))];
    if (!(await passes(copy, tests))) throw new Error('a test fails without any fault: repair that first');
    const began = performance.now();
    const survivors: Mutant[] = [];
    for (const mutant of mutants) {
      const survived = await survives(copy, mutant);
      if (survived) survivors.push(mutant);
      process.stdout.write(`${survived ? 'SURVIVED' : 'killed  '} ${mutant.fault} (${mutant.killedBy})\n`);
    }
    const seconds = Math.round((performance.now() - began) / 1_000);
    process.stdout.write(
      `${mutants.length - survivors.length} of ${mutants.length} faults killed in ${seconds} s\n`,
    );
    return survivors.length === 0 ? 0 : 1;
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

async function survives(copy: string, { file, find, replace, killedBy }: Mutant): Promise<boolean> {
  const path = join(copy, file);
  const whole = await readFile(path, 'utf8');
  const places = whole.split(find).length - 1;
  if (places !== 1)
    throw new Error(`${file} has ${places} times the text "${find}": a fault needs one place`);
  await writeFile(
    path,
    whole.replace(find, () => replace),
  );
  try {
    return await passes(copy, [killedBy]);
  } finally {
    await writeFile(path, whole);
  }
}

function passes(copy: string, tests: readonly string[]): Promise<boolean> {
  return new Promise((resolvePassed) => {
    const program = join(copy, 'node_modules', 'vitest', 'vitest.mjs');
    const vitest = spawn(process.execPath, [program, 'run', '--project', 'unit', '--bail', '1', ...tests], {
      cwd: copy,
      stdio: 'ignore',
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
    });
    vitest.once('error', () => {
      resolvePassed(false);
    });
    vitest.once('exit', (code) => {
      resolvePassed(code === 0);
    });
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(
    `proof:mutants could not try: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exitCode = 2;
}
