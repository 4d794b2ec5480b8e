import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectAgreement } from '../../proof/support/agreement.ts';
import { GOOD_CARD, idOf, openWorld, sale, until, type World } from '../../proof/support/world.ts';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import { seedEndpoint } from '../../temporal-dev/seed.ts';
import type { MerchantId, OperationId, PaymentId } from '../../workflows/domain/ids.ts';
import { paymentWorkflowId } from '../../workflows/payment/payment.contract.ts';
import { verifyLedger } from '../../tools/ledger/verify.ts';
import { startReceiver, type Receiver } from '../webhooks/testing/receiver.ts';
import {
  requestChargeback,
  requestChargebackReversal,
  requestWithdrawal,
  type Report,
  type TakenReport,
} from './reports.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: what an acquirer reports long after a payment was finished wakes it, is posted once,
 * is told to the merchant, and the payment is finished again; ledger:verify agrees with every one.
 */
let world: World;
let worker: pg.Pool;
let temporal: Client;
let connection: Connection;
let receiver: Receiver;
const merchants: string[] = [];

beforeAll(async () => {
  const run = await readRunFile(stackRunFile());
  worker = new pg.Pool({ connectionString: run.postgres.urls.worker, max: 4 });
  connection = await Connection.connect({ address: run.temporal.address });
  temporal = new Client({ connection, namespace: run.temporal.namespace });
});
afterAll(async () => {
  // Once for all of them: it recomputes the whole ledger, also what other files have put there.
  const { postgres } = await readRunFile(stackRunFile());
  const { problems } = await verifyLedger({ url: postgres.urls.worker, headFile: null, lanes: 2 });
  expect(merchants.length).toBeGreaterThan(0);
  expect(problems.filter(({ text }) => merchants.some((merchant) => text.includes(merchant)))).toEqual([]);
  await worker.end();
  await connection.close();
});
beforeEach(async () => {
  world = await openWorld(stackRunFile());
  merchants.push(world.merchant);
  receiver = await startReceiver();
  await seedEndpoint({ run: await world.run(), merchant: world.merchant, url: receiver.url });
});
afterEach(async () => {
  await expectAgreement(world);
  await receiver.close();
  await world.close();
});

async function paid(): Promise<PaymentId> {
  const created = await world.post('/v1/payments', sale(GOOD_CARD));
  expect([created.status, created.body['status']], created.text).toEqual([201, 'captured']);
  return idOf(created) as PaymentId;
}

const about = (payment: PaymentId, acquirerReference: string): Report => ({
  merchant: world.merchant as MerchantId,
  payment,
  acquirerReference,
  reason: '10.4',
  origin: 'acquirer',
});

const chargeback = (payment: PaymentId, reference = 'CB-1', amount = 5_000n): Promise<TakenReport> =>
  requestChargeback(worker, { ...about(payment, reference), amount, fee: 1_500n, feeRecharged: 2_000n });

const firstOf = async (payment: PaymentId, kind: 'captures' | 'refunds'): Promise<OperationId> => {
  const { body } = await world.get(`/v1/payments/${payment}`);
  const [first] = body[kind] as { id: OperationId }[];
  if (first === undefined) throw new Error(`${payment} has no ${kind}`);
  return first.id;
};

/** What the command of that report was answered, once it is. */
async function answerTo({ command }: TakenReport): Promise<{ status: number; body: string }> {
  const [row] = await until(
    `${command} is answered`,
    () =>
      world.sql<{ status: number; body: string }>(
        "select answer_status as status, answer_body as body from commands where id = $1 and state = 'done'",
        [command],
      ),
    (rows) => rows.length === 1,
  );
  if (row === undefined) throw new Error(`${command} is not answered`);
  return row;
}

async function payment(id: PaymentId): Promise<Record<string, unknown>> {
  return (await world.get(`/v1/payments/${id}`)).body;
}

async function balances(): Promise<Record<string, bigint>> {
  const rows = await world.sql<{ code: string; balance: string }>(
    'select code, sum(balance)::text as balance from ledger_balances where merchant_id = $1 group by code having sum(balance) <> 0',
    [world.merchant],
  );
  return Object.fromEntries(
    rows.map(({ code, balance }) => [code.replace(/:acquirer-\d$/, ''), BigInt(balance)]),
  );
}

/** The types of the webhooks that came, once that one has. */
async function told(type: string): Promise<Record<string, unknown>> {
  const read = (): Record<string, unknown>[] =>
    receiver.received.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  const all = await until(
    `the merchant is told ${type}`,
    () => Promise.resolve(read()),
    (events) => events.some((event) => event['type'] === type),
  );
  return all.find((event) => event['type'] === type) ?? {};
}

const isFinished = (id: PaymentId): Promise<unknown> =>
  until(
    `the run of ${id} is over`,
    () => temporal.workflow.getHandle(paymentWorkflowId(id)).describe(),
    ({ status }) => status.name === 'COMPLETED',
  );

describe('a chargeback', () => {
  it('wakes a finished payment, is posted with its fee, is told, and the payment is finished again', async () => {
    const id = await paid();
    await isFinished(id);
    const before = await temporal.workflow.getHandle(paymentWorkflowId(id)).describe();
    const taken = await chargeback(id, 'CB-1', 3_000n);
    expect((await answerTo(taken)).status).toBe(200);
    expect(await payment(id)).toMatchObject({
      status: 'captured',
      amount_captured: 5_000,
      amount_disputed: 3_000,
      disputes: [
        {
          id: taken.operation,
          object: 'chargeback',
          amount: 3_000,
          status: 'succeeded',
          reason: '10.4',
          acquirer_reference: 'CB-1',
        },
      ],
    });
    expect(await balances()).toEqual({
      acquirer_receivable: 500n,
      'merchant_payable:pending': -5_000n,
      'merchant_payable:available': 5_000n,
      'fee_expense:dispute': 1_500n,
      fee_revenue: -2_000n,
    });
    const event = await told('payment.disputed');
    expect(event['data']).toMatchObject({
      payment: { id, amount_disputed: 3_000 },
      operation: { id: taken.operation, object: 'chargeback', acquirer_reference: 'CB-1' },
    });
    await isFinished(id);
    const after = await temporal.workflow.getHandle(paymentWorkflowId(id)).describe();
    expect(after.runId).not.toBe(before.runId);
  });

  it('reported thirty times at once is one; with another amount, or of another payment, it is loud', async () => {
    const id = await paid();
    const other = await paid();
    const taken = await Promise.all(Array.from({ length: 30 }, () => chargeback(id, 'CB-1', 3_000n)));
    expect(new Set(taken.map(({ command }) => command)).size).toBe(1);
    expect(taken.filter(({ repeated }) => !repeated)).toHaveLength(1);
    const [first] = taken;
    if (first !== undefined) await answerTo(first);
    expect(await chargeback(id, 'CB-1', 3_000n)).toEqual({ ...first, repeated: true });
    await expect(chargeback(id, 'CB-1', 3_001n)).rejects.toThrow(
      `chargeback CB-1 of ${world.merchant} was reported before, as ${first?.operation ?? ''} of ${id} and otherwise`,
    );
    await expect(chargeback(other, 'CB-1', 3_000n)).rejects.toThrow(`and otherwise; compare the two`);
    await expect(chargeback('pay_none' as PaymentId, 'CB-9')).rejects.toThrow(
      `chargeback CB-9: ${world.merchant} has no payment pay_none`,
    );
    await expect(chargeback(id, 'CB-9', 0n)).rejects.toThrow('0 is not an amount');
    expect(await payment(id)).toMatchObject({ amount_disputed: 3_000 });
  });

  it('is taken of a payment that was refunded whole, comes back, and comes a second time', async () => {
    const id = await paid();
    await world.post(`/v1/payments/${id}/refunds`, {});
    await answerTo(await chargeback(id));
    expect(await payment(id)).toMatchObject({
      status: 'refunded',
      amount_refunded: 5_000,
      amount_disputed: 5_000,
    });
    expect(await balances()).toMatchObject({ acquirer_receivable: -6_500n });
    const back = { ...about(id, 'RP-1'), amount: 5_000n };
    await answerTo(await requestChargebackReversal(worker, back));
    expect(await payment(id)).toMatchObject({ amount_disputed: 0 });
    await told('payment.dispute_reversed');
    await answerTo(await chargeback(id, 'CB-2', 4_000n));
    expect(await payment(id)).toMatchObject({ amount_disputed: 4_000 });
    expect(((await payment(id))['disputes'] as unknown[]).length).toBe(3);
  });

  it('of more than was captured is refused, and a person is told', async () => {
    const id = await paid();
    const answer = await answerTo(await chargeback(id, 'CB-1', 5_001n));
    expect([answer.status, answer.body]).toEqual([
      422,
      expect.stringContaining('dispute_exceeds_captured') as string,
    ]);
    expect(await world.sql('select kind, state from cases where payment_id = $1', [id])).toEqual([
      { kind: 'report_contradicts', state: 'open' },
    ]);
    expect(await payment(id)).toMatchObject({ amount_disputed: 0, disputes: [] });
    await isFinished(id);
  });
});

describe('a success that is withdrawn', () => {
  it('of the only capture leaves a failed payment whose books are empty', async () => {
    const id = await paid();
    const withdraws = await firstOf(id, 'captures');
    const report = { ...about(id, 'WD-1'), reason: 'rejected in clearing', withdraws };
    await answerTo(await requestWithdrawal(worker, report));
    expect(await requestWithdrawal(worker, report)).toMatchObject({ repeated: true });
    expect(await payment(id)).toMatchObject({
      status: 'failed',
      failure_code: 'capture_failed',
      amount_captured: 0,
      captures: [{ id: withdraws, status: 'failed', failure_code: 'capture_failed' }],
    });
    expect(await balances()).toEqual({});
    expect((await told('payment.capture_failed'))['data']).toMatchObject({
      operation: { id: withdraws, failure_code: 'capture_failed', reason: 'rejected in clearing' },
    });
    const refund = await world.post(`/v1/payments/${id}/refunds`, {});
    expect([refund.status, refund.body['code']]).toEqual([409, 'payment_not_refundable']);
    await isFinished(id);
  });

  it('of a refund gives the merchant the money back, and it can be refunded again', async () => {
    const id = await paid();
    await world.post(`/v1/payments/${id}/refunds`, { amount: 2_000, reason: 'late' });
    const withdraws = await firstOf(id, 'refunds');
    await answerTo(await requestWithdrawal(worker, { ...about(id, 'WD-1'), withdraws }));
    expect(await payment(id)).toMatchObject({
      status: 'captured',
      amount_refunded: 0,
      amount_refundable: 5_000,
      refunds: [{ id: withdraws, status: 'failed', failure_code: 'refund_failed', reason: 'late' }],
    });
    await told('refund.failed');
    const again = await world.post(`/v1/payments/${id}/refunds`, { amount: 2_000 });
    expect([again.status, again.body['status']], again.text).toEqual([201, 'succeeded']);
  });

  it('of a capture that was refunded is refused until the refund has failed too', async () => {
    const id = await paid();
    await world.post(`/v1/payments/${id}/refunds`, {});
    const capture = await firstOf(id, 'captures');
    const refused = await requestWithdrawal(worker, { ...about(id, 'WD-1'), withdraws: capture });
    expect(await answerTo(refused)).toMatchObject({
      status: 409,
      body: expect.stringContaining('would leave 0.00 EUR captured') as string,
    });
    const refund = await firstOf(id, 'refunds');
    await answerTo(await requestWithdrawal(worker, { ...about(id, 'WD-2'), withdraws: refund }));
    const again = { ...about(id, 'WD-3'), origin: 'operator' as const, withdraws: capture };
    expect((await answerTo(await requestWithdrawal(worker, again))).status).toBe(200);
    expect(await payment(id)).toMatchObject({ status: 'failed', amount_captured: 0, amount_refunded: 0 });
    expect(await balances()).toEqual({});
  });
});
