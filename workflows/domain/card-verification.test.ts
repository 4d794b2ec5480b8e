import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ASKED_AT_MOST,
  nextVerificationStep,
  verificationResource,
  type CardVerification,
  type VerificationAttempt,
  type VerificationView,
} from './card-verification.ts';
import {
  attemptId,
  type AcquirerAccountId,
  type MerchantId,
  type StagingId,
  type VerificationId,
} from './ids.ts';
import { CARD } from './testing/payments.ts';
import { REMEDIES } from './outcome.ts';

/** The promise: yes and no are an issuer's words alone; whatever else happens ends as unknown, in time. */

const ID = 'ver_01m7zayarkfvns26md8b9yyec3' as VerificationId;
const BY = 600_000;

const attempt = (number: number, over: Partial<VerificationAttempt> = {}): VerificationAttempt => ({
  id: attemptId(ID, number),
  number,
  acquirer: 'acquirer-1',
  account: 'aca_1' as AcquirerAccountId,
  taskQueue: 'acquirer:acquirer-1',
  state: 'sending',
  outcome: null,
  givenUpAt: 0,
  ...over,
});
const view = (
  attempts: readonly VerificationAttempt[],
  over: Partial<VerificationView> = {},
): VerificationView => ({
  status: 'processing',
  staging: 'stg_1' as StagingId,
  verifyBy: BY,
  attempts,
  ...over,
});
const fenced = { state: 'fenced' } as const;
const answered = { state: 'answered', outcome: 'declined', givenUpAt: null } as const;

describe('the next step of a verification', () => {
  it.each<[string, VerificationView, number, unknown]>([
    ['that is new: ask', view([]), 0, { kind: 'ask', number: 1 }],
    ['that has ended: nothing', view([attempt(1)], { status: 'unknown' }), 0, { kind: 'done' }],
    [
      'whose attempt was planned by a lost run: settle it',
      view([attempt(1, { state: 'planned', givenUpAt: null })]),
      0,
      { kind: 'settle', attempt: attemptId(ID, 1) },
    ],
    [
      'whose attempt was sent by a lost run: settle it',
      view([attempt(1, { givenUpAt: null })]),
      0,
      { kind: 'settle', attempt: attemptId(ID, 1) },
    ],
    ['that is unknown: wait two seconds', view([attempt(1)]), 0, { kind: 'wait', until: 2_000 }],
    ['and then ask again', view([attempt(1)]), 2_000, { kind: 'ask', number: 2 }],
    [
      'that is unknown twice: wait longer',
      view([attempt(1), attempt(2, { givenUpAt: 5_000 })]),
      5_000,
      { kind: 'wait', until: 13_000 },
    ],
    [
      'that is unknown three times: it ends so',
      view([attempt(1), attempt(2), attempt(3)]),
      0,
      { kind: 'conclude', end: { kind: 'unknown', reason: 'no_answer' } },
    ],
    [
      'whose first question is answered after the second was lost: that answer ends it',
      view([attempt(1, answered), attempt(2)]),
      0,
      { kind: 'conclude', end: { kind: 'answered', attempt: attemptId(ID, 1) } },
    ],
    [
      'answered after its time: the answer is still what it is',
      view([attempt(1, answered)]),
      BY + 1,
      { kind: 'conclude', end: { kind: 'answered', attempt: attemptId(ID, 1) } },
    ],
    ['that was not sent: wait a second', view([attempt(1, fenced)]), 0, { kind: 'wait', until: 1_000 }],
    [
      'that was not sent three times: wait longer',
      view([attempt(1, fenced), attempt(2, fenced), attempt(3, fenced)]),
      0,
      { kind: 'wait', until: 4_000 },
    ],
    [
      'that never could be sent: it was not attempted',
      view([attempt(1, fenced)]),
      BY,
      { kind: 'conclude', end: { kind: 'unknown', reason: 'not_attempted' } },
    ],
    [
      'whose time is over before the next question: nobody is asked any more',
      view([attempt(1, { givenUpAt: BY - 1_000 })]),
      BY - 500,
      { kind: 'wait', until: BY },
    ],
  ])('%s', (_, state, now, expected) => {
    expect(nextVerificationStep(state, now)).toEqual(expected);
  });

  it('is never a yes or a no that no issuer said, and comes to an end whatever happens', () => {
    const outcomes = fc.array(fc.constantFrom('lost', 'unsent', 'approved', 'declined', 'run lost'), {
      minLength: 60,
      maxLength: 60,
    });
    fc.assert(
      fc.property(outcomes, (ends) => {
        let now = 0;
        let state = view([]);
        let heard: string | null = null;
        for (let steps = 0; steps < 500; steps += 1) {
          const step = nextVerificationStep(state, now);
          if (step.kind === 'conclude') {
            expect(step.end.kind).toBe(heard === null ? 'unknown' : 'answered');
            expect(state.attempts.filter(({ state: at }) => at === 'sending').length).toBeLessThanOrEqual(
              ASKED_AT_MOST,
            );
            return;
          }
          if (step.kind === 'wait') {
            expect(step.until).toBeGreaterThan(now);
            now = step.until;
          }
          if (step.kind === 'settle')
            state = view(
              state.attempts.map((one) => (one.id === step.attempt ? { ...one, givenUpAt: now } : one)),
            );
          if (step.kind === 'ask') {
            const end = ends[step.number - 1] ?? 'lost';
            expect(step.number).toBe(state.attempts.length + 1);
            const made = attempt(step.number, {
              givenUpAt: end === 'run lost' ? null : now,
              ...(end === 'unsent' ? fenced : {}),
              ...(end === 'approved' || end === 'declined'
                ? { state: 'answered', outcome: end, givenUpAt: null }
                : {}),
            });
            if (made.outcome !== null) heard = made.outcome;
            state = view([...state.attempts, made]);
          }
        }
        throw new Error(`no end: ${JSON.stringify(state)}`);
      }),
    );
  });
});

describe('what is shown of a verification', () => {
  const shown = (over: Partial<CardVerification>): Record<string, unknown> =>
    verificationResource({
      id: ID,
      merchant: 'mer_1' as MerchantId,
      mode: 'test',
      createdAt: 0,
      currency: 'EUR',
      status: 'processing',
      unknownReason: null,
      card: CARD,
      verifyBy: BY,
      concludedAt: null,
      customerReference: null,
      metadata: {},
      answer: null,
      ...over,
    });
  const answer = {
    acquirer: 'acquirer-1',
    reference: '632600000001',
    responseCode: '05',
    remedy: 'none',
    avsResult: 'U',
    cvvResult: 'N',
  } as const;

  it('a decline has its code and advice; what is verified, and what is unknown, has neither', () => {
    expect(shown({ status: 'declined', answer: { ...answer, remedy: 'later' } })).toMatchObject({
      decline_code: '05',
      remedy: 'later',
      advice_code: 'try_again_later',
      cvv_result: 'N',
    });
    for (const over of [
      { status: 'verified', answer } as const,
      { status: 'unknown', unknownReason: 'no_answer' } as const,
    ])
      expect(shown(over)).toMatchObject({ decline_code: null, remedy: null, advice_code: null });
  });

  it('there is advice, or none, for every remedy', () => {
    for (const remedy of REMEDIES)
      expect(shown({ status: 'declined', answer: { ...answer, remedy } })['advice_code']).not.toBeUndefined();
  });
});
