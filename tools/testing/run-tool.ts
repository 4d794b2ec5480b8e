import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../platform/package-root.ts';

/** How a command ended, and what it said. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly errors: string;
}

/**
 * Runs one of our commands, as npm does, from what was compiled.
 * @param name of its file in tools/, without an ending.
 * @param input what it is given to read.
 */
export function runTool(name: string, args: readonly string[], input = ''): Promise<Ended> {
  return runCompiled(`tools/${name}.js`, args, input);
}

/** @param path of what was compiled, below dist/. */
export function runCompiled(path: string, args: readonly string[], input = ''): Promise<Ended> {
  const program = join(packageRoot(), 'dist', path);
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [program, ...args], (error, out, errors) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, errors });
    });
    child.stdin?.end(input);
  });
}
