import { open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const manifestSchema = z.strictObject({
  format: z.literal(1),
  /** The table that the rows were in, and its partition of one month. */
  table: z.string(),
  partition: z.string().regex(/^[a-z_]+_\d{4}_\d{2}$/),
  /** The ids in it: low is in it, high is not. */
  low: z.string(),
  high: z.string(),
  /** As PostgreSQL names their types. */
  columns: z.array(z.strictObject({ name: z.string(), type: z.string() })).min(1),
  /** In this order the lines are. */
  key: z.array(z.string()).min(1),
  rows: z.int().nonnegative(),
  /** Over the lines, each with its line feed, before they are compressed. */
  sha256,
  file: z.string(),
  file_bytes: z.int().positive(),
  file_sha256: sha256,
  written_at: z.iso.datetime(),
});

/** What a file of archived rows is: a JSON object a row on each line, gzipped; this lies beside it. */
export type Manifest = z.infer<typeof manifestSchema>;

/** Where the manifest of an archive's file is. */
export function manifestPath(file: string): string {
  return `${file.replace(/\.jsonl\.gz$/, '')}.manifest.json`;
}

/** @throws Error when there is none, or it is not one. */
export async function readManifest(file: string): Promise<Manifest> {
  const path = manifestPath(file);
  try {
    return manifestSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw new Error(`${path} is not the manifest of an archive`, { cause });
  }
}

/** Puts it beside its file, whole or not at all, and on the disk when this resolves. */
export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const path = manifestPath(join(folder, manifest.file));
  const file = await open(`${path}.part`, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(manifest, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.part`, path);
  await syncFolder(dirname(path));
}

/** A name that was given in a folder survives a crash only when the folder is on the disk as well. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
