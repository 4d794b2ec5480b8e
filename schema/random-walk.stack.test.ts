import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../platform/new-id.ts';
import { verifyLedger } from '../tools/ledger/verify.ts';
import type { MerchantId } from '../workflows/domain/ids.ts';
import { capturable, type Payment } from '../workflows/domain/payment.ts';
import { ACCEPTED, IN_REVIEW } from '../workflows/domain/testing/payments.ts';
import { chargeback, chargebackReversal } from '../workflows/domain/testing/reports.ts';
import { DatabaseWalk, type Answer, type Asked } from './testing/database-walk.ts';
import { insert, newPayment, openMainDatabase, type MainDatabase } from './testing/main-database.ts';
import { disagreements } from './testing/walk/check.ts';
import { walk, type WalkReport } from './testing/walk/walk.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: whatever is asked and however acquirers answer, in any order, the database accepts
 * every step that the domain decides, each once, and then balances, postings and the payment's
 * amounts say the same. (workflows/domain/payment.test.ts walks the same way without a database.)
 *
 * And: it stays so when many are at it at once, PostgreSQL undoes their transactions, sessions are
 * killed and connections break before, in and after the answer to a COMMIT. The second walk takes
 *
 *   QUITTANCE_WALK_SEED      what chooses (default: another one each time; printed when it fails)
 *   QUITTANCE_WALK_PAYMENTS  how many payments (default 120, some 15 s of two cores; 3000 = a long walk)
 *
 * A seed chooses what is asked, answered and broken; when it happens the machine decides.
 */

let database: MainDatabase;
beforeAll(async () => {
  database = await openMainDatabase(stackRunFile());
});
afterAll(() => database.close());

type Move =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'ask'; readonly body: Asked }
  | { readonly kind: 'report'; readonly body: Parameters<DatabaseWalk['report']>[0] }
  | { readonly kind: 'tick'; readonly ms: number };

const answer = fc.record({
  outcome: fc.constantFrom<Answer['outcome'][]>('approved', 'approved', 'declined', 'retryable', 'ambiguous'),
  part: fc.integer({ min: 50, max: 250 }),
  code: fc.constantFrom('05', '25'),
});
const amount = fc.option(fc.bigInt({ min: 1n, max: 5_000n }));
const body = fc.oneof(
  fc.record({ kind: fc.constant('capture' as const), amount, final: fc.boolean() }),
  fc.record({ kind: fc.constant('increment' as const), amount: fc.bigInt({ min: 1n, max: 2_000n }) }),
  fc.record({ kind: fc.constant('refund' as const), amount, reason: fc.constant(null) }),
  fc.constant({ kind: 'void' as const }),
  fc.constant({ kind: 'reauthorize' as const }),
  fc.record({
    kind: fc.constant('review' as const),
    decision: fc.constantFrom('approve' as const, 'reject' as const),
  }),
);
const report = fc.oneof(
  chargeback,
  chargebackReversal,
  fc.record({ kind: fc.constant('withdrawal' as const), which: fc.nat({ max: 10 }) }),
);
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('answer' as const), answer }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('ask' as const), body }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('report' as const), body: report }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('tick' as const), ms: fc.integer({ min: 0, max: 400_000 }) }),
  },
);

async function play(walk: DatabaseWalk, made: Move): Promise<void> {
  switch (made.kind) {
    case 'answer':
      await walk.answer(made.answer);
      break;
    case 'ask':
      await walk.ask(made.body);
      break;
    case 'report':
      await walk.report(made.body);
      break;
    case 'tick':
      walk.tick(made.ms);
      break;
  }
  await walk.work();
}

async function books(merchant: MerchantId): Promise<Map<string, bigint>> {
  const { rows } = await database.owner.query<{
    code: string;
    balance: bigint;
    posted: bigint;
    last_sequence: bigint;
    postings: bigint;
    highest: bigint;
  }>(
    `select code, sum(balance)::bigint as balance, sum(posted)::bigint as posted, sum(last_sequence)::bigint as last_sequence,
            sum(postings)::bigint as postings, sum(highest)::bigint as highest
     from (
       select code, stripe, b.balance, sum(p.amount)::bigint as posted, b.last_sequence, count(*) as postings, max(p.account_sequence) as highest
       from ledger_balances b join ledger_postings p using (merchant_id, mode, code, currency, stripe)
       where merchant_id = $1 group by 1, 2, 3, 5
     ) as stripes group by 1`,
    [merchant],
  );
  for (const { code, balance, posted, last_sequence: last, postings, highest } of rows) {
    expect({ code, balance }).toEqual({ code, balance: posted });
    expect({ code, last, postings }).toEqual({ code, last: highest, postings: highest });
  }
  return new Map(rows.map(({ code, balance }) => [code, balance]));
}

async function expectSound(merchant: MerchantId, payment: Payment): Promise<void> {
  const { rows } = await database.owner.query<Record<string, bigint>>(
    `select
       (select count(*) from (select transaction_id from ledger_postings where merchant_id = $1
        group by transaction_id, currency having sum(amount) <> 0) as one) as unbalanced,
       (select count(*) from ledger_transactions t where merchant_id = $1 and not exists (
        select from ledger_postings p where p.merchant_id = $1 and p.transaction_id = t.id)) as empty,
       (select count(*) from payment_history where merchant_id = $1) as changes,
       (select count(*) from attempts where merchant_id = $1 and live) as live,
       (select count(*) from commands where merchant_id = $1 and state = 'done' and answer_body is null) as unanswered`,
    [merchant],
  );
  expect(rows[0]).toMatchObject({
    unbalanced: 0n,
    empty: 0n,
    changes: BigInt(payment.version),
    unanswered: 0n,
  });
  expect(rows[0]?.['live']).toBeLessThanOrEqual(1n);

  const balances = await books(merchant);
  const { amountCaptured: captured, amountRefunded: refunded, amountRefundPending: pending } = payment;
  const { amountDisputed: disputed } = payment;
  const fees = balances.get('fee_expense:dispute') ?? 0n;
  const recharged = -(balances.get('fee_revenue') ?? 0n);
  const expected = {
    'auth_hold:acquirer': capturable(payment),
    'auth_hold:merchant': -capturable(payment),
    'merchant_payable:pending': -(captured - refunded - pending),
    'acquirer_receivable:acquirer-1': captured - refunded - disputed - fees,
    'merchant_payable:available': disputed + recharged,
    'fee_expense:dispute': fees,
    fee_revenue: -recharged,
    refunds_in_flight: -pending,
  };
  for (const [code, balance] of Object.entries(expected))
    expect({ code, balance: balances.get(code) ?? 0n }).toEqual({ code, balance });
  expect([...balances.keys()].filter((code) => !(code in expected))).toEqual([]);
}

describe('a payment in the database under any sequence of requests and answers', () => {
  it('takes every step of the domain once, and ends with books equal to its amounts', async () => {
    let steps = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          capture: fc.constantFrom('automatic', 'manual'),
          partial: fc.constantFrom('allow', 'refuse'),
          risk: fc.constantFrom(ACCEPTED, ACCEPTED, IN_REVIEW),
          singleMessage: fc.boolean(),
          fences: fc.boolean(),
        }),
        fc.array(move, { minLength: 10, maxLength: 30 }),
        async ({ capture, partial, risk, singleMessage, fences }, moves) => {
          await database.owner.query('update acquirers set fences_by_reversal = $1', [fences]);
          const shop = await database.addShop();
          const id = newId('pay');
          await insert(database.api, 'payments', {
            ...newPayment(shop.merchant, id),
            capture_method: capture,
            authorization_type: capture === 'manual' ? 'pre' : 'final',
            partial_approval: partial,
          });
          const walk = new DatabaseWalk(database, shop, id, singleMessage);
          await walk.begin(risk);
          for (const made of moves) await play(walk, made);
          const { payment } = await walk.load();
          await expectSound(shop.merchant, payment);
          steps += payment.version;
        },
      ),
      { numRuns: 30, interruptAfterTimeLimit: 50_000 },
    );
    expect(steps).toBeGreaterThan(100);
  });
});

describe('many payments at once while everything breaks', () => {
  const seed = Number(process.env['QUITTANCE_WALK_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
  const payments = Number(process.env['QUITTANCE_WALK_PAYMENTS'] ?? 120);
  const again = `QUITTANCE_WALK_SEED=${seed} QUITTANCE_WALK_PAYMENTS=${payments}`;

  let own: MainDatabase;
  let report: WalkReport;
  beforeAll(
    async () => {
      own = await openMainDatabase(stackRunFile());
      try {
        report = await walk({ database: own, seed, payments, rounds: 8, atOnce: 16 });
      } catch (error) {
        throw new Error(`the walk did not come to its end: ${again}`, { cause: error });
      }
    },
    60_000 + payments * 1_000,
  );
  afterAll(() => own.close());

  it('the acquirer was asked for nothing that it had to refuse, and the database for nothing that it must', () => {
    expect(report.acquirer.violations, again).toEqual([]);
    expect(report.refused, again).toEqual([]);
  });

  it('the database took no forgery', () => {
    expect(report.forged, again).toEqual([]);
  });

  it('every account, payment, count and answer is what an outsider works out', async () => {
    expect(await disagreements(own.owner, report), again).toEqual([]);
  });

  it('ledger:verify finds it whole', async () => {
    const verdict = await verifyLedger({ url: own.urls.superuser, headFile: null, lanes: 2 });
    expect(verdict.problems, again).toEqual([]);
    expect(verdict.payments).toBe(BigInt(payments));
  });

  it.runIf(payments >= 100)(
    'it was no stroll: connections broke, sessions were killed, transactions were undone',
    () => {
      const { cuts, faults, retries, requests, steps } = report;
      expect(steps + requests, again).toBeGreaterThan(payments * 20);
      expect(Math.min(...Object.values(cuts), faults.killed, faults.forged), again).toBeGreaterThan(0);
      expect(Math.min(retries.serialization, retries.connection), again).toBeGreaterThan(0);
    },
  );
});
