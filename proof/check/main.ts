/**
 * npm run proof:check: holds what everybody has written down about every payment against each other, from
 * outside. Ends with 0 when everything agrees, with 1 on a violation, with 2 when it could not check.
 */
import { rename, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import { prove, type Report } from './prove.ts';
import { prometheusOf } from './prometheus.ts';
import { jsonOf, junitOf, textOf } from './report.ts';
import { sourcesOfRun } from './sources-of-run.ts';

const HELP = `npm run proof:check -- [options]

Reads the databases, the acquirers' journals, Temporal, and the logs of clients and webhook receivers where
there are any, changes nothing, and says whether they agree about money: fifteen promises, each by name
(docs/proof.md). Every violation is told with the three records side by side.

  --run-file FILE      run.json of a running stack (default: .quittance/run.json of this checkout)
  --since TIME         judge only payments that changed since then (ISO 8601)
  --client-log FILE    what a client asked and was answered (JSON lines; format in docs/proof.md)
  --receiver-log FILE  what a webhook receiver got (JSON lines; format in docs/proof.md)
  --grace SECONDS      what changed less than so long ago may still be on its way (default 2)
  --lanes N            connections at once for the ledger, 1 to 8 (default 2)
  --json FILE          the whole report
  --junit FILE         the same as a JUnit suite
  --prometheus FILE    counts of violations, for node exporter's textfile collector (NAME.prom)
  --watch              again and again, resting 19 times as long as the look took: 5 % of one's time
  --help

Ends with 0 when everything agrees, with 1 on a violation, with 2 when it could not check.
`;

/** Rest for each second of looking: one in twenty is spent. */
const REST_FACTOR = 19;
/** For visibility, and for a run that has just finished and is still closing. */
const PATIENCE_MS = 15_000;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      'run-file': { type: 'string', default: '.quittance/run.json' },
      since: { type: 'string' },
      'client-log': { type: 'string' },
      'receiver-log': { type: 'string' },
      grace: { type: 'string', default: '2' },
      lanes: { type: 'string', default: '2' },
      json: { type: 'string' },
      junit: { type: 'string' },
      prometheus: { type: 'string' },
      watch: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const since = values.since === undefined ? null : new Date(values.since);
  if (since !== null && Number.isNaN(since.getTime()))
    throw new Error(`--since ${values.since ?? ''} is no time`);
  const judging = {
    since: since?.toISOString() ?? null,
    graceMs: numberOf('--grace', values.grace, 0, 3_600) * 1_000,
    patienceMs: PATIENCE_MS,
    lanes: numberOf('--lanes', values.lanes, 1, 8),
  };
  const sources = await sourcesOfRun(await readRunFile(resolve(values['run-file'])), {
    clientLog: values['client-log'] ?? null,
    receiverLog: values['receiver-log'] ?? null,
  });
  try {
    for (;;) {
      const report = await prove(sources, judging);
      process.stdout.write(textOf(report));
      if (values.json !== undefined) await writeFile(values.json, jsonOf(report));
      if (values.junit !== undefined) await writeFile(values.junit, junitOf(report));
      if (values.prometheus !== undefined) await writeProm(values.prometheus, report);
      if (!values.watch || report.violationCount > 0) return codeOf(report);
      await delay(report.seconds * REST_FACTOR * 1_000);
    }
  } finally {
    await sources.close();
  }
}

/** Whole or not at all: its reader may come at any time. */
async function writeProm(path: string, report: Report): Promise<void> {
  await writeFile(`${path}.part`, prometheusOf(report, new Date()));
  await rename(`${path}.part`, path);
}

function codeOf({ violationCount, broken }: Report): number {
  if (violationCount > 0) return 1;
  return broken > 0 ? 2 : 0;
}

function numberOf(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!(value >= least && value <= most))
    throw new Error(`${option} ${text} is not a number from ${least} to ${most}`);
  return value;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(
    `proof:check could not check: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exitCode = 2;
}
