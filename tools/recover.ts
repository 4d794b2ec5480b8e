/** npm run recover: after an acquirer's outage, asks now about everything that it left open. See HELP. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { newId } from '../platform/new-id.ts';
import { packageRoot } from '../platform/package-root.ts';
import { readRunFile } from '../temporal-dev/run-file.ts';
import { needed, readArguments, runCommand, UsageError } from './command-frame.ts';

const HELP = `npm run recover -- --acquirer ID --since TIME [--go --by WHO] [--per-second N]

Finds the payments that have something unfinished at that acquirer since then (unknown, being reversed,
waiting, in a case, or not sent), and with --go nudges each: a command that says "ask now, not when it is
due". Without --go it only counts. Nothing is sent that would not be sent anyway; keys that are too old
are not used. Stopped and started again with the same acquirer and time it goes on where it was.

  --acquirer ID     such as acquirer-1
  --since TIME      ISO 8601, such as 2026-11-21T09:30:00Z
  --go              nudge them
  --by WHO          who does it: a login, such as anna; stands in the audit log
  --per-second N    at most (default 20, at most 500)
  --run-file FILE   run.json of a running stack (default: .quittance/run.json of this checkout)
  --url URL         postgres URL of the main database as quittance_worker instead
`;

const PAGE = 200;

interface Affected {
  readonly merchant_id: string;
  readonly payment_id: string;
  readonly phases: readonly string[];
  readonly nudged: boolean;
}

// The pending payments are few; the index of what is pending finds them.
const AFFECTED = `
  select p.merchant_id, p.id as payment_id, array_agg(distinct o.phase) as phases,
         exists (select from commands c where c.merchant_id = p.merchant_id and c.payment_id = p.id and c.kind = 'nudge' and c.operation_id = $5) as nudged
  from payments p
  join operations o on o.merchant_id = p.merchant_id and o.payment_id = p.id and o.state = 'pending'
  join attempts a on a.merchant_id = o.merchant_id and a.id = o.current_attempt_id
  where p.pending and p.id > $3 and a.acquirer_id = $1 and coalesce(o.unknown_since, a.planned_at) >= $2
  group by p.merchant_id, p.id order by p.id limit $4`;

const NUDGE = `
  insert into commands (merchant_id, id, payment_id, kind, origin, operation_id, body)
  values ($1, $2, $3, 'nudge', 'operator', $4, '{}')
  on conflict on constraint commands_once_per_operation do nothing`;

interface Options {
  readonly acquirer: string;
  readonly since: Date;
  readonly go: boolean;
  /** Null where nothing is done. */
  readonly by: string | null;
  readonly perSecond: number;
  readonly url: string | null;
  readonly runFile: string | null;
}

function readOptions(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const { values } = readArguments({
    args: [...args],
    options: {
      acquirer: text,
      since: text,
      go: { type: 'boolean' },
      by: text,
      'per-second': text,
      'run-file': text,
      url: text,
    },
  });
  const since = new Date(values.since ?? '');
  const perSecond = Number(values['per-second'] ?? '20');
  if (values.acquirer === undefined) throw new UsageError('--acquirer is missing');
  if (Number.isNaN(since.getTime()))
    throw new UsageError(`--since ${values.since ?? '(missing)'} is no time`);
  if (!Number.isInteger(perSecond) || perSecond < 1 || perSecond > 500)
    throw new UsageError('--per-second is not a number from 1 to 500');
  return {
    acquirer: values.acquirer,
    since,
    go: values.go ?? false,
    by: values.go === true ? needed('by', values.by) : null,
    perSecond,
    url: values.url ?? null,
    runFile: values['run-file'] ?? null,
  };
}

async function recover(client: pg.Client, { acquirer, since, go, by, perSecond }: Options): Promise<void> {
  // Before anything is done.
  if (go)
    await client.query('select note_command_line($1, $2, null)', [
      by,
      `recover ${acquirer} since ${since.toISOString()}`,
    ]);
  // The same recovery has the same name, so that no payment is nudged twice by it.
  const name = `nudge_${createHash('sha256').update(`${acquirer} ${since.toISOString()}`).digest('hex').slice(0, 20)}`;
  const phases = new Map<string, number>();
  let found = 0;
  let nudged = 0;
  let before = 0;
  for (let last = '', full = true; full;) {
    const { rows } = await client.query<Affected>(AFFECTED, [acquirer, since, last, PAGE, name]);
    for (const row of rows) {
      found += 1;
      for (const phase of row.phases) phases.set(phase, (phases.get(phase) ?? 0) + 1);
      if (row.nudged) before += 1;
      else if (go) {
        await client.query(NUDGE, [row.merchant_id, newId('cmd'), row.payment_id, name]);
        nudged += 1;
        await delay(1_000 / perSecond);
      }
    }
    last = rows.at(-1)?.payment_id ?? last;
    full = rows.length === PAGE;
    if (go && full) process.stdout.write(`${found} found, ${nudged} nudged, up to ${last}\n`);
  }
  const where = [...phases].map(([phase, count]) => `${count} ${phase}`).join(', ');
  process.stdout.write(
    `${found} payments are unfinished at ${acquirer}${where === '' ? '' : ` (${where})`}\n`,
  );
  process.stdout.write(
    go
      ? `${nudged} nudged, ${before} had been before\n`
      : `nothing was done; with --go ${found - before} would be nudged, ${perSecond} a second\n`,
  );
}

async function main(args: readonly string[]): Promise<void> {
  if (args.length === 0 || args.includes('--help')) {
    process.stdout.write(HELP);
    return;
  }
  const options = readOptions(args);
  const runPath = options.runFile ?? join(packageRoot(), '.quittance', 'run.json');
  const client = new pg.Client({
    connectionString: options.url ?? (await readRunFile(runPath)).postgres.urls.worker,
    application_name: 'quittance-recover',
    connectionTimeoutMillis: 5_000,
    statement_timeout: 30_000,
  });
  await client.connect();
  try {
    await recover(client, options);
  } finally {
    await client.end();
  }
}

await runCommand('recover', main);
