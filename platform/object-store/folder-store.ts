import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { partsOf, type ListedObject, type ObjectStore } from './object-store.ts';

/** What is being written; nobody's object yet. */
const DRAFT = '.part';
/** Of file systems that have no hard links (some of those that are mounted from elsewhere). */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/**
 * A store in a folder, for example one of a mounted file system of another machine. A reader sees an
 * object whole or not at all, also after a crash. Only its owner may read what it makes.
 */
export function createFolderStore(folder: string): ObjectStore {
  const pathOf = (name: string): string => join(folder, ...partsOf(name));

  async function* within(path: string, prefix: string): AsyncGenerator<ListedObject> {
    const entries = await readdir(path, { withFileTypes: true }).catch(orNothing);
    for (const entry of entries ?? []) {
      const name = `${prefix}${entry.name}`;
      if (entry.isDirectory()) yield* within(join(path, entry.name), `${name}/`);
      else if (!entry.name.endsWith(DRAFT)) yield { name, bytes: (await stat(join(path, entry.name))).size };
    }
  }

  return {
    async add(name, bytes) {
      const path = pathOf(name);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const draft = `${path}.${randomBytes(6).toString('hex')}${DRAFT}`;
      try {
        const file = await open(draft, 'wx', 0o600);
        try {
          await file.writeFile(bytes);
          await file.sync();
        } finally {
          await file.close();
        }
        if (!(await nameOnce(draft, path))) return false;
      } finally {
        await rm(draft, { force: true });
      }
      await syncFolders(folder, dirname(path));
      return true;
    },
    async get(name) {
      return (await readFile(pathOf(name)).catch(orNothing)) ?? null;
    },
    list: () => within(folder, ''),
    close() {
      // Nothing is held open.
    },
  };
}

/** Gives a file the name that nothing has yet. @returns false when something has it. */
async function nameOnce(draft: string, path: string): Promise<boolean> {
  try {
    // Unlike a rename it never takes the place of another.
    await link(draft, path);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') return false;
    if (!NO_LINKS.has(code)) throw error;
    if ((await stat(path).catch(orNothing)) !== undefined) return false;
    await rename(draft, path);
    return true;
  }
}

function orNothing(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** The new name is on the disk, and the names of the folders on the way to it. */
async function syncFolders(top: string, bottom: string): Promise<void> {
  for (let at = bottom; at.length >= top.length; at = dirname(at)) {
    const folder = await open(at, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
    if (at === dirname(at)) return;
  }
}
