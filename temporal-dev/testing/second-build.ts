import { execFile } from 'node:child_process';
import { copyFile, cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../platform/package-root.ts';

/** A text of a compiled file, and what stands there instead. */
export interface Change {
  /** Below dist/. */
  readonly file: string;
  readonly text: string;
  readonly replacement: string;
}

/** How folders below dist/ begin that are no part of a build: what others make there and remove. */
export const PASSING = '.broken-';

export interface SecondBuild {
  /** As package root: dist/ with its workflow bundle, node_modules. */
  readonly root: string;
  readonly buildId: string;
  remove(): Promise<void>;
}

/**
 * Another build of this checkout, in a folder of its own: the compiled files with some changes, bundled and
 * named as `npm run build` does it.
 * @throws Error when a file does not have the text that is to be changed: then it would be no other build.
 */
export async function makeSecondBuild(changes: readonly Change[]): Promise<SecondBuild> {
  const own = packageRoot();
  const root = await mkdtemp(join(tmpdir(), 'quittance-build-'));
  const remove = (): Promise<void> => rm(root, { recursive: true, force: true });
  try {
    await Promise.all([
      ...['package.json', 'package-lock.json'].map((name) => copyFile(join(own, name), join(root, name))),
      symlink(join(own, 'node_modules'), join(root, 'node_modules')),
      cp(join(own, 'dist'), join(root, 'dist'), {
        recursive: true,
        filter: (path) => !basename(path).startsWith(PASSING),
      }),
    ]);
    for (const { file, text, replacement } of changes) {
      const path = join(root, 'dist', file);
      const whole = await readFile(path, 'utf8');
      if (!whole.includes(text)) throw new Error(`${file} has no "${text}" any more: change it elsewhere`);
      await writeFile(path, whole.replace(text, replacement));
    }
    await promisify(execFile)(process.execPath, [join(root, 'dist', 'tools', 'build-workflow-bundle.js')], {
      cwd: root,
    });
    const buildId = (await readFile(join(root, 'dist', 'build-id'), 'utf8')).trim();
    return { root, buildId, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
