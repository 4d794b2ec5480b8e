/** A deliberate fault: one text of one file replaced, and the test that must notice. */
export interface Mutant {
  /** What the fault does, as somebody would confess it. */
  readonly fault: string;
  readonly file: string;
  /** Occurs in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /** The test file that must fail because of it. */
  readonly killedBy: string;
}

const DOMAIN = 'workflows/domain';
const PAYMENT_TEST = `${DOMAIN}/payment.test.ts`;
const AMOUNTS_TEST = `${DOMAIN}/amounts.test.ts`;
const POSTING_TEST = `${DOMAIN}/posting.test.ts`;
const REPLIES_TEST = 'activities/acquirers/iso8583/replies.test.ts';
const PLAN_TEST = 'activities/acquirers/iso8583/plan.test.ts';

/** Faults in what decides about money, whose tests need no stack. Each was seen to be killed; one that survives fails the command. */
export const MUTANTS: readonly Mutant[] = [
  {
    fault: 'a capture is earned on the wrong side',
    file: `${DOMAIN}/posting.ts`,
    find: `const EARN: Rule = { debit: 'acquirer_receivable', credit: 'merchant_payable:pending' };`,
    replace: `const EARN: Rule = { debit: 'merchant_payable:pending', credit: 'acquirer_receivable' };`,
    killedBy: POSTING_TEST,
  },
  {
    fault: 'a capture does not release what was held for it',
    file: `${DOMAIN}/posting.ts`,
    find: `captured: [RELEASE, EARN],`,
    replace: `captured: [EARN],`,
    killedBy: POSTING_TEST,
  },
  {
    fault: 'a release holds once more',
    file: `${DOMAIN}/posting.ts`,
    find: `released: [RELEASE],`,
    replace: `released: [HOLD],`,
    killedBy: POSTING_TEST,
  },
  {
    fault: 'a leg is posted once too often',
    file: `${DOMAIN}/posting.ts`,
    find: `      add(credit, one.currency, -one.amount);`,
    replace: `      add(credit, one.currency, -one.amount);\n      add(credit, one.currency, -one.amount);`,
    killedBy: POSTING_TEST,
  },
  {
    fault: 'a refund on its way is not kept from being refunded again',
    file: `${DOMAIN}/payment.ts`,
    find: `  return payment.amountCaptured - payment.amountRefunded - payment.amountRefundPending;`,
    replace: `  return payment.amountCaptured - payment.amountRefunded;`,
    killedBy: AMOUNTS_TEST,
  },
  {
    fault: 'what was captured can be captured again',
    file: `${DOMAIN}/payment.ts`,
    find: `payment.amountAuthorized - payment.amountCaptured : 0n;`,
    replace: `payment.amountAuthorized : 0n;`,
    killedBy: PAYMENT_TEST,
  },
  {
    fault: 'a capture is not added to what was captured',
    file: `${DOMAIN}/conclude.ts`,
    find: `const amountCaptured = payment.amountCaptured + operation.amount;`,
    replace: `const amountCaptured = operation.amount;`,
    killedBy: AMOUNTS_TEST,
  },
  {
    fault: 'a capture moves no money in the books',
    file: `${DOMAIN}/conclude.ts`,
    find: `          { event: 'captured', amount: operation.amount, operation: operation.id, attempt: attempt.id },\n`,
    replace: ``,
    killedBy: AMOUNTS_TEST,
  },
  {
    fault: 'the event of a refund is dropped',
    file: `${DOMAIN}/conclude.ts`,
    find: `        events: [{ type: 'refund.succeeded', operation: operation.id }],\n`,
    replace: ``,
    killedBy: AMOUNTS_TEST,
  },
  {
    fault: 'a refund that succeeded stays on its way',
    file: `${DOMAIN}/conclude.ts`,
    find: `          amountRefundPending: payment.amountRefundPending - operation.amount,\n        },\n        operations: [concluded(operation, 'succeeded'`,
    replace: `        },\n        operations: [concluded(operation, 'succeeded'`,
    killedBy: AMOUNTS_TEST,
  },
  {
    fault: 'the amount that was asked for is held, not the one that was approved',
    file: `${DOMAIN}/conclude.ts`,
    find: `  const approved = attempt.approvedAmount ?? attempt.amount;`,
    replace: `  const approved = attempt.amount;`,
    killedBy: PAYMENT_TEST,
  },
  {
    fault: 'an authorization that is not known is sent again',
    file: `${DOMAIN}/inquiry.ts`,
    find: `  none: {\n    authorization: 'reverse',`,
    replace: `  none: {\n    authorization: 'repeat',`,
    killedBy: `${DOMAIN}/inquiry.test.ts`,
  },
  {
    fault: 'an unknown refund is sent again where nobody can be asked',
    file: `${DOMAIN}/inquiry.ts`,
    find: `    refund: 'case',`,
    replace: `    refund: 'repeat',`,
    killedBy: AMOUNTS_TEST,
  },
  {
    fault: '"not found" is taken as proof at once',
    file: `${DOMAIN}/reversal.ts`,
    find: `  const proven = absent && (original.fencesByReversal || isLandedBy(original, askedAt));`,
    replace: `  const proven = absent;`,
    killedBy: PAYMENT_TEST,
  },
  {
    fault: '"not found" is taken as proof of the moment in which it is written down',
    file: `${DOMAIN}/reversal.ts`,
    find: `isLandedBy(original, askedAt)`,
    replace: `isLandedBy(original, now)`,
    killedBy: PAYMENT_TEST,
  },
  {
    fault: 'a reversal is called done without an acknowledgement',
    file: `${DOMAIN}/reversal.ts`,
    find: `  const acknowledged = outcome === 'approved';`,
    replace: `  const acknowledged = true;`,
    killedBy: PAYMENT_TEST,
  },
  {
    fault: 'the refunded status wants more than all',
    file: `${DOMAIN}/status.ts`,
    find: `if (amountRefunded >= amountCaptured) return 'refunded';`,
    replace: `if (amountRefunded > amountCaptured) return 'refunded';`,
    killedBy: AMOUNTS_TEST,
  },
  {
    fault: 'a tie is rounded up',
    file: `${DOMAIN}/rounding.ts`,
    find: ` || (twice === denominator && towardsZero % 2n === 0n)`,
    replace: ``,
    killedBy: `${DOMAIN}/fees.test.ts`,
  },
  {
    fault: 'a fee forgets its fixed part',
    file: `${DOMAIN}/fees.ts`,
    find: `plus(ratio(tier.fixed), partsPerMillion(amount, tier.ppm))`,
    replace: `partsPerMillion(amount, tier.ppm)`,
    killedBy: `${DOMAIN}/fees.test.ts`,
  },
  {
    fault: 'shares of refunds do not add up to the whole',
    file: `${DOMAIN}/refund-funds.ts`,
    find: `shareOf(gross, funds.refunded + amount, capture.amount) - funds.carried;`,
    replace: `shareOf(gross, amount, capture.amount);`,
    killedBy: `${DOMAIN}/funds.test.ts`,
  },
  {
    fault: 'a response that nobody knows is called a decline',
    file: 'activities/acquirers/iso8583/replies.ts',
    find: 'if (row === undefined) return ambiguous(`unknown response code ${code}`);',
    replace: `if (row === undefined) return { outcome: 'declined', remedy: null, reason: null };`,
    killedBy: REPLIES_TEST,
  },
  {
    fault: 'a reversal that was refused is called done',
    file: 'activities/acquirers/iso8583/replies.ts',
    find: `      if (kind === 'reversal' && code !== NOT_FOUND)\n        return ambiguous(`,
    replace: `      if (kind === 'reversal' && code !== NOT_FOUND && code === '')\n        return ambiguous(`,
    killedBy: REPLIES_TEST,
  },
  {
    fault: 'request in progress is called a decline',
    file: 'activities/acquirers/iso8583/reply-table.ts',
    find: `'09': unknown('request in progress')`,
    replace: `'09': declined('none', 'request in progress')`,
    killedBy: REPLIES_TEST,
  },
  {
    fault: 'a duplicate of a first request is called approved',
    file: 'activities/acquirers/iso8583/replies.ts',
    find: `if (code === DUPLICATE && repeated && isUndoing(kind))`,
    replace: `if (code === DUPLICATE)`,
    killedBy: REPLIES_TEST,
  },
  {
    fault: 'a reversal names itself as its original',
    file: 'activities/acquirers/iso8583/plan.ts',
    find: `return mti + stan + transmissionAt +`,
    replace: `return '0420' + stan + transmissionAt +`,
    killedBy: PLAN_TEST,
  },
  {
    fault: 'a capture has another reference than what it captures',
    file: 'activities/acquirers/iso8583/plan.ts',
    find: `followed === null || kind === 'refund'`,
    replace: `followed === null || kind === 'refund' || kind === 'capture'`,
    killedBy: PLAN_TEST,
  },
];
