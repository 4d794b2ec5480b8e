/**
 * npm run vault:audit-verify: recomputes the chain over the vault's audit log from its rows. Ends with 0
 * when everything holds, with 1 when something is broken or could not be checked.
 */
import { parseArgs } from 'node:util';
import { auditHeadFile } from '../temporal-dev/addresses.ts';
import { verifyAudit, type AuditVerdict } from './audit/verify.ts';
import { messageOf } from './command-frame.ts';
import { againstPublished, chainPlace, PLACE_OPTIONS, problemLines } from './sealed-chain.ts';

const HELP = `npm run vault:audit-verify -- [options]

Recomputes the chain over the vault's audit log from its rows, in one snapshot, changing nothing: every row
that was sealed is there as it was, none was put in behind, and the seals are those that were published.
Says the first broken link, and how many rows no seal covers yet.

  --run-file FILE  run.json of a running stack: its vault's database and its file of published heads
                   (default: .quittance/run.json of this checkout)
  --url URL        postgres URL of the vault's database instead, of vault_owner
  --head FILE      the file of published heads; with --url and without --head the chain is only held
                   against itself
  --help

Ends with 0 when everything holds, with 1 when something is broken or could not be checked.
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      ...PLACE_OPTIONS,
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const { url, headFile } = await chainPlace(values, (run) => ({
    url: run.postgres.urls.vaultOwner,
    headFile: auditHeadFile(run.dir),
  }));
  return report(await verifyAudit({ url, headFile }), headFile);
}

function report(verdict: AuditVerdict, headFile: string | null): number {
  const { problems, problemCount, firstBroken, rows, seals, head, published, unsealed } = verdict;
  process.stdout.write(problemLines(problems, problemCount));
  if (firstBroken !== null) process.stdout.write(`the first broken link is seal ${firstBroken}\n`);
  process.stdout.write(
    `${problemCount === 0 ? 'the audit log is whole' : `THE AUDIT LOG IS BROKEN (${problemCount})`}: ` +
      `${rows} rows; ${seals} seals${head === null ? '' : `, head ${head}`}, ${againstPublished(headFile, published)}, ${unsealed} rows not sealed yet\n`,
  );
  return problemCount === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`vault:audit-verify could not check: ${messageOf(error)}\n`);
  process.exitCode = 1;
}
