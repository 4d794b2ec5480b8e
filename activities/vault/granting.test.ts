import { describe, expect, it } from 'vitest';
import { newId } from '../../platform/new-id.ts';
import { attemptId, authorizationIdOf } from '../../workflows/domain/ids.ts';
import { ATTEMPT_STATES, type AttemptState } from '../../workflows/domain/payment.ts';
import type { PaymentView } from '../../workflows/domain/view.ts';
import type { LedgerActivities } from '../../workflows/ports/ledger.ts';
import type { AttemptSigner } from './attempt-signer.ts';
import { createGranting } from './granting.ts';

/** A grant is signed for an attempt whose committed row may still be sent or undone, and for no other. */
const ref = { merchant: newId('mer'), payment: newId('pay') };
const operation = authorizationIdOf(ref.payment);
const attempt = attemptId(operation, 1);
const account = newId('aca');
const signer: AttemptSigner = {
  ready: () => Promise.resolve(),
  sign: (grant) => Promise.resolve(`signed for ${grant.attempt} as ${grant.purpose}`),
};
const SIGNED = `signed for ${attempt} as authorization`;

/** The record of a payment whose one attempt has a row in that state; null = it has no row. */
function granting(state: AttemptState | undefined | null) {
  const view: Pick<PaymentView, 'operations'> = {
    operations: [
      {
        id: operation,
        kind: 'authorize',
        phase: 'in_flight',
        dueAt: null,
        inquiries: 0,
        lapsesAt: null,
        attempt:
          state === null
            ? null
            : {
                id: attempt,
                kind: 'authorization',
                ...(state === undefined ? {} : { state }),
                account,
                onUnknown: 'inquire',
                taskQueue: 'acquirer-a',
                answeredLate: false,
              },
      },
    ],
  };
  const read = () => Promise.resolve(view as PaymentView);
  const record: Partial<LedgerActivities> = { load: read, planNext: read };
  return createGranting(record as LedgerActivities, signer);
}

const EXPECTED: Readonly<Record<AttemptState, string | null>> = {
  planned: SIGNED,
  sending: SIGNED,
  reversing: SIGNED,
  answered: null,
  fenced: null,
  reversed: null,
};

describe('a grant', () => {
  it.each(ATTEMPT_STATES)('for an attempt that is %s', async (state) => {
    const activities = granting(state);
    expect(await activities.grant({ ...ref, attempt })).toBe(EXPECTED[state]);
    const { operations } = await activities.planNext({ ...ref, at: 0 } as Parameters<
      typeof activities.planNext
    >[0]);
    expect(operations[0]?.attempt?.grant ?? null).toBe(EXPECTED[state]);
  });

  it('is not made for an attempt without a row, for another than the open one, or of no known state', async () => {
    expect(await granting(null).grant({ ...ref, attempt })).toBeNull();
    expect(await granting('planned').grant({ ...ref, attempt: attemptId(operation, 2) })).toBeNull();
    expect(await granting(undefined).grant({ ...ref, attempt })).toBeNull();
  });
});
