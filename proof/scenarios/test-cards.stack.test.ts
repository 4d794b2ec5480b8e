import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { expectAgreement } from '../support/agreement.ts';
import { idOf, openWorld, sale, settled, type World } from '../support/world.ts';

/** The promise: docs/test-cards.md is true, row by row, and the acquirer's journal agrees with each. */
interface Row {
  readonly number: string;
  readonly payment: Record<string, unknown>;
  /** What the acquirer writes down, in order. */
  readonly journal: readonly string[];
}

const ROWS: readonly Row[] = [
  { number: '4242424242424242', payment: { status: 'captured' }, journal: ['sale'] },
  { number: '5555555555554444', payment: { status: 'captured' }, journal: ['sale'] },
  { number: '378282246310005', payment: { status: 'captured' }, journal: ['sale'] },
  {
    number: '4000000000000002',
    payment: { status: 'declined', decline_code: '05', remedy: 'none' },
    journal: ['declined'],
  },
  {
    number: '4000000000009995',
    payment: { status: 'declined', decline_code: '51', remedy: 'later' },
    journal: ['declined'],
  },
  {
    number: '4000000000000069',
    payment: { status: 'declined', decline_code: '54', remedy: 'fix_data' },
    journal: ['declined'],
  },
  {
    number: '4000000000000341',
    payment: { status: 'declined', decline_code: '14', remedy: 'fix_data' },
    journal: ['declined'],
  },
  {
    number: '4000000000000119',
    payment: { status: 'failed', failure_code: 'reversed_unknown' },
    journal: ['sale', 'reversed'],
  },
  {
    number: '4000000000000259',
    payment: { status: 'failed', failure_code: 'not_executed' },
    journal: ['not_found'],
  },
  { number: '4000000000000077', payment: { status: 'captured' }, journal: ['sale'] },
  { number: '4012888888881881', payment: { status: 'captured' }, journal: ['sale'] },
  { number: '5105105105105100', payment: { status: 'captured' }, journal: ['sale'] },
  {
    number: '4000000000005126',
    payment: { status: 'failed', failure_code: 'reversed_unknown' },
    journal: ['sale', 'reversed'],
  },
  {
    number: '4000000000000010',
    payment: { status: 'declined', failure_code: 'partial_not_accepted' },
    journal: ['sale', 'reversed'],
  },
];

function saleOf(number: string): Record<string, unknown> {
  const cvv = number.startsWith('37') ? '1234' : '123';
  return sale(number, { card: { number, expiry_month: 12, expiry_year: 2030, cvv } });
}

describe('the test cards', () => {
  it.each(ROWS)('$number ends as documented', async ({ number, payment, journal }) => {
    const world: World = await openWorld(inject('runFile'));
    const created = await world.post('/v1/payments', saleOf(number), { wait: 0 });
    const ended = await settled(world, idOf(created));
    expect(ended).toMatchObject(payment);
    expect((await world.journal()).map(({ kind }) => kind)).toEqual(journal);
    await expectAgreement(world);
    await world.close();
  });

  let document: string;
  beforeAll(async () => {
    document = await readFile('docs/test-cards.md', 'utf8');
  });
  it.each(ROWS)('$number is in the documentation', ({ number }) => {
    expect(document).toContain(`| ${number} |`);
  });

  let world: World;
  beforeAll(async () => {
    world = await openWorld(inject('runFile'));
  });
  afterAll(async () => {
    await expectAgreement(world);
    await world.close();
  });
  it('4000000000000010 keeps the half when the merchant allows partial approval', async () => {
    const created = await world.post('/v1/payments', {
      ...saleOf('4000000000000010'),
      partial_approval: 'allow',
    });
    expect(created.body, created.text).toMatchObject({
      status: 'captured',
      amount: 5_000,
      amount_captured: 2_500,
    });
  });
});
