import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Client } from '@temporalio/client';
import { fetchHistory } from '../../platform/fetch-history.ts';
import type { ExportedHistories } from '../histories/exported.ts';
import { readHistory, type Run } from '../histories/history-file.ts';
import { isWhole } from '../histories/verify-export.ts';

/** What is to be replayed, as it was typed. */
export type Source =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'workflow'; readonly workflowId: string }
  | { readonly kind: 'query'; readonly query: string };

/** A path that exists, else a workflow id (one word), else a visibility query. */
export function sourceOf(text: string): Source {
  if (existsSync(text)) return { kind: 'file', path: text };
  if (/^[^\s='"()]+$/.test(text)) return { kind: 'workflow', workflowId: text };
  return { kind: 'query', query: text };
}

/** Histories that are fetched at once (temporal-rules: 811 a second with 32). */
const FETCHED_AT_ONCE = 32;

export interface Counts {
  /** So many runs are known of by now. */
  found: number;
  /** Runs that were listed and could not be fetched any more: retention, or somebody deleted them. */
  gone: number;
  /** Exported histories, read as files, that the record of the export does not know: nothing tells whether they are whole. */
  unrecorded: number;
}

/** Where runs are asked for. */
export interface Asked {
  readonly client: Client;
  readonly exported: ExportedHistories;
}

/** All runs of the sources, as they come. @throws Error that names the source of which there is none. */
export async function* runsOf(
  sources: readonly Source[],
  ask: () => Promise<Asked>,
  counts: Counts,
): AsyncGenerator<Run> {
  for (const source of sources) {
    switch (source.kind) {
      case 'file':
        yield* runsOfPath(source.path, ask, counts);
        break;
      case 'workflow':
        yield* runsOfWorkflow(await ask(), source.workflowId, counts);
        break;
      case 'query':
        yield* runsOfQuery((await ask()).client, source.query, counts);
    }
  }
}

async function* runsOfPath(path: string, ask: () => Promise<Asked>, counts: Counts): AsyncGenerator<Run> {
  const files = (await stat(path)).isDirectory() ? await filesIn(path) : [path];
  if (files.length === 0) throw new Error(`there is no history (*.json, *.json.gz) in ${path}`);
  counts.found += files.length;
  for (const file of files)
    yield readHistory(file, async (bytes) => {
      if (file.endsWith(EXPORTED)) await holdAgainstRecord(file, bytes, await ask(), counts);
    });
}

const EXPORTED = '.json.gz';

/** An exported history is called by its run, and the record knows its checksum. */
async function holdAgainstRecord(
  file: string,
  bytes: Uint8Array,
  { exported }: Asked,
  counts: Counts,
): Promise<void> {
  const sha256 = await exported.sha256Of(basename(file, EXPORTED));
  if (sha256 === null) counts.unrecorded += 1;
  else if (!isWhole(bytes, sha256)) throw new Error('it is not what was exported: its checksum differs');
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true });
  return names
    .filter((name) => /\.json(\.gz)?$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/** Its runs that Temporal has, then those that only the export has. @throws Error when neither knows it. */
async function* runsOfWorkflow(
  { client, exported }: Asked,
  workflowId: string,
  counts: Counts,
): AsyncGenerator<Run> {
  const seen = new Set<string>();
  for await (const run of runsOfQuery(client, `WorkflowId = '${workflowId}'`, counts)) {
    seen.add(run.name);
    yield run;
  }
  // Visibility may not know it yet.
  const current = seen.size > 0 ? null : await fetchRun(client, workflowId, undefined);
  if (current !== null) {
    counts.found += 1;
    seen.add(current.name);
    yield current;
  }
  for await (const run of exported.runsOf(workflowId)) {
    if (seen.has(run.runId)) continue;
    counts.found += 1;
    seen.add(run.name);
    yield run;
  }
  if (seen.size === 0)
    throw new Error(
      `there is no workflow ${workflowId}, neither in Temporal nor exported, and no file of that name`,
    );
}

export async function* runsOfQuery(
  client: Client,
  query: string,
  counts: Pick<Counts, 'found' | 'gone'>,
): AsyncGenerator<Run> {
  const fetching: Promise<Run | null>[] = [];
  const settle = async (): Promise<Run | null> => {
    const run = (await fetching.shift()) ?? null;
    if (run === null) counts.gone += 1;
    return run;
  };
  for await (const { workflowId, runId } of client.workflow.list({ query, pageSize: 500 })) {
    counts.found += 1;
    const fetched = fetchRun(client, workflowId, runId);
    // Told when its turn comes.
    fetched.catch(() => undefined);
    fetching.push(fetched);
    if (fetching.length < FETCHED_AT_ONCE) continue;
    const run = await settle();
    if (run !== null) yield run;
  }
  while (fetching.length > 0) {
    const run = await settle();
    if (run !== null) yield run;
  }
}

/** One run's history; null where there is none any more. */
async function fetchRun(client: Client, workflowId: string, runId: string | undefined): Promise<Run | null> {
  const history = await fetchHistory(client, workflowId, runId);
  return history === null ? null : { workflowId, name: runId ?? 'its current run', history };
}
