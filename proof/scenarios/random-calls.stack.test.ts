import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectEverythingForetold } from '../model/books.ts';
import { sequences } from '../model/calls.ts';
import { RULES, type Rules } from '../model/payment.ts';
import { openShop, type Model } from '../model/shop.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: whatever a merchant asks, in whatever order, it is answered as the documentation says, and
 * afterwards payments, lists, ledger and the acquirer's journal agree with it. What is foretold is written
 * from docs/api.md and docs/money.md (proof/model), not from the code. For a long walk raise these:
 */
const SEQUENCES = 12;
const CALLS = 16;

/** What fails is shortened for so long (ms). */
const SHORTEN_MS = 120_000;
const LIMIT_MS = 180_000;

/** Each sequence has a merchant of its own, so that one that fails can be shortened. */
function property(rules: Rules) {
  return fc.asyncProperty(sequences(CALLS), fc.boolean(), async (calls, singleMessage) => {
    const world = await openShop(stackRunFile(), singleMessage);
    const model: Model = { rules, payments: [], answered: [], uses: new Map() };
    try {
      await fc.asyncModelRun(() => ({ model, real: world }), calls);
      await expectEverythingForetold(model, world);
    } finally {
      await world.close();
    }
  });
}

it(
  'any sequence of calls is answered as it was foretold, and the books agree',
  async () => {
    const seed = Date.now() % 0x7fffffff;
    await fc.assert(property(RULES), { seed, numRuns: SEQUENCES, interruptAfterTimeLimit: SHORTEN_MS });
  },
  LIMIT_MS,
);

/** What an error in the documentation, or of who reads it, would look like; and what is then said of it. */
const WRONG = {
  'a refund leaves the payment as it was': [
    {
      refund: (payment, amount) => {
        const step = RULES.refund(payment, amount);
        return 'refusal' in step ? step : { ...step, payment };
      },
    },
    'to match object',
  ],
  'a void leaves the hold in the books': [
    { books: (payment) => ({ ...RULES.books(payment), 'auth_hold:acquirer': payment.authorized }) },
    'by its entries in the ledger',
  ],
} as const satisfies Record<string, readonly [wrong: Partial<Rules>, says: string]>;

describe('what is foretold wrongly is found', () => {
  it.each(Object.entries(WRONG))(
    '%s',
    async (_, [wrong, says]) => {
      // The sequences are always the same here: what they find once they find every time.
      const found = await fc.check(property({ ...RULES, ...wrong }), {
        seed: 1,
        numRuns: SEQUENCES,
        endOnFailure: true,
      });
      expect(found.errorInstance).toMatchObject({ message: expect.stringContaining(says) as unknown });
    },
    LIMIT_MS,
  );
});
