/**
 * What each test number does at an acquirer's simulator: the page of the API (/docs/test-cards),
 * docs/test-cards.md and the test that plays every row are made from this. The numbers are published
 * test numbers of card schemes and processors; none belongs to anybody.
 */
export interface TestCard {
  readonly number: string;
  /** What the acquirer does with an authorization or a sale. */
  readonly does: string;
  /** What becomes of the payment, for people; `code` in backticks. */
  readonly becomes: string;
  /** Members of a payment with `capture: automatic` when it is known. */
  readonly payment: Readonly<Record<string, string | number>>;
  /** What the acquirer writes in its journal, in order; only where it names what it did. */
  readonly journal?: readonly string[];
}

const TAKEN = '`captured`, or `authorized` with `capture: manual`';
const SAME = 'the same';
const CAPTURED = { status: 'captured' } as const;
const declined = (code: string, remedy: string) => ({ status: 'declined', decline_code: code, remedy });

/** At `acquirer-1`, which speaks ISO 8583 and is asked first. */
export const ISO8583_TEST_CARDS: readonly TestCard[] = [
  {
    number: '4242424242424242',
    does: 'approves (Visa)',
    becomes: TAKEN,
    payment: CAPTURED,
    journal: ['sale'],
  },
  {
    number: '5555555555554444',
    does: 'approves (Mastercard)',
    becomes: SAME,
    payment: CAPTURED,
    journal: ['sale'],
  },
  {
    number: '378282246310005',
    does: 'approves (American Express)',
    becomes: SAME,
    payment: CAPTURED,
    journal: ['sale'],
  },
  {
    number: '4000000000000002',
    does: 'declines 05, do not honor',
    becomes: '`declined`, remedy `none`',
    payment: declined('05', 'none'),
    journal: ['declined'],
  },
  {
    number: '4000000000009995',
    does: 'declines 51, insufficient funds',
    becomes: '`declined`, remedy `later`',
    payment: declined('51', 'later'),
    journal: ['declined'],
  },
  {
    number: '4000000000000069',
    does: 'declines 54, expired card',
    becomes: '`declined`, remedy `fix_data`',
    payment: declined('54', 'fix_data'),
    journal: ['declined'],
  },
  {
    number: '4000000000000341',
    does: 'declines 14, invalid number',
    becomes: '`declined`, remedy `fix_data`',
    payment: declined('14', 'fix_data'),
    journal: ['declined'],
  },
  {
    number: '4000000000000119',
    does: 'approves; the answer is lost',
    becomes: 'reversed after 8 s; `failed`, `reversed_unknown`',
    payment: { status: 'failed', failure_code: 'reversed_unknown' },
    journal: ['sale', 'reversed'],
  },
  {
    number: '4000000000000259',
    does: 'never executes, never answers',
    becomes: 'proven by reversal after 8 s; `failed`, `not_executed`',
    payment: { status: 'failed', failure_code: 'not_executed' },
    journal: ['not_found'],
  },
  {
    number: '4000000000000077',
    does: 'approves, answers after 3 s',
    becomes: '`captured`',
    payment: CAPTURED,
    journal: ['sale'],
  },
  {
    number: '4000000000005126',
    does: 'approves, then resets the connection',
    becomes: 'reversed; `failed`, `reversed_unknown`',
    payment: { status: 'failed', failure_code: 'reversed_unknown' },
    journal: ['sale', 'reversed'],
  },
  {
    number: '4012888888881881',
    does: 'approves, and says itself that the authorization is valid for 2 days',
    becomes:
      '`captured`, or `authorized` and capturable for 1.5 days, so that it can be reauthorized at once',
    payment: CAPTURED,
    journal: ['sale'],
  },
  {
    number: '5105105105105100',
    does: 'approves; declines every increment with 51',
    becomes: '`captured`, or `authorized`; an increment is `failed`, `decline_code` 51',
    payment: CAPTURED,
    journal: ['sale'],
  },
  {
    number: '4000000000000010',
    does: 'approves half of the amount (10)',
    becomes: 'reversed; `declined`, `partial_not_accepted`; kept with `partial_approval: allow`',
    payment: { status: 'declined', failure_code: 'partial_not_accepted' },
    journal: ['sale', 'reversed'],
  },
];

/** At `acquirer-3`, which speaks as Stripe does; with Stripe's own test numbers and decline codes. */
export const STRIPE_TEST_CARDS: readonly TestCard[] = [
  { number: '4242424242424242', does: 'approves (Visa)', becomes: TAKEN, payment: CAPTURED },
  { number: '5555555555554444', does: 'approves (Mastercard)', becomes: SAME, payment: CAPTURED },
  { number: '378282246310005', does: 'approves (American Express)', becomes: SAME, payment: CAPTURED },
  ...(
    [
      ['4000000000000002', 'generic_decline', 'none'],
      ['4000000000009995', 'insufficient_funds', 'later'],
      ['4000000000009987', 'lost_card', 'never'],
      ['4000000000009979', 'stolen_card', 'never'],
      ['4100000000000019', 'fraudulent', 'never'],
      ['4000000000006975', 'card_velocity_exceeded', 'later'],
      ['4000000000000069', 'expired_card', 'fix_data'],
      ['4000000000000127', 'incorrect_cvc', 'fix_data'],
      ['4000000000000119', 'processing_error', 'later'],
      ['4000002500003155', 'authentication_required', 'authenticate'],
    ] as const
  ).map(([number, code, remedy]) => ({
    number,
    does: remedy === 'authenticate' ? `asks for 3-D Secure: \`${code}\`` : `declines: \`${code}\``,
    becomes: `\`declined\`, remedy \`${remedy}\``,
    payment: declined(code, remedy),
  })),
  {
    number: '4000000000007726',
    does: 'approves; refunds are pending for 3 s',
    becomes: '`captured`; refunds `pending`, then `succeeded`',
    payment: CAPTURED,
  },
];
