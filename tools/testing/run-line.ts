import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { packageRoot } from '../../platform/package-root.ts';
import { runOps } from '../ops/run-ops.ts';
import { runCompiled, type Ended } from './run-tool.ts';

/** The words of a command as a shell has them: single and double quotes, nothing else. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) =>
    word.replaceAll(/'([^']*)'|"([^"]*)"/g, (_, single?: string, double?: string) => single ?? double ?? ''),
  );
}

interface Command {
  /** Of package.json. */
  readonly script: string;
  /** What it runs, below dist/. */
  readonly program: string;
  readonly words: readonly string[];
}

/** @throws Error when it is no `npm run --silent …` of a script of package.json. */
async function commandOf(line: string): Promise<Command> {
  const [, script, rest = ''] = /^npm run --silent ([a-z:-]+)(?: -- (.+))?$/.exec(line) ?? [];
  if (script === undefined) throw new Error(`${line}: is no npm run --silent …`);
  const { scripts } = JSON.parse(await readFile(join(packageRoot(), 'package.json'), 'utf8')) as {
    scripts: Readonly<Record<string, string>>;
  };
  const [, program] = /\bnode dist\/(\S+\.js)$/.exec(scripts[script] ?? '') ?? [];
  if (program === undefined)
    throw new Error(`${line}: package.json has no script ${script} that runs a program`);
  return { script, program, words: wordsOf(rest) };
}

/** Runs a command of a page, as it stands, on the stack of this run file. */
export async function runLine(line: string, runFile: string): Promise<Ended> {
  const { script, program, words } = await commandOf(line);
  const args = [...words, '--run-file', runFile];
  if (script !== 'ops') return runCompiled(program, args);
  // The same in this process: there are many.
  const [out, errors]: [string[], string[]] = [[], []];
  const code = await runOps(args, {
    out: (text) => out.push(text),
    err: (text) => errors.push(text),
    stdin: Readable.from([]),
  });
  return { code, out: out.join(''), errors: errors.join('') };
}

/**
 * The options of a command that its help does not know.
 * @param asked helps that were asked for before, by program.
 * @throws Error when it has no help.
 */
export async function unknownOptions(
  line: string,
  asked: Map<string, Promise<Ended>>,
): Promise<readonly string[]> {
  const { program, words } = await commandOf(line);
  const help = asked.get(program) ?? runCompiled(program, ['--help']);
  asked.set(program, help);
  const { code, out } = await help;
  if (code !== 0 || out === '') throw new Error(`${line}: --help ends with ${code}`);
  return words.filter((word) => word.startsWith('--') && !out.includes(`${word} `));
}
