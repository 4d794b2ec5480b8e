import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UsageError } from '../command-frame.ts';
import { DECISION_OPTIONS, type DecisionOptions } from './parse.ts';

/**
 * What a dry run showed: what would be decided, why, and about which payments. It has every option that the
 * decisions are made of: one that came with `--go` would decide what nobody was shown.
 */
export interface BulkList extends DecisionOptions {
  readonly batch: string;
  readonly action: string;
  readonly query: string;
  readonly reason: string;
  /** In the order in which they are decided about. */
  readonly payments: readonly string[];
}

/** The id of a list: a digest of everything in it, so that another list has another. */
export function bulkIdOf(list: BulkList): string {
  const options = DECISION_OPTIONS.map((name) => list[name] ?? null);
  const said = [list.batch, list.action, list.query, ...options, [...list.payments].sort()];
  return `blk_${createHash('sha256').update(JSON.stringify(said)).digest('hex').slice(0, 32)}`;
}

/** Keeps a list beside the progress of its batch, in the place of an earlier one. */
export async function keepList(progressFile: string, list: BulkList): Promise<void> {
  await mkdir(dirname(progressFile), { recursive: true });
  await writeFile(listFile(progressFile), `${JSON.stringify(list, null, 2)}\n`);
}

/**
 * The list of that id.
 * @throws UsageError when there is none, or when it is not what its dry run showed.
 */
export async function keptList(progressFile: string, id: string): Promise<BulkList> {
  const file = listFile(progressFile);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new UsageError(`${file} is not there: show the list first, without --go`);
    throw error;
  });
  const list = JSON.parse(text) as BulkList;
  const kept = bulkIdOf(list);
  if (kept !== id)
    throw new UsageError(`${file} is the list ${kept}, not ${id}: look at it, and say the one that you mean`);
  return list;
}

const listFile = (progressFile: string): string => `${progressFile}.list.json`;
