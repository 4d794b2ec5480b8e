import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { contentHash } from './content-hash.ts';

/** The promise: what workers run has one name, on every machine, and another as soon as anything of it is another. */
const FILES = {
  'package-lock.json': '{}',
  'dist/tools/build-workflow-bundle.js': 'bundle',
  'dist/activities/ledger/index.js': 'post',
  'dist/activities/ledger/index.js.map': 'a map',
  'dist/activities/testing/world.js': 'a test',
  'dist/api/main.js': 'no worker',
  'dist/platform/config.js': 'settings',
  'dist/schema/migrate.js': 'schema',
  'dist/schema/types.js': 'types',
  'dist/vault/contract.js': 'contract',
  'dist/workers/payments.js': 'worker',
  'dist/workflows/index.js': 'workflow',
} as const;
type File = keyof typeof FILES;

const roots: string[] = [];
afterEach(async () => {
  await Promise.all(roots.splice(0).map((root) => rm(root, { recursive: true, force: true })));
});

/** The name of a checkout with these files, some of them with another content; null = not there. */
async function hashWith(others: Partial<Record<File, string | null>> = {}): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'quittance-hash-'));
  roots.push(root);
  for (const [path, content] of Object.entries({ ...FILES, ...others })) {
    if (content === null) continue;
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  return contentHash(root);
}

it('is the same wherever the same code lies', async () => {
  const hash = await hashWith();
  expect(hash).toMatch(/^[0-9a-f]{16}$/);
  expect(await hashWith()).toBe(hash);
});

it.each([
  'package-lock.json',
  'dist/tools/build-workflow-bundle.js',
  'dist/activities/ledger/index.js',
  'dist/platform/config.js',
  'dist/workflows/index.js',
] as const)('is another when %s is', async (file) => {
  expect(await hashWith({ [file]: 'something else' })).not.toBe(await hashWith());
});

it('is another when a file has gone, and when two have changed places', async () => {
  const hash = await hashWith();
  expect(await hashWith({ 'dist/schema/migrate.js': null, 'dist/vault/contract.js': 'schema' })).not.toBe(
    hash,
  );
  expect(
    await hashWith({ 'dist/schema/migrate.js': 'contract', 'dist/vault/contract.js': 'schema' }),
  ).not.toBe(hash);
});

it.each([
  'dist/activities/ledger/index.js.map',
  'dist/activities/testing/world.js',
  'dist/api/main.js',
] as const)('does not depend on %s', async (file) => {
  expect(await hashWith({ [file]: 'something else' })).toBe(await hashWith());
});
