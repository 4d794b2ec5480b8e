/**
 * Measures proof:check on generated payments: node dist/proof/measure/main.js [run.json] [payments]. In databases
 * of its own on the stack's server, which are removed afterwards.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import { createDatabase } from '../../temporal-dev/testing/database.ts';
import { prove } from '../check/prove.ts';
import { textOf } from '../check/report.ts';
import { connect } from '../check/session.ts';
import { generatePayments } from '../check/testing/generate.ts';

const [runFile = '.quittance/run.json', count = '100000'] = process.argv.slice(2);
const run = await readRunFile(runFile);
const folder = await mkdtemp(join(tmpdir(), 'proof-measure-'));
const databases = [
  await createDatabase(run, { schema: 'main' }),
  await createDatabase(run, { schema: 'vault' }),
] as const;
try {
  const [main, vault] = [
    await connect(databases[0].superuserUrl, 'measure'),
    await connect(databases[1].superuserUrl, 'measure'),
  ];
  const began = performance.now();
  const generated = await generatePayments({
    main,
    vault,
    folder,
    merchants: 100,
    payments: Number(count),
    logs: false,
  });
  console.log(`${count} payments generated in ${((performance.now() - began) / 1_000).toFixed(1)} s`);
  await main.query('vacuum analyze');
  await main.end();
  await vault.end();
  for (const lanes of [1, 2]) {
    const report = await prove(
      {
        mainUrl: databases[0].superuserUrl,
        vaultUrl: databases[1].superuserUrl,
        headFile: null,
        auditHeadFile: null,
        journals: generated.journals,
        clientLog: null,
        receiverLog: null,
        temporal: null,
        historiesFile: null,
        exportFolder: null,
      },
      { since: null, graceMs: 2_000, patienceMs: 0, lanes },
    );
    console.log(textOf(report));
    console.log(`${lanes} lanes, ${Math.round(process.memoryUsage.rss() / 1_000_000)} MB\n`);
  }
} finally {
  for (const database of databases) await database.drop();
  await rm(folder, { recursive: true });
}
