import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type pg from 'pg';
import { inOneSnapshot, linesOf, formOf, textOf, type Digest } from './lines.ts';
import { readManifest, syncFolder, writeManifest, type Manifest } from './manifest.ts';

const LINE_FEED = 10;

/** One month of one table. */
export interface Month {
  readonly table: string;
  readonly partition: string;
  readonly low: string;
  readonly high: string;
}

/**
 * Writes a month's rows to `<folder>/<partition>.jsonl.gz`, reads the file back, and only then gives
 * it its name and its manifest. A file and manifest of that name are written over.
 * @param rowsWritten called as it goes on.
 * @throws Error when what is read back is not what was written.
 */
export async function writeArchive(
  client: pg.Client,
  month: Month,
  folder: string,
  rowsWritten: (rows: number) => void,
): Promise<Manifest> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const name = `${month.partition}.jsonl.gz`;
  const path = join(folder, name);
  const part = `${path}.part`;
  const form = await formOf(client, month.partition);
  const written = await inOneSnapshot(client, async (): Promise<Digest> => {
    const hash = createHash('sha256');
    let rows = 0;
    async function* text(): AsyncGenerator<string, void> {
      for await (const lines of linesOf(client, month.partition, form)) {
        const page = textOf(lines);
        hash.update(page);
        rows += lines.length;
        rowsWritten(rows);
        yield page;
      }
    }
    await pipeline(Readable.from(text()), createGzip(), createWriteStream(part, { mode: 0o600 }));
    return { rows, sha256: hash.digest('hex') };
  });
  await toDisk(part);
  const found = await digestOfLines(part);
  if (found.rows !== written.rows || found.sha256 !== written.sha256)
    throw new Error(
      `${part} does not read back as it was written (${found.rows} of ${written.rows} rows): look at the disk; nothing was taken off`,
    );
  const { bytes, sha256 } = await digestOfBytes(part);
  await rename(part, path);
  await syncFolder(dirname(path));
  const manifest: Manifest = {
    format: 1,
    ...month,
    columns: [...form.columns],
    key: [...form.key],
    ...written,
    file: name,
    file_bytes: bytes,
    file_sha256: sha256,
    written_at: new Date().toISOString(),
  };
  await writeManifest(folder, manifest);
  return manifest;
}

/**
 * Reads an archive whole and holds it against its manifest.
 * @throws Error that says what is wrong with it.
 */
export async function verifyArchive(file: string): Promise<Manifest> {
  const manifest = await readManifest(file);
  const { sha256 } = await digestOfBytes(file);
  if (sha256 !== manifest.file_sha256)
    throw new Error(`${file} has sha256 ${sha256}, its manifest says ${manifest.file_sha256}`);
  const found = await digestOfLines(file);
  if (found.rows !== manifest.rows || found.sha256 !== manifest.sha256)
    throw new Error(`${file} holds ${found.rows} rows that are not the ${manifest.rows} of its manifest`);
  return manifest;
}

/** The lines of an archive, one after the other. */
export async function* archivedLines(file: string): AsyncGenerator<string, void> {
  const lines = createInterface({ input: createReadStream(file).pipe(createGunzip()), crlfDelay: Infinity });
  for await (const line of lines) yield line;
}

/** Of the file as it lies there. */
async function digestOfBytes(path: string): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** Of the lines in it. */
async function digestOfLines(path: string): Promise<Digest> {
  const hash = createHash('sha256');
  let rows = 0;
  await pipeline(createReadStream(path), createGunzip(), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      hash.update(chunk);
      for (let at = chunk.indexOf(LINE_FEED); at !== -1; at = chunk.indexOf(LINE_FEED, at + 1)) rows += 1;
    }
  });
  return { rows, sha256: hash.digest('hex') };
}

async function toDisk(path: string): Promise<void> {
  const file = await open(path, 'r+');
  await file.sync().finally(() => file.close());
}
