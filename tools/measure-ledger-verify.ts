/**
 * Measures verification on a generated ledger: node dist/tools/measure-ledger-verify.js [run.json] [payments].
 * In a database of its own on the stack's server, which is removed afterwards.
 */
import { readRunFile } from '../temporal-dev/run-file.ts';
import { withClient } from '../temporal-dev/parts/postgres-bootstrap.ts';
import { createDatabase } from '../temporal-dev/testing/database.ts';
import { verifyLedger } from './ledger/verify.ts';
import { generateLedger } from './ledger/testing/generate.ts';

const [runFile = '.quittance/run.json', count = '150000'] = process.argv.slice(2);
const database = await createDatabase(await readRunFile(runFile), { schema: 'main' });
try {
  await timed('generated', () =>
    withClient(database.superuserUrl, (client) =>
      generateLedger(client, { merchants: 100, payments: Number(count) }),
    ),
  );
  await timed('sealed', () =>
    withClient(database.workerUrl, async (client) => {
      for (let rows: unknown[] = [null]; rows.length > 0;)
        ({ rows } = await client.query('select number from seal_ledger(5000)'));
    }),
  );
  await withClient(database.superuserUrl, (client) => client.query('vacuum analyze'));
  for (const lanes of [1, 2, 2, 4]) {
    const began = performance.now();
    const { problemCount, postings } = await timed(`verified with ${lanes} lanes`, () =>
      verifyLedger({ url: database.workerUrl, headFile: null, lanes }),
    );
    const perSecond = Math.round((Number(postings) * 1_000) / (performance.now() - began));
    const memory = Math.round(process.memoryUsage.rss() / 1_000_000);
    console.log(`  ${postings} postings, ${perSecond}/s, ${problemCount} problems, ${memory} MB`);
  }
} finally {
  await database.drop();
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await work();
  console.log(`${what}: ${((performance.now() - began) / 1_000).toFixed(2)} s`);
  return result;
}
