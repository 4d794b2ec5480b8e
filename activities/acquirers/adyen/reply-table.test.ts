import { describe, expect, it } from 'vitest';
import type { AttemptRecord } from '../attempts.ts';
import type { AdyenProblem } from './client.ts';
import { judgePayment } from './judge.ts';
import { classifyProblem, judgeProblem } from './problems.ts';
import { ERROR_CODES, REFUSAL_REASONS, RESULT_CODES } from './reply-table.ts';

/** The promise: every code of the tables means what its row says, and one that no table has is no answer. */
const REFERENCE = 'att_auth_1';
const attempt = { kind: 'authorization', amount: 5_000n, currency: 'EUR' } as AttemptRecord;
const payment = (resultCode: string, refusalReasonCode: string | null = null) =>
  judgePayment(
    attempt,
    {
      resultCode,
      refusalReasonCode,
      pspReference: 'PSP0000000000001',
      merchantReference: REFERENCE,
      amount: { value: 5_000, currency: 'EUR' },
    },
    REFERENCE,
  );

describe('a result', () => {
  it.each(Object.entries(RESULT_CODES.rows))('%s is %s', (code, meaning) => {
    const { answer } = payment(code, '2');
    const outcomes = {
      approved: 'approved',
      refused: 'declined',
      pending: 'pending',
      action_required: 'action_required',
    } as const;
    expect(answer.outcome).toBe(outcomes[meaning]);
    expect(answer.acquirerReference).toBe('PSP0000000000001');
  });

  it.each(['AuthenticationFinished', 'Success', 'toString', ''])('%s is no answer, and an alarm', (code) => {
    const judged = payment(code);
    expect(judged.answer.outcome).toBe('ambiguous');
    expect(judged.alarm).toContain(code);
  });
});

describe('a refusal', () => {
  it.each(Object.entries(REFUSAL_REASONS.rows))('with %s declines with its remedy', (code, row) => {
    expect(payment('Refused', code)).toMatchObject({
      alarm: null,
      answer: { outcome: 'declined', responseCode: code, remedy: row.remedy, reason: row.text },
    });
  });

  it.each(['47', 'constructor', null])('with %s, which no table has, is ambiguous and an alarm', (code) => {
    const judged = payment('Refused', code);
    expect(judged.answer.outcome).toBe('ambiguous');
    expect(judged.alarm).not.toBeNull();
  });
});

describe('an approval', () => {
  const approval = {
    resultCode: 'Authorised',
    pspReference: 'PSP0000000000001',
    merchantReference: REFERENCE,
    amount: { value: 5_000, currency: 'EUR' },
  };
  it.each([
    ['about something else', { merchantReference: 'att_auth_2' }],
    ['without a name', { pspReference: null }],
    ['without an amount', { amount: null }],
    ['in another currency', { amount: { value: 5_000, currency: 'USD' } }],
    ['of nothing', { amount: { value: 0, currency: 'EUR' } }],
  ])('%s is not believed, and an alarm', (_, over) => {
    const judged = judgePayment(attempt, { ...approval, ...over }, REFERENCE);
    expect(judged.answer.outcome).toBe('ambiguous');
    expect(judged.alarm).not.toBeNull();
  });

  it('of less than was asked for says how much', () => {
    const judged = judgePayment(
      attempt,
      { ...approval, resultCode: 'PartiallyAuthorised', amount: { value: 3_000, currency: 'EUR' } },
      REFERENCE,
    );
    expect(judged.answer).toMatchObject({ outcome: 'approved', approvedAmount: 3_000n });
  });
});

const problem = (over: Partial<AdyenProblem>): AdyenProblem => ({
  status: 422,
  errorCode: null,
  transient: false,
  message: 'for people',
  ...over,
});

describe('an error code', () => {
  it.each(Object.entries(ERROR_CODES.rows))('%s is what its row says', (errorCode, row) => {
    const first = judgeProblem('refund', problem({ errorCode }), { repeated: false });
    const again = judgeProblem('refund', problem({ errorCode }), { repeated: true });
    switch (row.meaning) {
      case 'declined':
        expect(first.answer).toMatchObject({
          outcome: 'declined',
          responseCode: errorCode,
          remedy: row.remedy,
        });
        // What follows up is the same message again, to the letter.
        expect(again.answer.outcome).toBe('declined');
        for (const kind of ['authorization', 'sale'] as const) {
          expect(judgeProblem(kind, problem({ errorCode }), { repeated: false }).answer).toEqual(
            first.answer,
          );
          expect(judgeProblem(kind, problem({ errorCode }), { repeated: true })).toMatchObject({
            alarm: null,
            answer: { outcome: 'ambiguous', reason: row.text, responseCode: null, remedy: null },
          });
        }
        return;
      case 'ours':
        expect([first.answer.outcome, again.answer.outcome]).toEqual(['retryable', 'ambiguous']);
        expect(first.alarm).not.toBeNull();
        return;
      case 'in_progress':
        expect([first.answer.outcome, first.alarm]).toEqual(['ambiguous', null]);
    }
  });

  it.each([
    ['HTTP 500 is ambiguous', { status: 500 }, 'ambiguous', false],
    ['HTTP 503 is ambiguous', { status: 503 }, 'ambiguous', false],
    ['HTTP 429 was not begun', { status: 429 }, 'retryable', false],
    ['HTTP 401 was not begun, and is ours to mend', { status: 401 }, 'retryable', true],
    ['HTTP 403 was not begun, and is ours to mend', { status: 403 }, 'retryable', true],
    [
      'what is transient is asked again, whatever it is',
      { status: 403, transient: true },
      'ambiguous',
      false,
    ],
    ['a conflict without a code is no answer', { status: 409 }, 'ambiguous', true],
    ['an unknown code is no answer', { errorCode: '29_001' }, 'ambiguous', true],
    ['no code is no answer', {}, 'ambiguous', true],
  ] as const)('%s', (_, over, outcome, alarm) => {
    const judged = judgeProblem('capture', problem(over), { repeated: false });
    expect(judged.answer.outcome).toBe(outcome);
    expect(judged.alarm !== null).toBe(alarm);
  });

  it('has one class for every problem there can be', () => {
    for (const status of [400, 401, 403, 404, 409, 422, 429, 500, 502, 503, 504])
      for (const errorCode of [null, '101', '704', 'toString'])
        for (const transient of [true, false])
          expect(classifyProblem(problem({ status, errorCode, transient })).class).toBeTypeOf('string');
  });
});
