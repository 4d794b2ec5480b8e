/**
 * npm run proof:mutants: puts deliberate faults into what decides about money, one at a time, in a copy of
 * this checkout, and runs the test that must notice. Ends with 0 when every fault was noticed, with 1 when one
 * survived, with 2 when it could not try (a text is gone, a test fails without any fault).
 */
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { randomFrom } from '../harness/random.ts';
import { MUTANTS, type Mutant } from './list.ts';
import { STACK_MUTANTS } from './stack-list.ts';

const HELP = `npm run proof:mutants [-- word] [--stack N|all] [--seed X]

  word      only faults whose description or test file has it
  --stack   besides, so many of the faults whose tests need a stack (default 0; half a minute each)
  --seed    which ones they are (default: another every day; it is printed)
`;

/** Of one test run; what takes longer hangs, and a fault that hangs a test is noticed. */
const LIMIT_MS = { unit: 120_000, stack: 300_000 } as const;
/** Not needed to run tests, linked, or built anew. */
const LEFT_OUT: ReadonlySet<string> = new Set(['node_modules', 'dist', '.git', '.quittance', '.programs']);
const DAY_MS = 86_400_000;

type Project = keyof typeof LIMIT_MS;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      stack: { type: 'string', default: '0' },
      seed: { type: 'string', default: String(Math.floor(Date.now() / DAY_MS)) },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const word = positionals[0] ?? '';
  const has = ({ fault, killedBy }: Mutant): boolean => `${fault} ${killedBy}`.includes(word);
  const onStack = draw(STACK_MUTANTS.filter(has), values.stack, Number(values.seed));
  const chosen = { unit: MUTANTS.filter(has), stack: onStack };
  if (chosen.unit.length + chosen.stack.length === 0) throw new Error(`no fault has "${word}"`);
  if (chosen.stack.length > 0) process.stdout.write(`those on a stack are drawn by seed ${values.seed}\n`);
  const root = resolve('.');
  const copy = await mkdtemp(join(tmpdir(), 'quittance-mutants-'));
  try {
    await cp(root, copy, {
      recursive: true,
      filter: (source) => !LEFT_OUT.has(source.slice(root.length + 1).split('/')[0] ?? ''),
    });
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
    await linkParts(root, copy);
    const began = performance.now();
    const survivors = [
      ...(await survivorsOf('unit', copy, chosen.unit)),
      ...(await survivorsOf('stack', copy, chosen.stack)),
    ];
    const seconds = Math.round((performance.now() - began) / 1_000);
    const tried = chosen.unit.length + chosen.stack.length;
    process.stdout.write(`${tried - survivors.length} of ${tried} faults killed in ${seconds} s\n`);
    return survivors.length === 0 ? 0 : 1;
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** So many of them, by the seed; all when there are no more. */
function draw(mutants: readonly Mutant[], count: string, seed: number): readonly Mutant[] {
  const wanted = count === 'all' ? mutants.length : Number(count);
  if (!Number.isInteger(wanted) || wanted < 0 || !Number.isInteger(seed))
    throw new Error(`--stack takes a number or "all", --seed a whole number\n${HELP}`);
  const random = randomFrom(seed);
  const left = [...mutants];
  return Array.from({ length: Math.min(wanted, left.length) }, () =>
    left.splice(random.whole(left.length), 1),
  ).flat();
}

/** Programs that were fetched need not be fetched again. */
async function linkParts(root: string, copy: string): Promise<void> {
  await mkdir(join(copy, '.quittance'));
  await symlink(join(root, '.quittance', 'parts'), join(copy, '.quittance', 'parts'));
}

async function survivorsOf(
  project: Project,
  copy: string,
  mutants: readonly Mutant[],
): Promise<readonly Mutant[]> {
  if (mutants.length === 0) return [];
  const tests = [...new Set(mutants.map(({ killedBy }) => killedBy))];
  if (!(await passes(project, copy, tests)))
    throw new Error(`a test fails without any fault: repair that first (${tests.join(', ')})`);
  const survivors: Mutant[] = [];
  for (const mutant of mutants) {
    const survived = await survives(project, copy, mutant);
    if (survived) survivors.push(mutant);
    process.stdout.write(`${survived ? 'SURVIVED' : 'killed  '} ${mutant.fault} (${mutant.killedBy})\n`);
  }
  return survivors;
}

async function survives(
  project: Project,
  copy: string,
  { file, find, replace, killedBy }: Mutant,
): Promise<boolean> {
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
    return await passes(project, copy, [killedBy]);
  } finally {
    await writeFile(path, whole);
  }
}

/** The processes of a stack run what is built. */
async function build(copy: string): Promise<void> {
  const code = await run(copy, ['npm', 'run', '--silent', 'build'], LIMIT_MS.unit);
  if (code !== 0) throw new Error('the copy does not build with the fault in it: a fault has to compile');
}

async function passes(project: Project, copy: string, tests: readonly string[]): Promise<boolean> {
  if (project === 'stack') await build(copy);
  const vitest = join(copy, 'node_modules', 'vitest', 'vitest.mjs');
  const args = [process.execPath, vitest, 'run', '--project', project, '--bail', '1', ...tests];
  return (await run(copy, args, LIMIT_MS[project])) === 0;
}

/** @returns its exit code; null when it had to be killed, or could not be started */
function run(
  cwd: string,
  [program = '', ...args]: readonly string[],
  timeout: number,
): Promise<number | null> {
  return new Promise((resolveCode) => {
    const child = spawn(program, args, { cwd, stdio: 'ignore', timeout, killSignal: 'SIGKILL' });
    child.once('error', () => {
      resolveCode(null);
    });
    child.once('exit', resolveCode);
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
