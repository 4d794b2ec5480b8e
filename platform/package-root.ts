import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder that holds package.json, the same from the sources and from dist/: files that the
 * compiler does not copy (SQL, protocol definitions) are found from here.
 */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new Error('no package.json above this file: the installation is incomplete, run npm ci');
    folder = parent;
  }
  return folder;
}
