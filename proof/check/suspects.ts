import { nothingFound, TOLD, type CheckResult, type Violation } from './check.ts';
import { recordsOf } from './records.ts';
import type { Session } from './session.ts';

type Checked = Extract<CheckResult, { checked: true }>;

export interface Question {
  readonly name: string;
  /** One number: how many were looked at, as `count`. */
  readonly count: string;
  readonly of: string;
  /**
   * Each finds what is wrong: merchant_id, payment_id, what, at (the moment of what is wrong where no
   * payment of ours tells it; null otherwise). Nothing is held in memory: they go into `suspects`.
   */
  readonly find: readonly string[];
  readonly notChecked?: readonly string[];
}

/** Asks, sorts out what is too fresh to judge, and sets the three records beside what is told. */
export async function ask(session: Session, question: Question): Promise<Checked> {
  const { name, count, of, find, notChecked = [] } = question;
  for (const sql of find)
    await session.main.query(
      `insert into suspects (check_name, merchant_id, payment_id, what, at) select '${name}', f.merchant_id, f.payment_id, f.what, f.at from (${sql}) f`,
    );
  const { rows: counted } = await session.main.query<{ count: string }>(count);
  return { ...(await judged(session, name, BigInt(counted[0]?.count ?? 0), of)), notChecked };
}

async function judged(session: Session, name: string, count: bigint, of: string): Promise<Checked> {
  const { main, at, graceMs, since } = session;
  const horizon = new Date(Date.parse(at) - graceMs).toISOString();
  const judging = `
    select s.payment_id, s.what, coalesce(greatest(p.updated_at, s.at) > $2::timestamptz, false) as fresh
    from suspects s left join payments p on p.merchant_id = s.merchant_id and p.id = s.payment_id
    where s.check_name = $1 and ($3::timestamptz is null or greatest(p.updated_at, s.at) is null or greatest(p.updated_at, s.at) >= $3::timestamptz)`;
  const values = [name, horizon, since];
  const { rows: totals } = await main.query<{ wrong: string; fresh: string }>(
    `select count(*) filter (where not fresh) as wrong, count(*) filter (where fresh) as fresh from (${judging}) j`,
    values,
  );
  const wrong = Number(totals[0]?.wrong ?? 0);
  const { rows } = await main.query<{ payment_id: string | null; what: string }>(
    `select payment_id, what from (${judging}) j where not fresh order by payment_id, what limit ${TOLD}`,
    values,
  );
  const violations: Violation[] = [];
  for (const { payment_id: payment, what } of rows)
    violations.push({
      payment,
      what,
      records: payment === null ? null : await recordsOf(session, payment),
    });
  return {
    ...nothingFound(count, of),
    violations,
    violationCount: wrong,
    tooFresh: Number(totals[0]?.fresh ?? 0),
  };
}
