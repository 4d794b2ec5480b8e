import type { Check, CheckResult } from './check.ts';
import { allChecks } from './checks/index.ts';
import { loadClientLog } from './client-log.ts';
import { loadEffects } from './effects.ts';
import { loadReceiverLog } from './receiver-log.ts';
import { connect, takeSnapshot, type Judging, type Session, type Sources } from './session.ts';

export interface CheckReport {
  readonly number: number;
  readonly name: string;
  readonly promise: string;
  readonly result: CheckResult | { readonly checked: false; readonly why: string; readonly broke: true };
  readonly seconds: number;
}

export interface Report {
  /** When the snapshot was taken. */
  readonly at: string;
  readonly checks: readonly CheckReport[];
  readonly violationCount: number;
  /** Checks that could not look although what they need was given. */
  readonly broken: number;
  readonly seconds: number;
}

/**
 * Takes one look at everything from outside and runs every check on it. Nothing is changed.
 * @throws Error when there is nothing to look at: the database, a journal, a log cannot be read.
 */
export async function prove(
  sources: Sources,
  judging: Judging,
  checks: readonly Check[] = allChecks(),
): Promise<Report> {
  const began = performance.now();
  const main = await connect(sources.mainUrl, 'proof-check');
  try {
    const at = await takeSnapshot(main);
    const base = { ...judging, sources, main, at };
    // Those of the ledger have a snapshot and connections of their own, and work beside the loading.
    const books = checks.filter(({ number }) => number <= 2);
    const others = checks.filter(({ number }) => number > 2);
    const early: Session = { ...base, readJournals: [], unreadJournals: [], asked: 0, received: 0 };
    const verified = Promise.all(books.map((check) => runCheck(check, early)));
    verified.catch(() => undefined);
    const loaded = await loadEffects(base);
    const session: Session = {
      ...base,
      ...loaded,
      asked: sources.clientLog === null ? 0 : await loadClientLog(base, sources.clientLog),
      received: sources.receiverLog === null ? 0 : await loadReceiverLog(base, sources.receiverLog),
    };
    const reports: CheckReport[] = [];
    for (const check of others) reports.push(await runCheck(check, session));
    reports.unshift(...(await verified));
    const results = reports.map(({ result }) => result);
    return {
      at,
      checks: reports,
      violationCount: results.reduce((sum, one) => sum + (one.checked ? one.violationCount : 0), 0),
      broken: results.filter((one) => 'broke' in one).length,
      seconds: (performance.now() - began) / 1_000,
    };
  } finally {
    await main.query('rollback').catch(() => undefined);
    await main.end().catch(() => undefined);
  }
}

async function runCheck(check: Check, session: Session): Promise<CheckReport> {
  const { number, name, promise } = check;
  const began = performance.now();
  const { main } = session;
  const ended = (result: CheckReport['result']): CheckReport => ({
    number,
    name,
    promise,
    result,
    seconds: (performance.now() - began) / 1_000,
  });
  const isolated = number > 2;
  try {
    if (isolated) await main.query('savepoint before_check');
    return ended(await check.run(session));
  } catch (error) {
    if (isolated) await main.query('rollback to savepoint before_check').catch(() => undefined);
    return ended({
      checked: false,
      why: error instanceof Error ? error.message : String(error),
      broke: true,
    });
  }
}
