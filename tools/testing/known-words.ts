import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../platform/package-root.ts';

const FOLDERS = [
  'activities',
  'api',
  'gateway',
  'platform',
  'proof',
  'schema',
  'temporal-dev',
  'tools',
  'vault',
  'workers',
  'workflows',
];

/** Whose log lines are put together (platform/outage.ts). */
const OUTAGES = /\bcreateOutage\('(\w+)'|\bevery\(\{ name: '(\w+)'/g;

/** Every word of the sources: what a page calls by a name must be called so there. Tests do not count. */
export async function knownWords(): Promise<ReadonlySet<string>> {
  const words = new Set<string>();
  for (const folder of FOLDERS) {
    const names = await readdir(join(packageRoot(), folder), { recursive: true });
    const sources = names.filter((name) => /\.(ts|sql)$/.test(name) && !/\.test\.ts$|testing\//.test(name));
    for (const text of await Promise.all(
      sources.map((name) => readFile(join(packageRoot(), folder, name), 'utf8')),
    )) {
      for (const word of text.match(/[A-Za-z][A-Za-z0-9_]*/g) ?? []) words.add(word);
      for (const [, one, other] of text.matchAll(OUTAGES))
        for (const end of ['failed', 'recovered']) words.add(`${one ?? other ?? ''}_${end}`);
    }
  }
  return words;
}
