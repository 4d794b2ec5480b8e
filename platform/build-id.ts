import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from './package-root.ts';

/** Where the build writes it, below the folder of package.json. */
export const BUILD_ID_FILE = join('dist', 'build-id');

/**
 * Which code this installation runs: a hash over everything that workers load, made by the build
 * (tools/build/content-hash.ts). The same sources give the same one on every machine.
 * @throws Error when it was not built.
 */
export async function readBuildId(): Promise<string> {
  const path = join(packageRoot(), BUILD_ID_FILE);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new Error(`${path} is not there: run npm run build`, { cause: error });
  });
  return text.trim();
}
