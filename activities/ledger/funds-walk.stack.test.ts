import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../platform/new-id.ts';
import {
  insert,
  openMainDatabase,
  type MainDatabase,
  type Shop,
} from '../../schema/testing/main-database.ts';
import { walk, type WalkReport } from '../../schema/testing/walk/walk.ts';
import { verifyLedger } from '../../tools/ledger/verify.ts';
import { createDueFunds } from '../back-office/due-funds.ts';
import { createFundsMover } from './move-funds.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: the random walk at which everything breaks at once (schema/random-walk.stack.test.ts) ends
 * with whole books under terms as well, while two back offices move what is due.
 *
 *   QUITTANCE_WALK_SEED, QUITTANCE_WALK_PAYMENTS  as there
 */
const seed = Number(process.env['QUITTANCE_WALK_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
const payments = Number(process.env['QUITTANCE_WALK_PAYMENTS'] ?? 80);
const again = `QUITTANCE_WALK_SEED=${seed} QUITTANCE_WALK_PAYMENTS=${payments}`;

/** By this clock everything is due as soon as it is captured. */
const FAR_AHEAD_MS = 10 * 365 * 86_400_000;
const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

let database: MainDatabase;
let report: WalkReport;
let turns = 0;

beforeAll(
  async () => {
    database = await openMainDatabase(stackRunFile());
    await insert(database.owner, 'fx_rates', {
      base: 'EUR',
      quote: 'USD',
      valid_from: '2020-01-01T00:00:00Z',
      valid_to: '2100-01-01T00:00:00Z',
      rate: '1.084233',
      source: 'the walk',
    });
    const walking = new AbortController();
    const offices = [backOffice(walking.signal), backOffice(walking.signal)];
    try {
      let shops = 0;
      const addShop = async (): Promise<Shop> => {
        const shop = await database.addShop();
        shops += 1;
        await agree(shop, shops % 2 === 0 ? 'USD' : 'EUR');
        return shop;
      };
      report = await walk({ database: { ...database, addShop }, seed, payments, rounds: 8, atOnce: 12 });
    } catch (error) {
      throw new Error(`the walk did not come to its end: ${again}`, { cause: error });
    } finally {
      walking.abort();
      await Promise.all(offices);
    }
    await dueFunds()(new AbortController().signal, Date.now() + FAR_AHEAD_MS);
  },
  60_000 + payments * 1_500,
);
afterAll(() => database.close());

function dueFunds() {
  const { worker: pool } = database;
  return createDueFunds({ pool, move: createFundsMover(pool), logger: silent, page: 20, concurrency: 2 });
}

/** Moves what is due for as long as the walk lasts; what is undone or changed meanwhile is due again. */
async function backOffice(signal: AbortSignal): Promise<void> {
  const turn = dueFunds();
  while (!signal.aborted) {
    await turn(signal, Date.now() + FAR_AHEAD_MS).catch(() => undefined);
    turns += 1;
    await new Promise((resume) => setTimeout(resume, 20));
  }
}

async function agree({ merchant }: Shop, currency: 'EUR' | 'USD'): Promise<void> {
  const since = { merchant_id: merchant, mode: 'test', valid_from: '2020-01-01T00:00:00Z' };
  const add = (table: string, prefix: string, rest: Record<string, unknown>): Promise<void> =>
    insert(database.owner, table, { ...since, id: `${prefix}_${newId('cmd').slice(4)}`, ...rest });
  await add('fee_schedules', 'fee', {
    kind: 'platform',
    currency,
    fixed: 25,
    ppm: 29_000,
    on_refund: 'return',
  });
  for (const [kind, ppm] of [
    ['interchange', 3_333],
    ['scheme', 777],
    ['acquirer', 1_111],
  ] as const)
    await add('fee_schedules', 'fee', { kind, currency: 'EUR', ppm, recharge: true });
  await add('reserve_terms', 'res', { ppm: 100_000, held_for: '30 days' });
  await add('availability_terms', 'avt', { available_after: '1 day' });
  if (currency === 'USD')
    await add('settlement_terms', 'stt', { presentment_currency: 'EUR', settlement_currency: 'USD' });
}

async function one(sql: string): Promise<bigint> {
  const { rows } = await database.owner.query<{ value: bigint }>(`select (${sql}) as value`);
  return rows[0]?.value ?? -1n;
}

describe('many payments under terms while everything breaks', () => {
  it('no step was refused by the database, and no message by the acquirer', () => {
    expect(report.refused, again).toEqual([]);
    expect(report.acquirer.violations, again).toEqual([]);
  });

  it('ledger:verify finds payments, funds and books whole', async () => {
    const { urls } = database;
    const { problems } = await verifyLedger({ url: urls.superuser, headFile: null, lanes: 2 });
    expect(problems, again).toEqual([]);
  });

  it('every capture was settled by its terms, moved once, and nothing is due any more', async () => {
    const captures = await one(
      `select count(*) from operations where kind = 'capture' and state = 'succeeded'`,
    );
    expect(captures, again).toBeGreaterThan(BigInt(Math.floor(payments / 8)));
    expect(
      await one(
        `select count(*) from operations where kind = 'capture' and settlement is not null and funds ->> 'movedAt' is not null`,
      ),
      again,
    ).toBe(captures);
    expect(await one('select count(*) from operations where funds_due_at is not null'), again).toBe(0n);
    expect(turns).toBeGreaterThan(2);
    const empty = ['merchant_payable:pending', 'merchant_reserve', 'fx_gain_loss'];
    for (const code of empty)
      expect(
        await one(`select count(*) from ledger_balances where code = '${code}' and balance <> 0`),
        code,
      ).toBe(0n);
  });
});
