import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ENDED, messageOf, needed, readArguments, Refused, runCommand, UsageError } from './command-frame.ts';

/** The promise: every command of people ends and speaks alike. */

const told: string[] = [];
const exitCode = process.exitCode;
beforeEach(() => {
  told.length = 0;
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => told.push(String(text)) > 0);
});
afterEach(() => {
  process.exitCode = exitCode;
  vi.restoreAllMocks();
});

type Case = readonly [string, () => Promise<unknown>, number, readonly string[]];

it.each<Case>([
  ['what was done', () => Promise.resolve(), ENDED.done, []],
  ['its own code', () => Promise.resolve(1), 1, []],
  [
    'what was typed wrongly',
    () => Promise.reject(new UsageError('--by is missing')),
    ENDED.misused,
    ['a:b: --by is missing (--help)\n'],
  ],
  [
    'what was refused',
    () => Promise.reject(new Refused('no such key')),
    ENDED.refused,
    ['a:b: no such key\n'],
  ],
  [
    'what nobody answered',
    () => Promise.reject(new AggregateError([new Error('::1 refused'), new Error('127.0.0.1 refused')])),
    ENDED.unanswered,
    ['a:b: ::1 refused; 127.0.0.1 refused\n'],
  ],
])('ends with %s', async (_, main, code, texts) => {
  await runCommand('a:b', main);
  expect(process.exitCode).toBe(code);
  expect(told).toEqual(texts);
});

it('takes the word of the command for what is a refusal', async () => {
  const refusal = (error: unknown): boolean => messageOf(error) === 'by the database';
  await runCommand('a:b', () => Promise.reject(new Error('by the database')), refusal);
  expect(process.exitCode).toBe(ENDED.refused);
});

it('calls an option that is not there, and one without a value, what was typed wrongly', () => {
  expect(() => readArguments({ args: ['--nonsense'], options: {} })).toThrow(UsageError);
  expect(() => needed('by', ' ')).toThrow('--by is missing');
  expect(needed('by', 'anna')).toBe('anna');
});
