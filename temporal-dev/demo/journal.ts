import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const entrySchema = z.looseObject({ kind: z.string(), rrn: z.string() });

/** What the acquirer itself wrote down about a reference, in order: the outside truth. */
export async function journalOf(path: string, reference: string): Promise<string[]> {
  const text = await readFile(path, 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => entrySchema.parse(JSON.parse(line)))
    .filter(({ rrn }) => rrn === reference)
    .map(({ kind }) => kind);
}
