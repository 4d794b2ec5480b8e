import type { Readable } from 'node:stream';
import { newId } from '../../platform/new-id.ts';
import { ENDED, messageOf, UsageError } from '../command-frame.ts';
import { confirmBulk } from './bulk-confirm.ts';
import { runBulk } from './bulk.ts';
import { enterGateway, entranceOf, GatewayRefusal, type Gateway } from './gateway.ts';
import { HELP } from './help.ts';
import { askedDecision, readTyped, wholeNumber, type Given, type Typed } from './parse.ts';
import {
  DECISION_COLUMNS,
  decisionText,
  itemText,
  QUEUE_COLUMNS,
  recordOf,
  rowsOf,
  tableOf,
} from './show.ts';

/** Where a command reads and writes. */
export interface OpsIo {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly stdin: Readable;
}

/**
 * Runs one `ops` command; its exit code (see HELP). It never ends the process.
 * @param args what stands behind `ops`.
 */
export async function runOps(args: readonly string[], io: OpsIo): Promise<number> {
  // Its words are its own, and it needs no login: it speaks with Temporal.
  if (args[0] === 'reset') return (await import('../reset/run-reset.ts')).runReset(args.slice(1), io);
  const deciding: { id: string | null } = { id: null };
  try {
    const typed = readTyped(args);
    if (typed.given.help === true || typed.words.length === 0) {
      io.out(HELP);
      return ENDED.done;
    }
    const run = commandOf(typed, deciding);
    const gateway = await enterGateway(await entranceOf(typed.given, io.stdin));
    try {
      return await run(gateway, io);
    } finally {
      await gateway.leave();
    }
  } catch (error) {
    if (error instanceof UsageError) {
      io.err(`ops: ${error.message} (--help)\n`);
      return ENDED.misused;
    }
    if (error instanceof GatewayRefusal && error.status < 500) {
      io.err(`refused (${error.code}): ${error.message}\n`);
      return ENDED.refused;
    }
    const again = deciding.id === null ? '' : `; say it again with --id ${deciding.id}`;
    io.err(`ops: the gateway did not answer: ${messageOf(error)}${again}\n`);
    return ENDED.unanswered;
  }
}

type Command = (gateway: Gateway, io: OpsIo) => Promise<number>;

/**
 * What was typed, understood before anybody logs in.
 * @param deciding gets the id of what is decided, once it may have been.
 * @throws UsageError
 */
function commandOf({ words, given }: Typed, deciding: { id: string | null }): Command {
  const [name = '', second, third] = words;
  switch (name) {
    case 'cases':
      return casesCommand(second ?? '', third, given);
    case 'decide': {
      const id = given.id ?? newId('dcs');
      if (second === undefined) throw new UsageError('decide needs an action');
      const asked = askedDecision(id, second, third, given, given.list);
      return (gateway, io) => {
        deciding.id = id;
        return told(gateway.post('/internal/v1/decisions', asked), given, io, decisionText);
      };
    }
    case 'confirm':
    case 'reject': {
      const path = `/internal/v1/decisions/${idOf(second, `${name} dcs_…`)}/${name}`;
      const body = given.why === undefined ? {} : { why: given.why };
      return (gateway, io) => told(gateway.post(path, body), given, io, decisionText);
    }
    case 'decisions':
      return decisionsCommand(second ?? '', third, given);
    case 'bulk': {
      if (second === undefined) return (gateway, io) => bulkCommand(gateway, given, io);
      if (second !== 'confirm') throw new UsageError(`bulk ${second} is not bulk or bulk confirm blk_…`);
      const bulk = idOf(third, 'bulk confirm blk_…');
      return (gateway, io) => confirmCommand(gateway, bulk, given, io);
    }
    default:
      throw new UsageError(`${name} is not cases, decide, confirm, reject, decisions, bulk or reset`);
  }
}

function casesCommand(what: string, id: string | undefined, given: Given): Command {
  switch (what) {
    case 'list': {
      const query = queryOf({
        kind: given.kind,
        assignee: given.assignee,
        overdue: given.overdue === true ? 'true' : undefined,
        limit: wholeNumber(given, 'limit', 1, 500)?.toString(),
      });
      return (gateway, io) =>
        told(gateway.get(`/internal/v1/cases${query}`), given, io, ({ data }) =>
          tableOf(QUEUE_COLUMNS, rowsOf(data)),
        );
    }
    case 'show': {
      const path = `/internal/v1/cases/${idOf(id, 'cases show case_…|pay_…')}`;
      return (gateway, io) => told(gateway.get(path), given, io, itemText);
    }
    case 'assign': {
      const path = `/internal/v1/cases/${idOf(id, 'cases assign case_…|pay_…')}/assign`;
      return (gateway, io) => {
        const assignee = given.nobody === true ? null : (given.to ?? gateway.login);
        return told(gateway.post(path, { assignee }), given, io, recordOf);
      };
    }
    default:
      throw new UsageError(`cases ${what} is not list, show or assign`);
  }
}

function decisionsCommand(what: string, id: string | undefined, given: Given): Command {
  switch (what) {
    case 'list': {
      const query = queryOf({ state: given.state, limit: wholeNumber(given, 'limit', 1, 500)?.toString() });
      return (gateway, io) =>
        told(gateway.get(`/internal/v1/decisions${query}`), given, io, ({ data }) =>
          tableOf(DECISION_COLUMNS, rowsOf(data)),
        );
    }
    case 'show': {
      const path = `/internal/v1/decisions/${idOf(id, 'decisions show dcs_…')}`;
      return (gateway, io) => told(gateway.get(path), given, io, recordOf);
    }
    default:
      throw new UsageError(`decisions ${what} is not list or show`);
  }
}

async function bulkCommand(gateway: Gateway, given: Given, io: OpsIo): Promise<number> {
  let told = 0;
  const result = await runBulk(gateway, given, (line) => {
    told += 1;
    io.out(
      given.json === true
        ? `${JSON.stringify(line)}\n`
        : `${told} ${line.payment} ${line.result === 'would' ? `would ${given.action ?? ''}` : line.result}${'detail' in line ? `: ${line.detail}` : ''}\n`,
    );
  });
  const { list, found, done, before, refused, changed, each } = result;
  if (each !== undefined && given.json !== true) io.out(`about each: ${JSON.stringify(each)}\n`);
  io.out(
    given.json === true
      ? `${JSON.stringify(result)}\n`
      : given.go === true
        ? `${list}: ${found} on the list, ${done} decided, ${before} before, ${refused} refused, ${changed} changed since\n`
        : `${list}: ${found} found, ${before} of them decided before; nothing was done (--list ${list} --go)\n`,
  );
  return refused > 0 ? ENDED.refused : ENDED.done;
}

async function confirmCommand(gateway: Gateway, bulk: string, given: Given, io: OpsIo): Promise<number> {
  const result = await confirmBulk(gateway, bulk, given, (line) => {
    io.out(
      given.json === true
        ? `${JSON.stringify(line)}\n`
        : `${line.decision} ${line.payment} ${line.result}${line.detail === undefined ? '' : `: ${line.detail}`}\n`,
    );
  });
  const { seen, found, done, before, refused } = result;
  io.out(
    given.json === true
      ? `${JSON.stringify(result)}\n`
      : given.go === true
        ? `${bulk}: ${found} decisions, ${done} confirmed, ${before} before, ${refused} refused\n`
        : `${bulk}: ${found} decisions, ${before} of them decided; nothing was done (--seen ${seen} --go)\n`,
  );
  return refused > 0 ? ENDED.refused : ENDED.done;
}

async function told<T>(
  answering: Promise<T>,
  given: Given,
  io: OpsIo,
  textOf: (answer: T) => string,
): Promise<number> {
  const answer = await answering;
  io.out(given.json === true ? `${JSON.stringify(answer, null, 2)}\n` : textOf(answer));
  return ENDED.done;
}

function idOf(id: string | undefined, usage: string): string {
  if (id === undefined || !/^\w+$/.test(id)) throw new UsageError(`${usage} is how it is said`);
  return id;
}

function queryOf(values: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}
