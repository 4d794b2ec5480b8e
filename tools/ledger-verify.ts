/**
 * npm run ledger:verify: recomputes the ledger from its rows and says whether it is what it claims to
 * be. Ends with 0 when everything holds, with 1 when something is broken or could not be checked.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { ledgerHeadFile } from '../temporal-dev/addresses.ts';
import { terminalProgress } from './ledger/terminal-progress.ts';
import { verifyLedger, type Verdict } from './ledger/verify.ts';
import { againstPublished, chainPlace, PLACE_OPTIONS, problemLines } from './sealed-chain.ts';

const HELP = `npm run ledger:verify -- [options]

Recomputes what the ledger claims from its rows, in one snapshot, changing nothing: every transaction
nets to zero per currency, balances are the sums of their postings, sequences have no gap, payments'
amounts are what was posted, adjustments are those that two people agreed on, and nothing that was
sealed was changed, taken out or put in.

  --run-file FILE  run.json of a running stack: its database and its file of published heads
                   (default: .quittance/run.json of this checkout)
  --url URL        postgres URL of the main database instead, of any role that may read it
  --head FILE      the file of published heads; with --url and without --head the chain of seals is
                   only held against itself
  --lanes N        threads that read postings, 1 to 32, each with a connection, and as many connections
                   for what is checked in SQL (default: this machine's processors, at most 8)
  --help

Ends with 0 when everything holds, with 1 when something is broken or could not be checked.
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      ...PLACE_OPTIONS,
      lanes: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const lanes = values.lanes === undefined ? Math.min(availableParallelism(), 8) : Number(values.lanes);
  if (!Number.isInteger(lanes) || lanes < 1 || lanes > 32)
    throw new Error(`--lanes ${values.lanes ?? ''} is not a number from 1 to 32`);

  const place = await chainPlace(values, (run) => ({
    url: run.postgres.urls.worker,
    headFile: ledgerHeadFile(run.dir),
  }));
  const began = performance.now();
  const progress = terminalProgress(process.stderr);
  const verdict = await verifyLedger({ ...place, lanes, onProgress: progress.show });
  progress.end();
  return report(verdict, (performance.now() - began) / 1_000, place.headFile);
}

function report(verdict: Verdict, seconds: number, headFile: string | null): number {
  const { problems, problemCount, transactions, postings, accounts, payments, seals, unsealed } = verdict;
  process.stdout.write(problemLines(problems, problemCount));
  process.stdout.write(
    `${problemCount === 0 ? 'the ledger is whole' : `THE LEDGER IS BROKEN (${problemCount})`}: ` +
      `${transactions} transactions, ${postings} postings, ${accounts} accounts, ${payments} payments; ` +
      `${seals} seals${verdict.head === null ? '' : `, head ${verdict.head}`}, ${againstPublished(headFile, verdict.published)}, ${unsealed} transactions not sealed yet; ` +
      `${seconds.toFixed(1)} s, ${Math.round(Number(postings) / seconds)} postings/s\n`,
  );
  return problemCount === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(
    `ledger:verify could not check: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exitCode = 1;
}
