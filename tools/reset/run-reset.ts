import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import { LOGIN_FORM } from '../../platform/login-form.ts';
import { ENDED, messageOf, needed, readArguments, UsageError } from '../command-frame.ts';
import { ofPayments } from '../payment-query.ts';
import { openTemporal, type TemporalAccess } from '../temporal-access.ts';
import { lookAt, ResetRefused, resetRun } from './reset-run.ts';

const HELP = `npm run ops:reset -- (WORKFLOW … | --query QUERY) --by WHO --reason TEXT --batch NAME [--go]
npx quittance ops reset (WORKFLOW … | --query QUERY) --by WHO --reason TEXT --batch NAME [--go]

Ends the current run of each workflow and lets the next one begin at its first task. A run loads the
payment from PostgreSQL, so nothing that was done is done again. Without --go it only says which runs it
would reset, and how they stand. --go looks again: it asks the query anew, and resets the run that is current
then. A run that began after it was looked at is left alone: it is fresh. Stopped and started again with the
same batch name it goes on where it was: a run that it began is not reset again while it is the current one.
A failed workflow of the list does not stop the others; say the same again for those.

  --query QUERY     visibility query, such as "QuittanceAttention = 'unknown' AND ExecutionStatus = 'Running'";
                    of payments: other workflows that it matches are left alone
  --run RUN         with one workflow: the run that is meant; refused unless it is the current one
  --by WHO          a login, such as anna; stands in the history, with the reason, and in the audit log
  --reason TEXT     why
  --batch NAME      names this work, such as incident-42
  --go              do it
  --per-second N    at most (default 5, at most 100)
  --run-file FILE   run.json of a running stack (default: .quittance/run.json of this checkout)

It speaks with Temporal itself, not through the gateway: where there is no run file, settings name its
address and the database. Ends with 0 when all were reset, 1 when some were refused, 2 when what was typed
is not a command, and 3 when Temporal did not answer.
`;

/** Where a command writes. */
export interface ResetIo {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

interface Options {
  readonly workflows: readonly string[];
  readonly query: string | null;
  readonly run: string | null;
  readonly by: string;
  readonly reason: string;
  readonly batch: string;
  readonly go: boolean;
  readonly perSecond: number;
  readonly runFile: string | null;
}

function readOptions(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const { values, positionals } = readArguments({
    args: [...args],
    options: {
      query: text,
      run: text,
      by: text,
      reason: text,
      batch: text,
      go: { type: 'boolean' },
      'per-second': text,
      'run-file': text,
    },
    allowPositionals: true,
  });
  const need = (name: 'by' | 'reason' | 'batch'): string => needed(name, values[name]);
  const perSecond = Number(values['per-second'] ?? '5');
  if (!Number.isInteger(perSecond) || perSecond < 1 || perSecond > 100)
    throw new UsageError('--per-second is not a number from 1 to 100');
  const query = values.query ?? null;
  if ((query === null) === (positionals.length === 0))
    throw new UsageError('say either workflows or --query');
  if (values.run !== undefined && positionals.length !== 1)
    throw new UsageError('--run is about one workflow');
  const batch = need('batch');
  const by = need('by');
  if (!LOGIN_FORM.test(by)) throw new UsageError(`--by ${by} is no login in lower case, such as anna`);
  return {
    workflows: positionals,
    query,
    run: values.run ?? null,
    by,
    reason: `${need('reason')} (${by})`,
    batch,
    go: values.go ?? false,
    perSecond,
    runFile: values['run-file'] ?? null,
  };
}

/** The workflows that are meant, each once: an id may have many runs. */
async function workflowsOf({ client }: TemporalAccess, { workflows, query }: Options): Promise<string[]> {
  if (query === null) return [...new Set(workflows)];
  const found = new Set<string>();
  for await (const { workflowId } of client.workflow.list({ query: ofPayments(query) }))
    found.add(workflowId);
  return [...found];
}

/** Says which run of each would be reset, and how it stands: not as the query found it, as it is. */
async function show(
  { client }: TemporalAccess,
  workflows: readonly string[],
  options: Options,
  io: ResetIo,
): Promise<number> {
  let refused = 0;
  for (const workflowId of workflows)
    try {
      const { runId, status } = await lookAt(client, { ...options, workflowId, runId: options.run });
      io.out(`would reset ${workflowId} run ${runId} ${status}\n`);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refused += 1;
      io.err(`would be refused: ${workflowId}: ${error.message}\n`);
    }
  const again = options.query === null ? '' : 'asks the query anew and ';
  io.out(`${workflows.length - refused} would be reset, ${refused} refused; nothing was done, say --go\n`);
  io.out(`--go looks again: it ${again}resets the run that is current then\n`);
  return refused === 0 ? ENDED.done : ENDED.refused;
}

/** Of one workflow: the others go on. */
const isRefusal = (error: unknown): error is Error =>
  error instanceof ResetRefused || error instanceof WorkflowNotFoundError;

async function reset(temporal: TemporalAccess, options: Options, io: ResetIo): Promise<number> {
  const workflows = await workflowsOf(temporal, options);
  if (!options.go) return show(temporal, workflows, options, io);
  let refused = 0;
  for (const [place, workflowId] of workflows.entries()) {
    const turn = delay(1_000 / options.perSecond);
    try {
      // Before it is done: a line without a reset is an attempt.
      await temporal.note(
        options.by,
        `reset ${workflowId} [${options.batch}]: ${options.reason}`,
        workflowId,
      );
      const begun = await resetRun(temporal.client, { ...options, workflowId, runId: options.run });
      io.out(`${place + 1} of ${workflows.length}: ${workflowId} goes on as ${begun}\n`);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refused += 1;
      io.err(`refused: ${workflowId}: ${error.message}\n`);
    }
    await turn;
  }
  io.out(`${workflows.length - refused} reset, ${refused} refused\n`);
  return refused === 0 ? ENDED.done : ENDED.refused;
}

/**
 * Runs `ops:reset` with what was typed behind its name; its exit code (see HELP). It never ends the process.
 * @param open what it speaks with.
 */
export async function runReset(
  args: readonly string[],
  io: ResetIo,
  open: typeof openTemporal = openTemporal,
): Promise<number> {
  if (args.length === 0 || args.includes('--help')) {
    io.out(HELP);
    return ENDED.done;
  }
  try {
    const options = readOptions(args);
    const temporal = await open(options.runFile, 'ops-reset');
    try {
      return await reset(temporal, options, io);
    } finally {
      await temporal.close();
    }
  } catch (error) {
    const misused = error instanceof UsageError;
    io.err(`ops:reset: ${messageOf(error)}${misused ? ' (--help)' : ''}\n`);
    return misused ? ENDED.misused : ENDED.unanswered;
  }
}
