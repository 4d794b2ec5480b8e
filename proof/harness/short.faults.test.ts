import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMerchantClient } from '../../temporal-dev/demo/merchant-client.ts';
import { SCENES } from '../../temporal-dev/demo/script.ts';
import { seedMerchant } from '../../temporal-dev/seed.ts';
import { removeStack, startStack, type StartedStack } from '../../temporal-dev/start-stack.ts';
import { prove } from '../check/prove.ts';
import { textOf } from '../check/report.ts';
import { sourcesOfRun } from '../check/sources-of-run.ts';
import { waitForQuiet } from './quiet.ts';
import { textOfProof } from './report.ts';
import { runProof } from './run-proof.ts';

/** The promise of the whole, in its short form: whatever is killed, the records agree about money afterwards. */

/** Written here so that a failure can be repeated: npm run proof -- --seed … makes the same blows. */
const SEED = 20_261;
const KILLS = 34;

let dir: string;
let stack: StartedStack;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'quittance-proof-'));
  await chmod(dir, 0o711); // PostgreSQL may run as another user
  stack = await startStack({ dir, ports: 'free' });
});
afterAll(async () => {
  await stack.stop();
  await removeStack(dir);
});

it('the demo’s payments pass, with something looked at by every check that can be made', async () => {
  const run = stack.runFile;
  const apiKey = `sk_test_${randomBytes(32).toString('hex')}`;
  await seedMerchant({
    ownerUrl: run.postgres.urls.owner,
    apiKey,
    name: 'Demo shop',
    acquirers: run.acquirers.map(({ id }) => id),
  });
  const merchant = createMerchantClient(run.api, apiKey);
  for (const scene of SCENES) await scene.play(merchant);
  const sources = await sourcesOfRun(run, { clientLog: null, receiverLog: null });
  try {
    expect(await waitForQuiet(sources.mainUrl, 30_000)).toBe(0);
    const report = await prove(sources, { since: null, graceMs: 0, patienceMs: 15_000, lanes: 2 });
    const text = textOf(report);
    expect([report.violationCount, report.broken], text).toEqual([0, 0]);
    // Nothing is held any more, and no security code is left.
    const empty = ['holds-are-limited', 'card-data-is-gone'];
    for (const { name, result } of report.checks)
      if (result.checked && !empty.includes(name)) expect(result.count > 0n, `${name}\n${text}`).toBe(true);
    expect(report.checks.filter(({ result }) => !result.checked).map(({ number }) => number)).toEqual([
      7, 15,
    ]);
  } finally {
    await sources.close();
  }
}, 120_000);

it('payments go on while every process is killed and stopped in turn, and every promise holds', async () => {
  const proof = await runProof({
    runPath: stack.runPath,
    payments: 80,
    kills: KILLS,
    seconds: 70,
    seed: SEED,
    quietMs: 100_000,
    say: () => undefined,
  });
  const text = textOf(proof.report) + textOfProof(proof);
  expect(proof.report.violationCount, text).toBe(0);
  expect(proof.report.broken, text).toBe(0);
  // A process that is not back yet when its turn comes again is spared that time.
  expect(proof.fallen.length, text).toBeGreaterThanOrEqual(30);
  expect(proof.recovery.length, text).toBeGreaterThan(10);
  // All were looked at, but for what nobody keeps.
  expect(
    proof.report.checks.filter(({ result }) => !result.checked).map(({ name }) => name),
    text,
  ).toEqual([]);
}, 240_000);
