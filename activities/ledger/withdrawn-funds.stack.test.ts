import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../platform/new-id.ts';
import { DatabaseWalk } from '../../schema/testing/database-walk.ts';
import {
  insert,
  newPayment,
  openMainDatabase,
  type MainDatabase,
} from '../../schema/testing/main-database.ts';
import { verifyLedger } from '../../tools/ledger/verify.ts';
import type { FeeSchedule } from '../../workflows/domain/fees.ts';
import type { TermsInForce } from '../../workflows/domain/settlement.ts';
import { ACCEPTED } from '../../workflows/domain/testing/payments.ts';
import { createFundsMover } from './move-funds.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: a capture that fails after it was settled under terms leaves the other captures of its
 * payment as they are, wherever its funds were by then, and ledger:verify agrees.
 */
const HOUR = 3_600_000;
const APPROVED = { outcome: 'approved', part: 100, code: '00' } as const;

let database: MainDatabase;
beforeAll(async () => {
  database = await openMainDatabase(stackRunFile());
});
afterAll(() => database.close());

const schedule = (kind: FeeSchedule['kind'], currency: FeeSchedule['currency']): FeeSchedule => ({
  id: `fee_${kind}`,
  kind,
  currency,
  tiers: [{ upTo: null, fixed: 7n, ppm: 14_321n }],
  min: null,
  max: null,
  recharge: kind !== 'platform',
  onRefund: 'return',
});

const terms = (abroad: boolean): TermsInForce => ({
  fees: [
    schedule('platform', abroad ? 'USD' : 'EUR'),
    schedule('acquirer', 'EUR'),
    schedule('scheme', 'EUR'),
    schedule('interchange', 'EUR'),
  ],
  reserve: { id: 'res_1', ppm: 100_000n, forMs: 5 * HOUR },
  availability: { id: 'avt_1', afterMs: 2 * HOUR },
  settlement: abroad ? { id: 'stt_1', currency: 'USD', refundRate: 'capture' } : null,
  rate: abroad ? { base: 'EUR', quote: 'USD', rate: '1.083712', source: 'test', validAt: 0 } : null,
});

const CASES = [false, true].flatMap((abroad) =>
  [
    { hours: 0, where: 'pending' },
    { hours: 3, where: 'available, but for the reserve' },
    { hours: 6, where: 'all available' },
  ].map((when) => ({ abroad, in: abroad ? 'another currency' : 'its own', ...when })),
);

describe('of two captures that were settled, the one that fails', () => {
  it.each(CASES)('in $in, while its funds are $where', async ({ abroad, hours }) => {
    const shop = await database.addShop();
    const id = newId('pay');
    await insert(database.api, 'payments', newPayment(shop.merchant, id));
    const walk = new DatabaseWalk(database, shop, id, false);
    walk.terms = terms(abroad);
    const move = createFundsMover(database.worker);
    await walk.begin(ACCEPTED);
    await walk.answer(APPROVED);
    for (const amount of [4_000n, 5_000n]) {
      await walk.ask({ kind: 'capture', amount, final: false });
      await walk.work();
      await walk.answer(APPROVED);
    }
    walk.tick(hours * HOUR);
    await move(shop.merchant, id, walk.now);
    const [first] = (await walk.load()).operations.filter(({ kind }) => kind === 'capture');
    if (first === undefined) throw new Error('nothing was captured');
    await walk.report({ kind: 'withdrawal', withdraws: first.id, acquirerReference: '', reason: null });
    await walk.work();
    expect((await walk.load()).payment).toMatchObject({ amountCaptured: 9_000n - first.amount });
    expect(await problems(shop.merchant)).toEqual([]);
    // What is due for the one that is left comes, and a refund takes from it.
    walk.tick(6 * HOUR);
    await move(shop.merchant, id, walk.now);
    await walk.ask({ kind: 'refund', amount: null, reason: null });
    await walk.work();
    await walk.answer(APPROVED);
    expect((await walk.load()).payment).toMatchObject({ amountRefunded: 9_000n - first.amount });
    expect(await problems(shop.merchant)).toEqual([]);
  });
});

async function problems(merchant: string): Promise<readonly string[]> {
  const { problems: found } = await verifyLedger({ url: database.urls.worker, headFile: null, lanes: 1 });
  return found.map(({ text }) => text).filter((text) => text.includes(merchant));
}
