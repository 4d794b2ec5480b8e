import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ISO8583_CAPABILITIES } from '../../activities/acquirers/iso8583/capabilities.ts';
import { fromStripe, toStripe } from '../../activities/acquirers/stripe/amounts.ts';
import { STRIPE_CAPABILITIES } from '../../activities/acquirers/stripe/capabilities.ts';
import { amountProblem, fromWireAmount, toWireAmount } from './capabilities.ts';
import { CURRENCIES, type Currency } from './currencies.ts';

/** The promise: an amount reaches an acquirer exactly or not at all, and comes back as what it was. */
const codes = Object.keys(CURRENCIES) as Currency[];
const anyAmount = fc.bigInt({ min: 1n, max: 999_999_999_999n });

describe.each([ISO8583_CAPABILITIES, STRIPE_CAPABILITIES])('amounts of $wire', (capabilities) => {
  it('that it takes go there and back unchanged; the others are refused with a reason', () => {
    fc.assert(
      fc.property(fc.constantFrom(...codes), anyAmount, (currency, minor) => {
        const rule = capabilities.currency(currency);
        const problem = amountProblem(capabilities, minor, currency);
        if (rule === null || problem !== null) {
          expect(problem).not.toBeNull();
          return;
        }
        const wire = toWireAmount(minor, currency, rule);
        expect(wire).toBeGreaterThan(0n);
        expect(fromWireAmount(wire, currency, rule)).toBe(minor);
      }),
      { numRuns: 2_000 },
    );
  });

  it('have a least and a most that are themselves taken', () => {
    for (const currency of codes) {
      const rule = capabilities.currency(currency);
      if (rule === null) continue;
      const most = rule.max - (rule.max % rule.step);
      expect(amountProblem(capabilities, most, currency), currency).toBeNull();
      expect(amountProblem(capabilities, rule.max + 1n, currency), currency).not.toBeNull();
      expect(rule.min, currency).toBeGreaterThan(0n);
    }
  });
});

it('what routing lets through can be said by the adapter', () => {
  fc.assert(
    fc.property(fc.constantFrom(...codes), anyAmount, (currency, minor) => {
      fc.pre(amountProblem(STRIPE_CAPABILITIES, minor, currency) === null);
      expect(fromStripe(toStripe(minor, currency), currency)).toBe(minor);
    }),
    { numRuns: 1_000 },
  );
});
