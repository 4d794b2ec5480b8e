import { describe, expect, it } from 'vitest';
import { ConnectionError, ProblemError, UnexpectedAnswerError } from '../../clients/typescript/index.ts';
import { EXIT, failureOf, leftOpenBy } from './failure.ts';

// The promise: whoever is not told what became of a request is told its key.

const KEY = 'key-of-order-7';
const problem = (status: number): ProblemError =>
  new ProblemError(
    { type: '/problems/x', title: 'x', status, code: 'internal_error', detail: 'told by a test' },
    null,
    KEY,
  );

describe('a request of which nobody knows what became', () => {
  it.each([
    ['no answer', new ConnectionError('not answered', KEY)],
    ['an answer of a proxy', new UnexpectedAnswerError(502, 'answered 502', KEY)],
    ['500', problem(500)],
    ['503', problem(503)],
  ])('after %s ends with 3 and its key, also when a person ends the command', (_, error) => {
    expect(failureOf(error)).toEqual({
      text: expect.stringContaining(KEY) as string,
      exitCode: EXIT.unanswered,
    });
    expect(leftOpenBy(error)).toContain(KEY);
  });
});

it.each([400, 404, 422])('a request that is refused with %s ends with 1: its key says nothing', (status) => {
  const { text, exitCode } = failureOf(problem(status));
  expect([text.includes(KEY), exitCode]).toEqual([false, EXIT.refused]);
});

it('a command that a person ends before anything was sent says nothing more', () => {
  expect(leftOpenBy(new DOMException('This operation was aborted', 'AbortError'))).toBe('');
});
