import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { expect, it } from 'vitest';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import { proveNothingLeaks } from './prove.ts';
import { textOfSearch } from './search.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/** The short form of npm run proof:canary: no part is killed, for the stack is used by other tests as well. */
it('no card number, security code or key is anywhere once payments went well, badly and wrongly', async () => {
  const proof = await proveNothingLeaks({
    runPath: stackRunFile(),
    payments: 6,
    stack: 'shared',
    repository: fileURLToPath(new URL('../..', import.meta.url)),
    quietMs: 30_000,
    say: () => undefined,
  });
  expect(proof.payments).toBeGreaterThanOrEqual(6);
  // What is empty proves nothing.
  for (const { place, bytes } of proof.searched) expect(bytes, place).toBeGreaterThan(0);
  expect(
    proof.searched.filter(({ found }) => found.size > 0),
    textOfSearch(proof.searched),
  ).toEqual([]);
  // The check checks itself: planted canaries are found, in every place and every writing.
  expect(proof.missed).toEqual([]);
  expect(proof.planted).toBeGreaterThan(100);
}, 120_000);

it('an expiry stands only beside a token', async () => {
  const { postgres } = await readRunFile(stackRunFile());
  const client = new pg.Client({ connectionString: postgres.superuserUrl.replace(/\/[^/]*$/, '/quittance') });
  await client.connect();
  try {
    const { rows } = await client.query(
      'select id from payments where card_token is null and card_expiry_year is not null',
    );
    expect(rows).toEqual([]);
  } finally {
    await client.end();
  }
});
