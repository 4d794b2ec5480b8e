/**
 * npm run archive: takes whole old months of history and outbox out of the database and into files;
 * `restore` loads one back for reading.
 */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../platform/package-root.ts';
import { readRunFile } from '../temporal-dev/run-file.ts';
import { archive } from './archive/archive.ts';
import { restore } from './archive/restore.ts';
import { rowProgress } from './archive/row-progress.ts';

const HELP = `npm run archive -- --before YYYY-MM [options]
npm run archive -- restore FILE [--url URL | --run-file FILE]

Takes every whole month before that one off the tables payment_history, events, deliveries and
delivery_attempts, if nothing in it is needed any more. Each month of a table becomes one file of JSON
lines (gzip) with a manifest beside it; it is read back before the month is detached, and once more held
against what was detached before that is dropped. Payments go on meanwhile. Stopped anywhere, the same
command goes on. restore loads a file into a table archived_…, for reading.

  --before YYYY-MM     months before this one
  --dry-run            only say what would be done, and what has to stay and why
  --to FOLDER          where the files go (default: archive in the folder of the stack). Keep them: what
                       is in them is nowhere else
  --history-days N     a month of history stays until no payment of it changed for so long (default 400)
  --outbox-days N      a month of events and deliveries stays so long after its end (default 30)
  --patience-s N       how long transactions under way may keep a month from being detached (default 60)
  --run-file FILE      run.json of a running stack (default: .quittance/run.json of this checkout)
  --url URL            postgres URL of the main database instead, of the role that owns its tables
  --help

Ends with 0 when all that was asked for is done, with 1 when a month has to stay or something failed.
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      before: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      to: { type: 'string' },
      'history-days': { type: 'string', default: '400' },
      'outbox-days': { type: 'string', default: '30' },
      'patience-s': { type: 'string', default: '60' },
      'run-file': { type: 'string' },
      url: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const place = await placeOf(values.url, values['run-file']);
  const progress = rowProgress(process.stderr);
  const [command, file, ...more] = positionals;
  if (command !== undefined) {
    if (command !== 'restore' || file === undefined || more.length > 0)
      throw new Error(`"${positionals.join(' ')}" is no command; there is: restore FILE`);
    const table = await restore(place.url, resolve(file), (rows) => progress.show(file, rows));
    progress.end();
    process.stdout.write(`restored into the table ${table}: read it, and drop it when you are done\n`);
    return 0;
  }

  const { before, 'dry-run': dryRun } = values;
  if (before === undefined || !/^\d{4}-(0[1-9]|1[0-2])$/.test(before))
    throw new Error(`--before ${before ?? ''} is not a month: YYYY-MM`);
  const folder = values.to ?? place.folder;
  if (folder === null) throw new Error('--url needs --to: the folder for the files');
  const months = await archive({
    ownerUrl: place.url,
    before,
    folder: resolve(folder),
    dryRun,
    historyDays: whole('--history-days', values['history-days'], 36_500),
    outboxDays: whole('--outbox-days', values['outbox-days'], 36_500),
    patienceMs: whole('--patience-s', values['patience-s'], 86_400) * 1_000,
    rowsWritten: ({ partition }, rows) => progress.show(partition, rows),
    settled({ partition, rows, reason }) {
      progress.end();
      const said = reason === null ? `${dryRun ? 'would go' : 'archived'}, ${rows} rows` : `stays: ${reason}`;
      process.stdout.write(`${partition} ${said}\n`);
    },
  });
  const staying = months.filter(({ reason }) => reason !== null).length;
  process.stdout.write(
    `${months.length - staying} months of tables ${dryRun ? 'would go' : `are in ${resolve(folder)}`}, ${staying} have to stay\n`,
  );
  return staying === 0 ? 0 : 1;
}

async function placeOf(url: string | undefined, runFile: string | undefined) {
  if (url !== undefined && runFile !== undefined) throw new Error('either --url or --run-file, not both');
  if (url !== undefined) return { url, folder: null };
  const run = await readRunFile(runFile ?? join(packageRoot(), '.quittance', 'run.json'));
  return { url: run.postgres.urls.owner, folder: join(run.dir, 'archive') };
}

function whole(option: string, text: string, max: number): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > max)
    throw new Error(`${option} ${text} is not a whole number up to ${max}`);
  return number;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`archive: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
