import { createHash } from 'node:crypto';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { idOfUuid } from '../../platform/new-id.ts';
import { packageRoot } from '../../platform/package-root.ts';
import { isId } from '../../workflows/domain/ids.ts';
import { GatewayRefusal, type Gateway } from './gateway.ts';
import { UsageError } from '../command-frame.ts';
import { ofPayments } from '../payment-query.ts';
import { bulkIdOf, keepList, keptList, type BulkList } from './bulk-list.ts';
import {
  askedDecision,
  DECISION_OPTIONS,
  need,
  wholeNumber,
  type DecisionOptions,
  type Given,
} from './parse.ts';
import { rowsOf } from './show.ts';

const PER_SECOND = 5;
const PER_SECOND_MAX = 100;
const PAGE = 200;

/** What came of one payment of a bulk; a line of its progress file. */
interface BulkLine {
  readonly payment: string;
  readonly decision: string;
  readonly result: 'approved' | 'proposed' | 'rejected' | 'refused';
  /** Why it was refused, or that an earlier run decided it. */
  readonly detail?: string;
}

/** What a bulk says of one payment. Nothing is done about what it `would` decide, and about what `changed`. */
type BulkTold =
  | BulkLine
  | { readonly payment: string; readonly result: 'would' }
  | { readonly payment: string; readonly result: 'changed'; readonly detail: string };

export interface BulkResult {
  /** The id of the list (blk_…). */
  readonly list: string;
  /** On the list. */
  readonly found: number;
  readonly done: number;
  /** Done by an earlier run of the same batch. */
  readonly before: number;
  readonly refused: number;
  /** Not as the dry run showed it: left alone. */
  readonly changed: number;
  /** What would be decided about each: told by a dry run. */
  readonly each?: Readonly<Record<string, unknown>>;
}

/**
 * Decides the same about every payment that a visibility query finds: shown first, and kept as a list; then,
 * with `--list` and `--go`, decided about what was shown and still matches. Its decisions have ids that follow
 * from batch, action and payment: said again nothing happens twice, whatever became of the progress file.
 * @param tell each line as it comes.
 * @throws UsageError; GatewayRefusal when the query itself is refused; what fetch throws.
 */
export async function runBulk(
  gateway: Gateway,
  given: Given,
  tell: (line: BulkTold) => void,
): Promise<BulkResult> {
  const batch = need(given, 'batch');
  if (!/^[\w.-]{1,60}$/.test(batch))
    throw new UsageError(`--batch ${batch} is no name: letters, digits, dot and dash`);
  if (given.go === true && given['dry-run'] === true)
    throw new UsageError('--go and --dry-run contradict each other');
  const perSecond = paceOf(given);
  const file = given.progress ?? join(packageRoot(), '.quittance', `bulk-${batch}.jsonl`);
  if (given.go === true) return decideList(gateway, given, { batch, file, perSecond }, tell);

  const [action, query, reason] = [need(given, 'action'), need(given, 'query'), need(given, 'reason')];
  const said = decisionOptionsOf(given);
  // Made here already, about no payment: what cannot be decided as it stands is no list, and `--go` adds nothing.
  const each = { ...askedDecision(decisionId(batch, action, ''), action, undefined, said), id: undefined };
  const payments = await paymentsOf(gateway, query);
  const list: BulkList = { batch, action, query, ...said, reason, payments };
  await keepList(file, list);
  const finished = await readProgress(file);
  const told = payments.filter((payment) => !finished.has(decisionId(batch, action, payment)));
  for (const payment of told) tell({ payment, result: 'would' });
  return {
    ...{ list: bulkIdOf(list), found: payments.length, done: 0 },
    ...{ before: payments.length - told.length, refused: 0, changed: 0, each },
  };
}

const decisionOptionsOf = (given: Given): DecisionOptions =>
  Object.fromEntries(
    DECISION_OPTIONS.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]),
  );

interface Going {
  readonly batch: string;
  readonly file: string;
  readonly perSecond: number;
}

async function decideList(
  gateway: Gateway,
  given: Given,
  { batch, file, perSecond }: Going,
  tell: (line: BulkTold) => void,
): Promise<BulkResult> {
  const id = need(given, 'list');
  for (const name of ['action', 'query', ...DECISION_OPTIONS] as const)
    if (given[name] !== undefined)
      throw new UsageError(
        `--${name} is of the list: what ${id} was shown with holds; leave it out, or show a list with it`,
      );
  const list = await keptList(file, id);
  if (batch !== list.batch) throw new UsageError(`--batch is not that of ${id} (${list.batch})`);
  const { action } = list;
  const finished = await readProgress(file);
  // Half a line of a process that died would spoil the next one.
  await appendFile(file, '\n');
  const matching = await paymentsOf(gateway, list.query);
  const [stillThere, listed] = [new Set(matching), new Set(list.payments)];
  const count = { list: id, found: list.payments.length, done: 0, before: 0, refused: 0, changed: 0 };
  const changed = (payment: string, detail: string): void => {
    count.changed += 1;
    tell({ payment, result: 'changed', detail });
  };
  for (const payment of list.payments) {
    const decision = decisionId(batch, action, payment);
    if (finished.has(decision)) {
      count.before += 1;
      continue;
    }
    const there = stillThere.has(payment) ? null : await decisionThere(gateway, decision);
    if (there === null && !stillThere.has(payment)) {
      changed(payment, 'the query does not find it any more; left alone');
      continue;
    }
    const { line, before } =
      there === null
        ? await decide(gateway, askedDecision(decision, action, payment, list, id), payment)
        : { line: foundBefore(payment, there), before: true };
    // A crash before this line asks again, with the same id.
    await appendFile(file, `${JSON.stringify(line)}\n`);
    tell(line);
    if (before) count.before += 1;
    else if (line.result === 'refused') count.refused += 1;
    else count.done += 1;
    await delay(1_000 / perSecond);
  }
  for (const payment of matching)
    if (!listed.has(payment)) changed(payment, 'the dry run did not show it; left alone');
  return count;
}

/** How many a second. @throws UsageError */
export function paceOf(given: Given): number {
  return wholeNumber(given, 'per-second', 1, PER_SECOND_MAX) ?? PER_SECOND;
}

async function decide(
  gateway: Gateway,
  asked: Readonly<Record<string, unknown>>,
  payment: string,
): Promise<{ readonly line: BulkLine; readonly before: boolean }> {
  const decision = String(asked['id']);
  try {
    const made = await gateway.post('/internal/v1/decisions', asked);
    return { line: { payment, decision, result: resultOf(made) }, before: false };
  } catch (error) {
    // Of one payment: it has moved on. Anything else would be refused for the next one, too.
    if (!(error instanceof GatewayRefusal) || error.code !== 'decision_refused') throw error;
    const there = await decisionThere(gateway, decision);
    return there === null
      ? { line: { payment, decision, result: 'refused', detail: error.message }, before: false }
      : { line: foundBefore(payment, there), before: true };
  }
}

/** A run that was killed before it wrote its line recorded it, maybe with another reason or as somebody else. */
function foundBefore(payment: string, there: Readonly<Record<string, unknown>>): BulkLine {
  const detail = `an earlier run of this batch recorded it: ${String(there['proposed_by'])}, ${String(there['reason'])}`;
  return { payment, decision: String(there['id']), result: resultOf(there), detail };
}

/** null = there is none. */
async function decisionThere(
  gateway: Gateway,
  decision: string,
): Promise<Readonly<Record<string, unknown>> | null> {
  return gateway.get(`/internal/v1/decisions/${decision}`).catch((error: unknown) => {
    if (error instanceof GatewayRefusal && error.code === 'not_found') return null;
    throw error;
  });
}

/** @throws Error at a state that no decision has. */
function resultOf({ id, state }: Readonly<Record<string, unknown>>): 'approved' | 'proposed' | 'rejected' {
  if (state === 'approved' || state === 'proposed' || state === 'rejected') return state;
  throw new Error(
    `decision ${String(id)} is ${String(state)}: this program does not know that state; look at it on the desk`,
  );
}

/** The ids of the payments that a query finds, each once; all of them, for what is decided moves payments out of it. */
async function paymentsOf(gateway: Gateway, query: string): Promise<readonly string[]> {
  const { namespace } = await gateway.get('/internal/v1');
  const found = new Set<string>();
  let next = '';
  do {
    const search = new URLSearchParams({
      query: ofPayments(query),
      pageSize: String(PAGE),
      nextPageToken: next,
    });
    const page = await gateway.get(`/api/v1/namespaces/${String(namespace)}/workflows?${search.toString()}`);
    for (const { execution } of rowsOf(page['executions'])) {
      const { workflowId } = (execution ?? {}) as { readonly workflowId?: string };
      if (workflowId !== undefined && isId('pay', workflowId)) found.add(workflowId);
    }
    next = typeof page['nextPageToken'] === 'string' ? page['nextPageToken'] : '';
  } while (next !== '');
  return [...found];
}

function decisionId(batch: string, action: string, payment: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([batch, action, payment]))
    .digest('hex');
  // As a UUID of a shape that is ours alone (version 8, RFC 9562).
  const uuid = `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
  return idOfUuid('dcs', uuid);
}

/** The decisions that are done by a progress file; none where there is no such file. */
async function readProgress(file: string): Promise<ReadonlySet<string>> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  });
  const lines = text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [(JSON.parse(line) as BulkLine).decision];
    } catch {
      // Half a line: the process died writing it. Asked again, it is the same decision.
      return [];
    }
  });
  return new Set(lines);
}
