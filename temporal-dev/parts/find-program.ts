import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** The first executable of that name in the folders of a PATH, or null. */
export async function findOnPath(name: string, path: string | undefined): Promise<string | null> {
  for (const folder of (path ?? '').split(delimiter)) {
    if (folder === '') continue;
    const candidate = join(folder, name);
    if (
      await access(candidate, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return candidate;
  }
  return null;
}
