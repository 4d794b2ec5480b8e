import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startS3Server, type S3Server } from '../../temporal-dev/testing/s3/server.ts';
import { createFolderStore } from './folder-store.ts';
import type { ObjectStore } from './object-store.ts';
import { createS3Store, type S3StoreOptions } from './s3-store.ts';

/**
 * The promise of every store: an object is there whole or not at all, is never written over, and is given
 * back as it was written. The server of S3 is one of ours; it checks signatures by Amazon's examples.
 */
const BUCKET = 'histories-test';
let server: S3Server;
let folder: string;
const stores: ObjectStore[] = [];

beforeAll(async () => {
  server = await startS3Server(BUCKET);
  folder = await mkdtemp(join(tmpdir(), 'quittance-store-'));
});
afterAll(async () => {
  for (const store of stores) store.close();
  await server.close();
  await rm(folder, { recursive: true });
});

function s3(options: Partial<S3StoreOptions> = {}): ObjectStore {
  const { region, ...credentials } = server.signer;
  const store = createS3Store({
    endpoint: server.endpoint,
    region,
    credentials,
    bucket: BUCKET,
    prefix: '',
    pathStyle: true,
    encryption: null,
    ...options,
  });
  stores.push(store);
  return store;
}

const text = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString();

async function namesIn(store: ObjectStore): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { name, bytes } of store.list()) names.push(`${name} ${bytes}`);
  return names.sort();
}

const STORES: Readonly<Record<string, (name: string) => ObjectStore>> = {
  'a folder': (name) => createFolderStore(join(folder, name)),
  // Pages of two, so that a few objects are several pages.
  'a bucket': (name) => s3({ prefix: `${name}/`, page: 2 }),
};

describe.each(Object.entries(STORES))('a store in %s', (_kind, open) => {
  it('gives back what it was given, byte for byte, and null for what it never was given', async () => {
    const store = open('bytes');
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256));
    expect(await store.get('pay_a/run_1.json.gz')).toBeNull();
    expect(await store.add('pay_a/run_1.json.gz', bytes)).toBe(true);
    expect(Buffer.compare((await store.get('pay_a/run_1.json.gz')) ?? Buffer.of(), bytes)).toBe(0);
    expect(await store.add('pay_a/empty', Buffer.of())).toBe(true);
    expect(await store.get('pay_a/empty')).toHaveLength(0);
  });

  it('never writes over an object, also when many write it at once', async () => {
    const store = open('once');
    const written = await Promise.all(
      Array.from({ length: 8 }, (_, index) => store.add('pay_a/run', Buffer.from(`by ${index}`))),
    );
    expect(written.filter(Boolean)).toHaveLength(1);
    expect(text(await store.get('pay_a/run'))).toBe(`by ${written.indexOf(true)}`);
    expect(await store.add('pay_a/run', Buffer.from('later'))).toBe(false);
    expect(text(await store.get('pay_a/run'))).toBe(`by ${written.indexOf(true)}`);
  });

  it('lists every object, over as many pages as it takes, and nobody else’s', async () => {
    const store = open('list');
    expect(await namesIn(store)).toEqual([]);
    const names = ['pay_1/a', 'pay_1/b', 'pay_2/c', 'pay_2/d.json.gz', 'e'];
    for (const name of names) await store.add(name, Buffer.from(name));
    await open('another').add('pay_1/z', Buffer.from('z'));
    expect(await namesIn(store)).toEqual(names.map((name) => `${name} ${name.length}`).sort());
  });

  it('refuses names that could lead out of it', async () => {
    const store = open('names');
    for (const name of ['', '../a', 'a/../b', '/a', 'a//b', '.hidden', 'a b', 'a\nb'])
      await expect(store.add(name, Buffer.of(1)), name).rejects.toThrow('cannot be the name of an object');
  });
});

describe('a store in a folder', () => {
  it('leaves nothing behind but its objects, which their owner alone can read', async () => {
    const store = createFolderStore(join(folder, 'private'));
    await store.add('pay_a/run', Buffer.from('a'));
    await store.add('pay_a/run', Buffer.from('b'));
    expect(await readdir(join(folder, 'private', 'pay_a'))).toEqual(['run']);
    expect((await stat(join(folder, 'private', 'pay_a', 'run'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'private', 'pay_a'))).mode & 0o777).toBe(0o700);
    // Somebody died in the middle.
    await writeFile(join(folder, 'private', 'pay_a', 'run.0011.part'), 'half');
    expect(await namesIn(store)).toEqual(['pay_a/run 1']);
  });
});

describe('a store in a bucket', () => {
  it('sends a checksum with every object, and asks for its sealing where that is set', async () => {
    await s3({ prefix: 'sealed/', encryption: 'aws:kms' }).add('a', Buffer.from('a'));
    await s3({ prefix: 'plain/' }).add('a', Buffer.from('a'));
    expect(server.objects.get('sealed/a')).toMatchObject({
      checksumSha256: 'ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=',
      encryption: 'aws:kms',
    });
    expect(server.objects.get('plain/a')).toMatchObject({ encryption: null });
  });

  it('goes on when it is told to slow down, and finds its own object when the answer was lost', async () => {
    const store = s3({ prefix: 'faults/' });
    server.fault('PUT', 'slow_down');
    expect(await store.add('a', Buffer.from('a'))).toBe(true);
    server.fault('PUT', 'conflict');
    expect(await store.add('c', Buffer.from('c'))).toBe(true);
    server.fault('PUT', 'lose_answer');
    // Written by the first try: the second one finds it there.
    expect(await store.add('b', Buffer.from('b'))).toBe(false);
    expect(text(await store.get('b'))).toBe('b');
    server.fault('GET', 'slow_down');
    expect(text(await store.get('a'))).toBe('a');
  });

  it('does not give what was changed on the way, or in the bucket', async () => {
    const store = s3({ prefix: 'damaged/' });
    await store.add('a', Buffer.from('a'));
    server.fault('GET', 'damage');
    await expect(store.get('a')).rejects.toThrow(/did not give damaged\/a as it was written: .*[Cc]hecksum/);
    expect(text(await store.get('a'))).toBe('a');
    const object = server.objects.get('damaged/a');
    if (object === undefined) throw new Error('it is not there');
    server.objects.set('damaged/a', { ...object, bytes: Buffer.from('b') });
    await expect(store.get('a')).rejects.toThrow(/[Cc]hecksum/);
  });

  it('gives up on a server that falls silent in the middle of an object', async () => {
    const store = s3({ prefix: 'silent/', silenceLimitMs: 200 });
    await store.add('a', Buffer.from('abcdef'));
    server.fault('GET', 'stall');
    await expect(store.get('a')).rejects.toThrow(/did not give silent\/a/);
  });

  it.each<readonly [string, Partial<S3StoreOptions>, string]>([
    [
      'another key',
      { credentials: { accessKeyId: 'AKIAOTHER', secretAccessKey: 'x' } },
      'InvalidAccessKeyId',
    ],
    [
      'a wrong secret',
      { credentials: { accessKeyId: 'AKIATESTONLY', secretAccessKey: 'wrong' } },
      'SignatureDoesNotMatch',
    ],
    ['another region', { region: 'us-east-2' }, 'AuthorizationHeaderMalformed'],
    ['a bucket that is not there', { bucket: 'another' }, 'NoSuchBucket'],
  ])('says what is wrong with %s', async (_what, options, code) => {
    const store = s3(options);
    await expect(store.add('a', Buffer.from('a'))).rejects.toThrow(code);
    await expect(namesIn(store)).rejects.toThrow(code);
  });
});
