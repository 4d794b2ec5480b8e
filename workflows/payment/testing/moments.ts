import { expect } from 'vitest';
import type { BenchPayment, Moment } from './bench-payment.ts';

/** The steps of an authorization with a capture of its own, in order. */
const STEPS = [
  'tokenize',
  'score',
  'route',
  'beginAuthorization',
  'authorize',
  'conclude',
  'planNext',
  'capture',
];

/** Around each of them something can happen. */
export const MOMENTS = STEPS.flatMap((step): Moment[] => [`before ${step}`, `after ${step}`]);

/** Acts when the payment is at that moment for the first time; answers whether it has. */
export function once(payment: BenchPayment, moment: Moment, act: () => void | Promise<void>): () => boolean {
  let done = false;
  payment.atMoment = async (at) => {
    if (done || at !== moment) return;
    done = true;
    await act();
  };
  return () => done;
}

/** Authorized once, captured once, told once; record, attempts, books and events agree. */
export function expectTakenOnce(payment: BenchPayment): void {
  const { status, amountAuthorized, amountCaptured } = payment.state.payment;
  expect([status, amountAuthorized, amountCaptured]).toEqual(['captured', 9_000n, 9_000n]);
  const approved = payment.state.attempts.filter(({ outcome }) => outcome === 'approved');
  expect(approved.map(({ kind }) => kind)).toEqual(['authorization', 'capture']);
  expect(payment.liveAuthorizations).toHaveLength(1);
  expect(payment.balance('merchant_payable:pending')).toBe(-9_000n);
  expect(payment.balance('auth_hold:merchant')).toBe(0n);
  expect(payment.events).toEqual(['payment.authorized', 'payment.captured']);
  expect(payment.answered.size).toBe(1);
}
