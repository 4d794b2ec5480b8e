import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runTool } from '../testing/run-tool.ts';

/** The promise: `npm run replay` says by its exit code what came of it, and where a run left its history. */

const GOOD = 'workflows/payment/histories/approved.json';
let folder: string;
let diverged: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quittance-replay-'));
  // The same run, if it had asked its acquirer for something else.
  const whole = await readFile(GOOD, 'utf8');
  const altered = whole.replace('"name": "authorize"', '"name": "capture"');
  expect(altered).not.toBe(whole);
  diverged = join(folder, 'another-call.json');
  await writeFile(diverged, altered);
  await writeFile(join(folder, 'no-history.json'), '{"events":[]}');
});
afterAll(() => rm(folder, { recursive: true }));

const replay = (...args: readonly string[]) => runTool('replay', args);

it('ends with 0 when all replayed, and counts them', async () => {
  expect(await replay(GOOD, 'workflows/webhook-delivery/histories', '--quiet')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^\d+ histories replayed in [\d.]+ s, 0 diverged\n$/) as string,
    errors: '',
  });
});

it('ends with 1 when one diverged, and explains it: which, where, and which patch it is from before', async () => {
  const { code, out } = await replay(GOOD, diverged, '--quiet');
  expect(code, out).toBe(1);
  const [, id = ''] = /"workflowId": "(pay_\w+)"/.exec(await readFile(GOOD, 'utf8')) ?? [];
  expect(out).toContain(`${id} (${diverged}) diverged: `);
  expect(out).toMatch(/^ {2}> \d+ activity task scheduled capture$/m);
  expect(out).toMatch(/^ {2}the history says capture, this code would do authorize$/m);
  expect(out).toMatch(/patch/);
  expect(out).toMatch(/^2 histories replayed in [\d.]+ s, 1 diverged\n$/m);
});

it.each([
  [
    'what is no history',
    () => [join(folder, 'no-history.json')],
    'no-history.json is no history of a workflow',
  ],
  [
    'what is no history, behind one that is',
    () => [GOOD, join(folder, 'no-history.json'), '--quiet'],
    'is no history',
  ],
  ['a folder without any', () => ['docs/decisions'], 'there is no history'],
  ['nothing', () => [], 'say what to replay (--help)'],
  ['an option that there is not', () => [GOOD, '--fast'], '--fast'],
])('ends with 2 when it cannot be asked: %s', async (_what, args, said) => {
  const { code, out, errors } = await replay(...args());
  expect([code, out]).toEqual([2, '']);
  expect(errors).toContain(said);
});
