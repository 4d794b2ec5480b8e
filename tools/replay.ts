/** npm run replay: runs recorded workflows again on the code as it is built now. See HELP. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../platform/package-root.ts';
import { createPayloadCodec } from '../platform/payload-codec/codec.ts';
import { PATCHES } from '../workflows/patches.ts';
import { messageOf, readArguments, runCommand, UsageError } from './command-frame.ts';
import { developmentKeyring } from './histories/development-keyring.ts';
import type { Run } from './histories/history-file.ts';
import { explain } from './replay/explain.ts';
import { quietRuntime, replayRuns, type Replayed } from './replay/replay-runs.ts';
import { runsOf, sourceOf, type Counts, type Source } from './replay/sources.ts';
import { openTemporal, type TemporalAccess } from './temporal-access.ts';

const HELP = `npm run replay -- WHAT …

Runs the workflows of these histories again with dist/workflow-bundle.js and compares what they would do
with what they did. Nothing is sent or changed.

WHAT is a file or a folder of histories (as histories:record, Temporal Web, the temporal command or the
export write them; what was exported is held against its checksum), or a workflow id (pay_…: all its runs,
those that Temporal has forgotten from the export), or a visibility query ("ExecutionStatus = 'Running'").

  --run-file FILE   run.json of a running stack (default: .quittance/run.json of this checkout; where there
                    is none, the settings of docs/configuration.md for Temporal, database and key service)
  --bundle FILE     other workflows than dist/workflow-bundle.js
  --quiet           no progress

Ends with 0 when all replayed, 1 when one diverged (each is explained: where, and which patch is
missing), 2 when it could not be asked: nothing by that name, no Temporal, not a history.
`;

/** Explained one by one; the rest is counted. */
const EXPLAINED_MAX = 20;
const PROGRESS_EVERY_MS = 1_000;
const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

interface Options {
  readonly sources: readonly Source[];
  readonly runFile: string | null;
  readonly bundle: string;
  readonly quiet: boolean;
}

function readOptions(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values, positionals } = readArguments({
    args: [...args],
    options: { 'run-file': text, bundle: text, quiet: flag },
    allowPositionals: true,
  });
  if (positionals.length === 0) throw new UsageError('say what to replay');
  return {
    sources: positionals.map(sourceOf),
    runFile: values['run-file'] ?? null,
    bundle: values.bundle ?? join(packageRoot(), 'dist', 'workflow-bundle.js'),
    quiet: values.quiet ?? false,
  };
}

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(HELP);
    return 0;
  }
  const options = readOptions(args);
  // Recorded histories need no Temporal and no key service; those of a running system need its keys.
  const temporal = options.sources.every((source) => source.kind === 'file' && !isExport(source.path))
    ? null
    : await openTemporal(options.runFile, 'replay');
  try {
    return await replay(options, temporal);
  } finally {
    await temporal?.close();
  }
}

/** Exported ones are sealed with the keys of the system that they came from. */
function isExport(path: string): boolean {
  return path.endsWith('.gz') || (statSync(path).isDirectory() && holdsExported(path));
}

function holdsExported(folder: string): boolean {
  return readdirSync(folder, { recursive: true }).some((name) => String(name).endsWith('.gz'));
}

async function replay({ sources, bundle, quiet }: Options, temporal: TemporalAccess | null): Promise<number> {
  const dataConverter = temporal?.dataConverter ?? {
    payloadCodecs: [createPayloadCodec(await developmentKeyring(), silent)],
    failureConverterPath: join(packageRoot(), 'dist', 'workflows', 'failure-converter.js'),
  };
  const counts: Counts = { found: 0, gone: 0, unrecorded: 0 };
  const began = performance.now();
  let replayed = 0;
  let diverged = 0;
  let toldAt = began;
  const seconds = (): string => ((performance.now() - began) / 1_000).toFixed(1);

  const tell = (result: Replayed): void => {
    replayed += 1;
    if (result.error !== null) {
      diverged += 1;
      if (diverged <= EXPLAINED_MAX) process.stdout.write(`${explain(result, Object.keys(PATCHES))}\n`);
    }
    if (quiet || performance.now() - toldAt < PROGRESS_EVERY_MS) return;
    toldAt = performance.now();
    process.stderr.write(`${replayed} of ${counts.found} replayed, ${diverged} diverged, ${seconds()} s\n`);
  };
  const ask = (): Promise<TemporalAccess> =>
    temporal === null ? Promise.reject(new Error('there is no Temporal')) : Promise.resolve(temporal);

  await replayRuns(
    { bundle: { codePath: bundle }, dataConverter },
    quietly(runsOf(sources, ask, counts)),
    tell,
  );
  if (diverged > EXPLAINED_MAX) process.stdout.write(`… and ${diverged - EXPLAINED_MAX} more\n`);
  const gone = counts.gone === 0 ? '' : `, ${counts.gone} were gone before they could be fetched`;
  const unrecorded =
    counts.unrecorded === 0
      ? ''
      : `, ${counts.unrecorded} are in no record of the export: nothing says that they are whole`;
  process.stdout.write(
    `${replayed} histories replayed in ${seconds()} s, ${diverged} diverged${gone}${unrecorded}\n`,
  );
  if (replayed === 0) throw new UsageError('nothing was found to replay');
  return diverged === 0 ? 0 : 1;
}

/** The SDK's core ends with its last worker; begun for nothing, it would keep this process from ending. */
async function* quietly(runs: AsyncIterable<Run>): AsyncGenerator<Run> {
  let begun = false;
  for await (const run of runs) {
    if (!begun) quietRuntime();
    begun = true;
    yield run;
  }
}

// Nobody acts by it: whatever kept it from replaying is told alike (2), beside that one diverged (1).
await runCommand('replay', (args) =>
  main(args).catch((error: unknown) => {
    throw new UsageError(messageOf(error), { cause: error });
  }),
);
