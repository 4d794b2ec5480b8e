import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { beforeAll, describe, expect, it } from 'vitest';

/**
 * The promise: `npm run check` refuses workflow code that would do something else when it is replayed. Each
 * kind of it is planted in the text of a file and linted as the project lints it. Which of our own folders
 * workflow code may import is dependency-cruiser's business (.dependency-cruiser.cjs).
 */
let eslint: ESLint;
beforeAll(() => {
  // The rules that need types would load the whole program for each text; those of determinism need none.
  eslint = new ESLint({ overrideConfig: [tseslint.configs.disableTypeChecked] });
});

/** Those rules by which workflow code is kept deterministic. */
const RULES = [
  'no-restricted-globals',
  'no-restricted-imports',
  'no-restricted-properties',
  'no-restricted-syntax',
  'no-console',
];

/** The rules that refuse this text, as if it stood in that file. */
async function refusalsOf(filePath: string, text: string): Promise<readonly string[]> {
  const [result] = await eslint.lintText(text, { filePath });
  const messages = result?.messages ?? [];
  expect(
    messages.filter(({ fatal }) => fatal === true),
    text,
  ).toEqual([]);
  return messages.flatMap(({ ruleId }) => (ruleId !== null && RULES.includes(ruleId) ? [ruleId] : []));
}

const PLACES = ['workflows/payment/planted.ts', 'workflows/domain/planted.ts'];

const PLANTED: readonly (readonly [kind: string, text: string])[] = [
  ['the clock', 'export const at = Date.now();'],
  ['the clock as a date', 'export const at = new Date();'],
  ['the clock as a text', 'export const at = Date();'],
  ['the clock under another name', 'const Clock = Date;\nexport const at = new Clock();'],
  ['a date in the local time zone', 'export const at = new Date(2026, 1, 1);'],
  ['the clock of the process', 'export const at = performance.now();'],
  ['chance', 'export const chance = Math.random();'],
  ['chance taken out of Math', 'const { random } = Math;\nexport const chance = random();'],
  ['chance under another name', 'const M = Math;\nexport const chance = M.random();'],
  ['random bytes', 'export const id = crypto.randomUUID();'],
  ['a random id of Temporal', "import { uuid4 } from '@temporalio/workflow';\nexport const id = uuid4();"],
  [
    'a random id of Temporal by its module',
    "import * as temporal from '@temporalio/workflow';\nexport const id = temporal.uuid4();",
  ],
  [
    'a patch that no list has',
    "import { patched } from '@temporalio/workflow';\nexport const isNew = patched('unlisted');",
  ],
  ['the environment', "export const home = process.env['HOME'];"],
  ['the process', 'export const pid = process.pid;'],
  ['the process through the global object', "export const pid = globalThis['process'].pid;"],
  ['the network', "export const answer = fetch('http://127.0.0.1/');"],
  ['a line on the terminal', "console.log('here');\nexport {};"],
  ['bytes of Node', "export const bytes = Buffer.from('x');"],
  ['a module of Node', "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;"],
  ['a module of Node by its old name', "import { hostname } from 'os';\nexport const host = hostname;"],
  ['a part of a module of Node', "import { readFile } from 'fs/promises';\nexport const read = readFile;"],
  ['a module of Node by require', "export const fs: unknown = require('fs');"],
  ['a module that is loaded while it runs', "export const fs = import('node:fs');"],
  ['a package', "import pg from 'pg';\nexport const client = pg.Client;"],
  ['a package that validates', "import { z } from 'zod';\nexport const text = z.string();"],
  ['a timer of Node', 'export const timer = setTimeout(() => undefined, 1_000);'],
  ['a timer of Node that repeats', 'export const timer = setInterval(() => undefined, 1_000);'],
  ['a turn of Node’s loop', 'export const turn = setImmediate(() => undefined);'],
  ['a timer of Node behind a signal', 'export const limit = AbortSignal.timeout(1_000);'],
  ['timers of Node as promises', "import { setTimeout } from 'node:timers/promises';\nawait setTimeout(1);"],
  ['memory that may be collected', 'export const weak = new WeakRef({});'],
  ['code from a text', "export const one: unknown = eval('1');"],
  ['the language of the machine', "export const text = (1_000).toLocaleString('de');"],
  ['the order of the machine’s language', "export const order = 'a'.localeCompare('b');"],
  ['formats of the machine', "export const format = new Intl.NumberFormat('de');"],
];

describe.each(PLACES)('in %s lint', (place) => {
  it.each(PLANTED)('refuses %s', async (_kind, text) => {
    expect(await refusalsOf(place, text), text).not.toEqual([]);
  });

  it('passes what is the same in every replay', async () => {
    const clean = [
      "import { condition, log, sleep } from '@temporalio/workflow';",
      "import { helper } from './another.ts';",
      'export async function steps(at: number, known: Date): Promise<string> {',
      "  await sleep('1 second');",
      '  await condition(() => helper(known), 1_000);',
      "  log.info('a_step', { at });",
      '  return new Date(Math.max(at, 0)).toISOString();',
      '}',
    ].join('\n');
    expect(await refusalsOf(place, clean)).toEqual([]);
  });
});

describe('lint', () => {
  it('takes the time from one file of workflow code', async () => {
    const text = "import { now } from '../clock.ts';\nexport const at = (): number => now();";
    expect(await refusalsOf('workflows/payment/planted.ts', text)).toEqual([]);
  });

  it('leaves tests and activities their clocks', async () => {
    const text = 'export const at = Date.now();';
    for (const place of ['workflows/payment/planted.test.ts', 'activities/ledger/planted.ts'])
      expect(await refusalsOf(place, text), place).toEqual([]);
  });
});
