import { describe, expect, it } from 'vitest';
import type { StripeProblem } from './client.ts';
import { classifyProblem, judgeProblem, storedFailureAt } from './problems.ts';
import { DECLINE_CODES, ERROR_CODES } from './reply-table.ts';

/** The promise: every code of the tables means what its row says, and one that no table has is no answer. */
const problem = (over: Partial<StripeProblem>): StripeProblem => ({
  status: 400,
  type: 'invalid_request_error',
  code: null,
  declineCode: null,
  message: 'for people',
  ...over,
});
const card = (code: string, declineCode: string | null): StripeProblem =>
  problem({ status: 402, type: 'card_error', code, declineCode });
const first = { repeated: false, ageMs: 0 };
const again = { repeated: true, ageMs: 5_000 };

describe('a decline code', () => {
  it.each(Object.entries(DECLINE_CODES.rows))('%s declines with its remedy', (code, row) => {
    const judged = judgeProblem('authorization', card('card_declined', code), first);
    expect(row.meaning).toBe('declined');
    expect(judged).toMatchObject({
      alarm: null,
      answer: {
        outcome: 'declined',
        responseCode: code,
        remedy: row.meaning === 'declined' ? row.remedy : null,
      },
    });
  });

  it('that no table has is ambiguous and an alarm, whatever the code beside it says', () => {
    const judged = judgeProblem('authorization', card('card_declined', 'made_up'), first);
    expect(judged?.answer.outcome).toBe('ambiguous');
    expect(judged?.alarm).toContain('made_up');
  });
});

describe('an error code', () => {
  it.each(Object.entries(ERROR_CODES.rows))('%s is what its row says', (code, row) => {
    const judged = judgeProblem('refund', problem({ code }), first);
    switch (row.meaning) {
      case 'declined':
        expect(judged?.answer).toMatchObject({ outcome: 'declined', responseCode: code, remedy: row.remedy });
        return;
      case 'not_begun':
        expect(judged?.answer.outcome).toBe('retryable');
        return;
      case 'in_progress':
      case 'mismatch':
        expect(judged?.answer.outcome).toBe('ambiguous');
        return;
      case 'state':
        expect(judged).toBeNull();
    }
  });

  it.each([
    ['HTTP 500 is ambiguous', { status: 500, type: 'api_error' }, 'ambiguous', false],
    ['HTTP 503 is ambiguous', { status: 503, type: 'api_error' }, 'ambiguous', false],
    ['HTTP 429 was not begun', { status: 429 }, 'retryable', false],
    ['HTTP 401 was not begun, and is ours to mend', { status: 401 }, 'retryable', true],
    ['HTTP 403 was not begun, and is ours to mend', { status: 403 }, 'retryable', true],
    ['another body under the key is a bug', { type: 'idempotency_error' }, 'ambiguous', true],
    [
      'the same key under way is asked again',
      { status: 409, type: 'idempotency_error', code: 'idempotency_key_in_use' },
      'ambiguous',
      false,
    ],
    ['an unknown code is no answer', { code: 'made_up' }, 'ambiguous', true],
    ['no code is no answer', {}, 'ambiguous', true],
  ] as const)('%s', (_, over, outcome, alarm) => {
    const judged = judgeProblem('capture', problem(over), first);
    expect(judged?.answer.outcome).toBe(outcome);
    expect(judged?.alarm !== null).toBe(alarm);
  });
});

describe('to a repeat', () => {
  it.each([{ status: 429 }, { status: 401 }, { code: 'lock_timeout' }])(
    'nothing says that the first was not executed: %o',
    (over) => {
      expect(judgeProblem('capture', problem(over), again)?.answer.outcome).toBe('ambiguous');
    },
  );

  it('a decline is the answer that the key holds', () => {
    const judged = judgeProblem('refund', problem({ code: 'charge_already_refunded' }), again);
    expect(judged?.answer.outcome).toBe('declined');
  });
});

it('a stored failure is remembered with the age of its attempt', () => {
  const judged = judgeProblem('capture', problem({ status: 500 }), again);
  expect(storedFailureAt(judged?.answer.reason ?? null)).toBe(5_000);
  expect(storedFailureAt('no answer within 8000 ms')).toBeNull();
});

it('has one class for every problem there can be', () => {
  for (const status of [400, 401, 402, 403, 404, 409, 410, 422, 424, 429, 500, 502, 503, 504])
    for (const type of ['api_error', 'card_error', 'idempotency_error', 'invalid_request_error', 'other'])
      for (const code of [null, 'card_declined', 'toString'])
        for (const declineCode of [null, 'do_not_honor', 'constructor'])
          expect(classifyProblem({ status, type, code, declineCode, message: '' }).class).toBeTypeOf(
            'string',
          );
});
