import { describe, expect, it } from 'vitest';
import type { AcquirerAccountId, AttemptId, OperationId } from '../../../workflows/domain/ids.ts';
import type { EventItem, KnownAttempt, Standing } from '../events.ts';
import { stripeEventReader } from './event-reports.ts';

/** The promise: what was done by one try is not taken for the work of another, nor for somebody else's. */
const INTENT = 'pi_1';

function capture(n: number, rest: Partial<KnownAttempt> = {}): KnownAttempt {
  return {
    id: `att_cap_1_${n}` as AttemptId,
    operation: 'cap_1' as OperationId,
    kind: 'capture',
    state: 'answered',
    outcome: 'retryable',
    amount: 500n,
    currency: 'EUR',
    wire: {
      request: 'capture',
      intent: INTENT,
      amount: '500',
      currency: 'eur',
      capturedBefore: '0',
      final: 'false',
    },
    onUnknown: 'repeat',
    acquirerReference: null,
    sentForMs: 10,
    inFlightMs: 600_000,
    sendWithinMs: 1_000,
    account: {
      id: 'aca_1' as AcquirerAccountId,
      acquirer: 'acquirer-3',
      merchantAccount: 'acct_1',
      mcc: '5732',
      iso8583: null,
    },
    fencesByReversal: true,
    card: null,
    responseCode: null,
    reason: null,
    ...rest,
  };
}

const CAPTURED: EventItem = {
  type: 'payment_intent.amount_capturable_updated',
  account: 'acct_1',
  object: {
    object: 'payment_intent',
    id: INTENT,
    status: 'requires_capture',
    amount: 800,
    amount_capturable: 300,
    amount_received: 500,
    currency: 'eur',
    capture_method: 'manual',
    metadata: {},
  },
};

function told(attempts: readonly KnownAttempt[], rest: Partial<Standing> = {}): unknown[] {
  const standing: Standing = {
    attempts,
    operations: [],
    currency: 'EUR',
    holding: null,
    captured: 500n,
    undone: 0n,
    told: [],
    ...rest,
  };
  return stripeEventReader.tell(CAPTURED, standing).map((one) => ('attempt' in one ? one.attempt : one.type));
}

describe('an intent of which something was captured', () => {
  it.each<[string, Partial<KnownAttempt>]>([
    ['has captured it', { state: 'answered', outcome: 'approved' }],
    ['is planned', { state: 'planned', outcome: null }],
  ])('says nothing of a try that was turned away, when the next one %s', (_name, next) => {
    expect(told([capture(1), capture(2, next)])).toEqual([]);
  });

  it('is the answer of the next try while that is under way, and of no other', () => {
    const next = capture(2, { state: 'sending', outcome: null });
    expect(told([capture(1), next])).toEqual([next.id]);
  });

  it('contradicts what was said of the only try that there was', () => {
    expect(told([capture(1)])).toEqual([capture(1).id]);
  });

  it.each<[string, bigint, unknown[]]>([
    ["is nobody else's work when it was undone", 500n, []],
    ["is somebody else's work as far as more was taken than was undone", 300n, ['adoption']],
  ])('%s', (_name, undone, expected) => {
    const holding = { ...capture(0), id: 'att_auth_1' as AttemptId, acquirerReference: INTENT };
    const authorization: KnownAttempt = {
      ...holding,
      kind: 'authorization',
      outcome: 'approved',
      wire: { request: 'confirm_manual', amount: '800', currency: 'eur' },
    };
    const standing = { holding: authorization.id, captured: 0n, undone };
    expect(told([authorization, capture(1, { outcome: 'approved' })], standing)).toEqual(expected);
  });
});
