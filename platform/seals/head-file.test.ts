import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHeadFile, readHeads } from './head-file.ts';
import type { SealHead } from './sealer.ts';

/** The promise: what was published stays published, and what a crash cut short never was. */

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'head-file-'));
  path = join(folder, 'ledger-head.jsonl');
});
afterEach(() => rm(folder, { recursive: true }));

const head = (number: number): SealHead => ({
  number,
  seal: number.toString(16).padStart(64, '0'),
  sealed_at: '2026-03-01T12:00:00.123456Z',
});

async function heads(): Promise<SealHead[]> {
  const { size } = await stat(path);
  const read: SealHead[] = [];
  for await (const one of readHeads(path, size)) read.push(one);
  return read;
}

describe('the file of published heads', () => {
  it('begins empty, and knows again after a restart what was published last', async () => {
    const file = createHeadFile(path);
    expect(await file.newest()).toBeNull();
    await file.publish(head(1));
    await file.publish(head(4));
    expect(await file.newest()).toEqual(head(4));
    expect(await createHeadFile(path).newest()).toEqual(head(4));
    expect(await heads()).toEqual([head(1), head(4)]);
  });

  it('only grows: what was written stays byte for byte', async () => {
    await createHeadFile(path).publish(head(1));
    const before = await readFile(path, 'utf8');
    await createHeadFile(path).publish(head(2));
    expect(await readFile(path, 'utf8')).toBe(`${before}${JSON.stringify(head(2))}\n`);
  });

  it('leaves out a line that a crash cut short, and goes on after the last whole one', async () => {
    await createHeadFile(path).publish(head(1));
    await appendFile(path, JSON.stringify(head(2)).slice(0, 30));
    expect(await heads()).toEqual([head(1)]);
    const file = createHeadFile(path);
    expect(await file.newest()).toEqual(head(1));
    await file.publish(head(2));
    expect(await heads()).toEqual([head(1), head(2)]);
  });

  it('that holds something else is refused with the line, and left as it is', async () => {
    const text = `${JSON.stringify(head(1))}\n{"number":"two"}\n`;
    await writeFile(path, text);
    const file = createHeadFile(path);
    await expect(file.newest()).rejects.toThrow(`${path} line 2 is not a published head: {"number":"two"}`);
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  it('that cannot be written is asked again the next time', async () => {
    const missing = join(folder, 'not-there', 'ledger-head.jsonl');
    const file = createHeadFile(missing);
    await expect(file.newest()).rejects.toThrow('ENOENT');
    await expect(file.publish(head(1))).rejects.toThrow('ENOENT');
    await expect(file.newest()).rejects.toThrow('ENOENT');
  });
});
