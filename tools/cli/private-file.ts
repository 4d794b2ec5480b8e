import { fchmodSync, openSync } from 'node:fs';

/** Opens a file anew that only its owner may read, also where one of another mode was there. Its descriptor; the caller closes it. */
export function openPrivateFile(path: string): number {
  const file = openSync(path, 'w', 0o600);
  // The mode of openSync is only that of a file that it makes.
  fchmodSync(file, 0o600);
  return file;
}
