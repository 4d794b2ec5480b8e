import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root: the user it runs as instead, or null when we are not root. */
export async function postgresUser(): Promise<SystemUser | null> {
  if (process.getuid?.() !== 0) return null;
  for (const name of ['postgres', 'nobody']) {
    const user = await lookUp(name);
    if (user !== null) return user;
  }
  throw new Error(
    'PostgreSQL does not run as root, and there is neither a user postgres nor nobody: start as another user',
  );
}

async function lookUp(name: string): Promise<SystemUser | null> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return null;
  }
}

/**
 * `preferred`, or where that user cannot reach it (a home folder closed to others) a folder under
 * /var/tmp whose name follows from `preferred`. Made if needed.
 */
export async function reachableFolder(preferred: string, user: SystemUser | null): Promise<string> {
  if (user === null || (await isTraversable(dirname(preferred), user))) {
    await mkdir(preferred, { recursive: true });
    return preferred;
  }
  const name = `quittance-${createHash('sha256').update(resolve(preferred)).digest('hex').slice(0, 16)}`;
  const folder = join('/var/tmp', name);
  await mkdir(folder, { mode: 0o711 }).catch(() => undefined);
  const found = await lstat(folder);
  // Anyone may make a folder there: one that is not ours is not used.
  if (!found.isDirectory() || found.uid !== process.getuid?.())
    throw new Error(`${folder} is not ours: remove it`);
  await chmod(folder, 0o711);
  return folder;
}

const OTHERS_EXECUTE = 0o001;
const GROUP_EXECUTE = 0o010;
const OWNER_EXECUTE = 0o100;

async function isTraversable(folder: string, { uid, gid }: SystemUser): Promise<boolean> {
  for (let path = resolve(folder); ; path = dirname(path)) {
    const found = await stat(path).catch(() => null);
    if (found !== null) {
      const needed = found.uid === uid ? OWNER_EXECUTE : found.gid === gid ? GROUP_EXECUTE : OTHERS_EXECUTE;
      if ((found.mode & needed) === 0) return false;
    }
    if (path === dirname(path)) return true;
  }
}
