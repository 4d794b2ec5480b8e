import { verifyLedger, type Verdict } from '../../../tools/ledger/verify.ts';
import { nothingFound, TOLD, type Check, type CheckResult, type Violation } from '../check.ts';
import { recordsOf } from '../records.ts';
import type { Session } from '../session.ts';

/** What `npm run ledger:verify` calls it when a transaction does not sum to zero, or is not whole. */
const OF_SUMS: readonly string[] = ['transaction_unbalanced', 'transaction_torn'];

/**
 * The two checks of the books are those of tools/ledger, asked once for both: on a snapshot of its own, with
 * its own connections, beside everything else.
 */
export function ledgerChecks(verdictOf: (session: Session) => Promise<Verdict> = verify): readonly Check[] {
  let verdict: Promise<Verdict> | null = null;
  const once = (session: Session): Promise<Verdict> => (verdict ??= verdictOf(session));
  return [
    {
      number: 1,
      name: 'sums-are-zero',
      promise: 'every transaction sums to zero in every currency',
      run: async (session) => {
        const { transactions, ...rest } = await once(session);
        return found(session, rest.problems, transactions, 'transactions', (kind) => OF_SUMS.includes(kind));
      },
    },
    {
      number: 2,
      name: 'books-recompute',
      promise: 'balances, sequences, seals, payments’ amounts, funds and adjustments recompute',
      run: async (session) => {
        const { postings, problems, published } = await once(session);
        const result = await found(
          session,
          problems,
          postings,
          'postings',
          (kind) => !OF_SUMS.includes(kind),
        );
        return published === null && session.sources.headFile === null && result.checked
          ? { ...result, notChecked: ['the chain against its published head: none is known'] }
          : result;
      },
    },
  ];
}

const verify = ({ sources: { mainUrl, headFile }, lanes }: Session): Promise<Verdict> =>
  verifyLedger({ url: mainUrl, headFile, lanes });

async function found(
  session: Session,
  problems: Verdict['problems'],
  count: bigint,
  of: string,
  isMine: (kind: string) => boolean,
): Promise<CheckResult> {
  const mine = problems.filter(({ kind }) => isMine(kind));
  const violations: Violation[] = [];
  for (const { kind, text } of mine.slice(0, TOLD)) {
    const payment = /\bpay_[0-9a-z]+/.exec(text)?.[0] ?? null;
    violations.push({
      payment,
      what: `${kind}: ${text}`,
      records: payment === null ? null : await recordsOf(session, payment),
    });
  }
  return { ...nothingFound(count, of), violations, violationCount: mine.length };
}
