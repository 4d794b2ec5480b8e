import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** Below dist/: what a worker may load. Not the bundle, which has paths of this machine in it. */
const OF_WORKERS = ['activities', 'platform', 'schema', 'vault', 'workers', 'workflows'];
/** What makes the bundle, and the packages that are bundled and loaded: below the root. */
const BESIDE = [join('dist', 'tools', 'build-workflow-bundle.js'), 'package-lock.json'];

const LENGTH = 16;

/**
 * A name for the code below `root`: hexadecimal digits of a hash over the compiled files of the workers and the
 * lock file of their packages, each with its name. Files of tests and source maps do not count.
 */
export async function contentHash(root: string): Promise<string> {
  const dist = join(root, 'dist');
  const found = await Promise.all(
    OF_WORKERS.map(async (folder) =>
      (await readdir(join(dist, folder), { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)),
    ),
  );
  const counted = [...found.flat().filter((path) => isCode(path)), ...BESIDE].sort();
  const hash = createHash('sha256');
  for (const path of counted) {
    const content = await readFile(join(root, path));
    hash.update(`${path.split(sep).join('/')}\n${content.length}\n`).update(content);
  }
  return hash.digest('hex').slice(0, LENGTH);
}

const isCode = (path: string): boolean => !path.endsWith('.map') && !path.includes(`${sep}testing${sep}`);
