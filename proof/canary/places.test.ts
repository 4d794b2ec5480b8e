import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { drawCanaries } from './canaries.ts';
import { examplesOf, patternsOf } from './patterns.ts';
import { filesPlace } from './places.ts';
import { search } from './search.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quittance-canary-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('what is packed is searched unpacked, in every writing, and half a file is no reason to stop', async () => {
  const canaries = drawCanaries(new Map());
  const examples = examplesOf(canaries);
  const packed = gzipSync(Buffer.concat(examples.flatMap(({ bytes }) => [bytes, Buffer.from('\n')])));
  await mkdir(join(folder, 'pay_01234'));
  await writeFile(join(folder, 'pay_01234', 'run.json.gz'), packed);
  await writeFile(join(folder, 'half.json.gz'), packed.subarray(0, packed.length / 2));
  const { found } = await search('folder', patternsOf(canaries), filesPlace('folder', folder).read);
  expect([...found.keys()].sort()).toEqual([...new Set(examples.map(({ found: name }) => name))].sort());
  for (const [name, where] of found)
    expect([...where], name).toContain(join('pay_01234', 'run.json.gz (unpacked)'));
});
