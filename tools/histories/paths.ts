import type { Client } from '@temporalio/client';
import type pg from 'pg';
import {
  requestChargeback,
  requestChargebackReversal,
  requestWithdrawal,
} from '../../activities/ledger/reports.ts';
import { newId } from '../../platform/new-id.ts';
import { testCard } from '../../proof/support/cards.ts';
import { resetAsTemporalDoes } from '../../proof/support/server-reset.ts';
import { idOf, sale, settled, until, type World } from '../../proof/support/world.ts';
import { isId, type OperationId } from '../../workflows/domain/ids.ts';
import { ringOnAndOn } from '../../temporal-dev/testing/rings.ts';
import type { ExtraAcquirers } from '../../temporal-dev/testing/extra-acquirers.ts';

/** Where paths are walked: merchants of a running stack, and what can be done to them. */
export interface Stage {
  /** One message (sale) at the ISO 8583 simulator; its authorizations are valid for {@link VALIDITY_MS}. */
  readonly shop: World;
  /** Authorize, then capture, there. */
  readonly twoMessages: World;
  readonly stripe: World;
  readonly adyen: World;
  /** Two acquirers of its own. */
  readonly failover: World;
  readonly acquirers: ExtraAcquirers;
  readonly client: Client;
  /** As quittance_worker. */
  readonly database: pg.Pool;
  /** A merchant whose webhooks are answered with 500 once, and one whose are always. */
  readonly failsOnce: World;
  readonly failsAlways: World;
}

/** How long every authorization of the recording stack is valid (ms): it runs out while we wait. */
export const VALIDITY_MS = 45_000;

/** A run with so many events is told to continue as new there; no other path comes near. */
export const CONTINUE_AFTER_EVENTS = 120;

/** Does something, and answers the id of the workflow whose runs are to be kept. */
type Path = (stage: Stage) => Promise<string>;

const MANUAL = { capture: 'manual' } as const;
const NOW = { wait: 30 } as const;
let cards = 0;
const card = (): string => testCard((cards += 1));

async function pay(shop: World, number: string, rest: Record<string, unknown> = {}): Promise<string> {
  const id = idOf(await shop.post('/v1/payments', { ...sale(number), ...rest }, { wait: 0 }));
  await settled(shop, id);
  return id;
}

async function then(
  shop: World,
  id: string,
  path: string,
  body: Record<string, unknown> = {},
): Promise<string> {
  const answer = await shop.post(`/v1/payments/${id}/${path}`, body, NOW);
  if (![200, 201, 202, 409, 422].includes(answer.status)) throw new Error(`${path} of ${id}: ${answer.text}`);
  return id;
}

const becomes = (shop: World, id: string, status: string): Promise<unknown> =>
  until(
    `${id} is ${status}`,
    () => shop.get(`/v1/payments/${id}`),
    ({ body }) => body['status'] === status,
    120_000,
  );

/** Tells an acquirer's simulator something. */
async function control(shop: World, acquirer: string, path: string, body: object): Promise<void> {
  const origin = (await shop.run()).acquirers.find(({ id }) => id === acquirer)?.control ?? '';
  const response = await fetch(`${origin}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(5_000),
  });
  if (!response.ok) throw new Error(`${path} was not taken: ${await response.text()}`);
}

/** Makes the next message of that kind and amount go wrong at an acquirer of the stack. */
const fault = (
  shop: World,
  acquirer: string,
  match: Record<string, unknown>,
  action: Record<string, unknown>,
  times = 1,
): Promise<void> => control(shop, acquirer, '/faults', { times, match, action });

/** What an operator decides, as a command of the payment. */
async function command(
  shop: World,
  id: string,
  kind: 'review' | 'pause' | 'resume',
  body: Record<string, unknown>,
): Promise<void> {
  await shop.sql(
    `insert into commands (merchant_id, id, payment_id, kind, origin, operation_id, body)
     values ($1, $2, $3, $4, 'operator', $5, $6)`,
    [shop.merchant, newId('cmd'), id, kind, id.replace('pay_', `${kind}_`), JSON.stringify(body)],
  );
}

const decide = (shop: World, id: string, decision: 'approve' | 'reject'): Promise<void> =>
  command(shop, id, 'review', { decision });

async function operationOf(shop: World, id: string, kind: string): Promise<OperationId> {
  const [row] = await shop.sql<{ id: OperationId }>(
    'select id from operations where payment_id = $1 and kind = $2',
    [id, kind],
  );
  if (row === undefined) throw new Error(`${id} has no ${kind}`);
  return row.id;
}

const refOf = ({ merchant }: World, id: string) => {
  if (!isId('mer', merchant) || !isId('pay', id)) throw new Error(`${id} of ${merchant} is no payment`);
  return { merchant, payment: id };
};

const reportOf = (shop: World, id: string) => ({
  ...refOf(shop, id),
  reason: null,
  origin: 'operator' as const,
});

const done = (shop: World, id: string, kind: string): Promise<unknown> =>
  until(
    `the ${kind} of ${id} is done`,
    () =>
      shop.sql<{ state: string }>('select state from commands where payment_id = $1 and kind = $2', [
        id,
        kind,
      ]),
    (rows) => rows.length > 0 && rows.every(({ state }) => state === 'done'),
  );

/** A lost answer on the ISO 8583 wire: each kind of operation has its own way out. */
const lost =
  (kind: string, amount: number, begin: (shop: World, id: string) => Promise<unknown>): Path =>
  async ({ twoMessages }) => {
    const id = await pay(twoMessages, card(), { amount, ...MANUAL });
    await fault(twoMessages, 'acquirer-1', { kind, amount }, { type: 'lose_answer' });
    await begin(twoMessages, id);
    await until(
      `nothing of ${id} is under way`,
      () =>
        twoMessages.sql<{ phase: string }>(
          "select phase from operations where payment_id = $1 and state = 'pending'",
          [id],
        ),
      (rows) => rows.every(({ phase }) => phase === 'case'),
    );
    return id;
  };

/** One name for each life that a payment, a card verification or a delivery may have. The name is that of its file. */
export const PATHS: Readonly<Record<string, Path>> = {
  approved: ({ shop }) => pay(shop, card()),
  'approved-authorize-and-capture': ({ twoMessages }) => pay(twoMessages, card()),
  declined: ({ shop }) => pay(shop, '4000000000000002'),
  blocked: async ({ shop }) => {
    // Seen too often in a minute.
    const number = card();
    const ids = await Promise.all(Array.from({ length: 8 }, () => pay(shop, number, { amount: 1_000 })));
    const [blocked] = await shop.sql<{ id: string }>(
      "select id from payments where id = any($1) and status = 'blocked'",
      [ids],
    );
    if (blocked === undefined) throw new Error('no payment was blocked');
    return blocked.id;
  },
  'no-route': ({ stripe }) => pay(stripe, card(), { amount: 12_345, currency: 'KWD' }),
  'answer-lost-then-reversed': ({ shop }) => pay(shop, '4000000000000119'),
  'never-executed': ({ shop }) => pay(shop, '4000000000000259'),
  'answered-slowly': ({ shop }) => pay(shop, '4000000000000077'),
  'connection-reset': ({ shop }) => pay(shop, '4000000000005126'),
  'partial-approval-refused': ({ shop }) => pay(shop, '4000000000000010'),
  'partial-approval-taken': ({ shop }) =>
    pay(shop, '4000000000000010', { partial_approval: 'allow', amount: 4_000 }),
  'answered-after-its-reversal': async ({ twoMessages }) => {
    await fault(
      twoMessages,
      'acquirer-1',
      { kind: 'authorization', amount: 4_701 },
      { type: 'delay', delayMs: 10_000 },
    );
    const id = await pay(twoMessages, card(), { amount: 4_701, ...MANUAL });
    await done(twoMessages, id, 'late_answer');
    return id;
  },
  'unknown-then-asked-then-approved': async ({ stripe }) => {
    // Its event would come first. Of the other payments nothing depends on them.
    for (const event of ['payment_intent.succeeded', 'charge.succeeded'])
      await fault(stripe, 'acquirer-3', { event }, { type: 'event_lost' }, 10);
    const number = card();
    const confirmed = { request: 'confirm', lastFour: number.slice(-4) };
    await fault(stripe, 'acquirer-3', confirmed, { type: 'lose_answer' });
    return pay(stripe, number, { amount: 4_702 });
  },
  'unknown-then-repeated-under-its-key': async ({ adyen }) => {
    // Its event would come first; that of the capture is waited for.
    await control(adyen, 'acquirer-4', '/settings', { delivery: { delayMs: 6_000 } });
    await fault(adyen, 'acquirer-4', { request: 'pay' }, { type: 'reset_after' });
    return pay(adyen, card(), { amount: 4_703 });
  },
  'refund-held-by-the-acquirer': async ({ stripe }) => {
    const id = await pay(stripe, '4000000000007726');
    await then(stripe, id, 'refunds', { amount: 2_000 });
    await until(
      `${id} is refunded`,
      () => stripe.get(`/v1/payments/${id}`),
      ({ body }) => body['amount_refunded'] === 2_000,
    );
    return id;
  },
  'capture-lost-then-repeated': lost('capture', 4_711, (shop, id) => then(shop, id, 'capture')),
  'void-lost-then-repeated': lost('void', 4_712, (shop, id) => then(shop, id, 'void')),
  'refund-lost-then-a-case': lost('refund', 4_713, async (shop, id) => {
    await then(shop, id, 'capture');
    await shop.post(`/v1/payments/${id}/refunds`, {}, { wait: 0 });
    await until(
      `the refund of ${id} is in a case`,
      () =>
        shop.sql<{ phase: string }>(
          "select phase from operations where payment_id = $1 and kind = 'refund'",
          [id],
        ),
      ([row]) => row?.phase === 'case',
    );
  }),
  voided: async ({ twoMessages }) => then(twoMessages, await pay(twoMessages, card(), MANUAL), 'void'),
  expired: async ({ twoMessages }) => {
    const id = await pay(twoMessages, card(), { amount: 4_720, ...MANUAL });
    await becomes(twoMessages, id, 'expired');
    return id;
  },
  'partial-captures-and-the-rest-voided': async ({ twoMessages }) => {
    const id = await pay(twoMessages, card(), { amount: 9_000, ...MANUAL });
    for (const amount of [2_000, 3_000]) await then(twoMessages, id, 'captures', { amount, final: false });
    return then(twoMessages, id, 'void');
  },
  'last-capture-releases-the-rest': async ({ twoMessages }) =>
    then(twoMessages, await pay(twoMessages, card(), { amount: 9_000, ...MANUAL }), 'captures', {
      amount: 4_000,
      final: true,
    }),
  'incremented-then-captured': async ({ twoMessages }) => {
    const id = await pay(twoMessages, card(), { ...MANUAL, authorization_type: 'pre' });
    await then(twoMessages, id, 'increments', { amount: 1_250 });
    return then(twoMessages, id, 'captures');
  },
  reauthorized: async ({ twoMessages }) => {
    const id = await pay(twoMessages, '4012888888881881', { ...MANUAL, authorization_type: 'pre' });
    await then(twoMessages, id, 'reauthorize');
    return then(twoMessages, id, 'captures');
  },
  'concurrent-refunds': async ({ shop }) => {
    const id = await pay(shop, card());
    await Promise.all(Array.from({ length: 6 }, () => then(shop, id, 'refunds', { amount: 1_000 })));
    return id;
  },
  'review-approved': async ({ twoMessages }) => {
    const id = await pay(twoMessages, card(), { amount: 2_500_000 });
    await decide(twoMessages, id, 'approve');
    await becomes(twoMessages, id, 'captured');
    return id;
  },
  'review-rejected': async ({ twoMessages }) => {
    const id = await pay(twoMessages, card(), { amount: 2_500_000 });
    await decide(twoMessages, id, 'reject');
    await becomes(twoMessages, id, 'voided');
    return id;
  },
  'review-undecided': async ({ twoMessages }) => {
    const id = await pay(twoMessages, card(), { amount: 2_500_001 });
    await until(
      `${id} is given back`,
      () => twoMessages.get(`/v1/payments/${id}`),
      ({ body }) => body['status'] !== 'in_review',
      120_000,
    );
    return id;
  },
  'paused-then-resumed': async ({ twoMessages }) => {
    const id = await pay(twoMessages, card(), { amount: 4_721, ...MANUAL });
    for (const kind of ['pause', 'resume'] as const) {
      await command(twoMessages, id, kind, {});
      await done(twoMessages, id, kind);
      // Refused while it is paused.
      await then(twoMessages, id, 'capture');
    }
    await becomes(twoMessages, id, 'captured');
    return id;
  },
  'charged-back-and-given-back': async ({ shop, database }) => {
    const id = await pay(shop, card());
    const about = (reference: string) => ({ ...reportOf(shop, id), acquirerReference: `${id} ${reference}` });
    await requestChargeback(database, { ...about('1'), amount: 2_000n, fee: 1_500n, feeRecharged: 1_000n });
    await done(shop, id, 'chargeback');
    await requestChargebackReversal(database, { ...about('2'), amount: 2_000n });
    await done(shop, id, 'chargeback_reversal');
    return id;
  },
  'capture-failed-afterwards': async ({ twoMessages, database }) => {
    const id = await pay(twoMessages, card());
    const withdraws = await operationOf(twoMessages, id, 'capture');
    await requestWithdrawal(database, {
      ...reportOf(twoMessages, id),
      acquirerReference: `${id} 3`,
      withdraws,
    });
    await done(twoMessages, id, 'withdrawal');
    return id;
  },
  'failed-over': async ({ failover, acquirers }) => {
    await acquirers.shut(0);
    const id = await pay(failover, card());
    await acquirers.open(0);
    return id;
  },
  'cancelled-in-the-middle': async ({ twoMessages, client }) => {
    const id = idOf(
      await twoMessages.post('/v1/payments', { ...sale('4000000000000077'), ...MANUAL }, { wait: 0 }),
    );
    await until(
      `${id} has a run`,
      () => client.workflow.getHandle(id).describe(),
      () => true,
    );
    await client.workflow.getHandle(id).cancel();
    await becomes(twoMessages, id, 'voided');
    return id;
  },
  'terminated-and-started-again': async ({ twoMessages, client }) => {
    const id = await pay(twoMessages, card(), { amount: 4_730, ...MANUAL });
    await client.workflow.getHandle(id).terminate('a recording');
    return then(twoMessages, id, 'capture');
  },
  'reset-to-its-first-task': async ({ twoMessages, client }) => {
    const id = await pay(twoMessages, card(), { amount: 4_731, ...MANUAL });
    const { runId } = await client.workflow.getHandle(id).describe();
    await resetAsTemporalDoes(client, id, runId);
    return then(twoMessages, id, 'capture');
  },
  'continued-as-new-while-it-is-rung': async ({ twoMessages, client }) => {
    const id = await pay(twoMessages, card(), { amount: 4_732, ...MANUAL });
    const run = () => client.workflow.getHandle(id).describe();
    const { runId: first } = await run();
    const goesOn = async (times: number) => times < 60 && (await run()).runId === first;
    await ringOnAndOn(client, refOf(twoMessages, id), goesOn);
    return then(twoMessages, id, 'capture');
  },
  held: ({ stripe }) => pay(stripe, card(), MANUAL),
  'card-verified': ({ shop }) => verify(shop, card()),
  'card-declined': ({ shop }) => verify(shop, '4000000000000002'),
  'card-unknown': async ({ shop }) => {
    const number = card();
    // No route to the issuer, each time.
    await fault(
      shop,
      'acquirer-1',
      { kind: 'verification', lastFour: number.slice(-4) },
      { type: 'decline', code: '91' },
      3,
    );
    return verify(shop, number);
  },
  'card-verified-the-second-time': async ({ shop }) => {
    const number = card();
    await fault(
      shop,
      'acquirer-1',
      { kind: 'verification', lastFour: number.slice(-4) },
      { type: 'error_not_executed' },
    );
    return verify(shop, number);
  },
  'delivery-taken-the-second-time': ({ failsOnce }) => deliveryOf(failsOnce, 'delivered'),
  'delivery-waiting-for-the-third-time': ({ failsAlways }) => deliveryOf(failsAlways, 'retrying'),
};

async function verify(shop: World, number: string): Promise<string> {
  const body = { currency: 'EUR', card: { number, expiry_month: 12, expiry_year: 2034, cvv: '123' } };
  const id = idOf(await shop.post('/v1/card-verifications', body, { wait: 0 }));
  await until(
    `${id} has ended`,
    () => shop.get(`/v1/card-verifications/${id}`),
    ({ body: now }) => now['status'] !== 'processing',
  );
  return id;
}

/** Pays, and waits for the second attempt of its webhook. */
async function deliveryOf(shop: World, state: string): Promise<string> {
  const id = await pay(shop, card());
  const [delivery] = await until(
    `the webhook of ${id} was sent twice`,
    () =>
      shop.sql<{ id: string; state: string }>(
        `select d.id, d.state from deliveries d join events e on e.merchant_id = d.merchant_id and e.id = d.event_id
         where e.payment_id = $1 and d.attempts >= 2`,
        [id],
      ),
    (rows) => rows[0]?.state === state,
  );
  if (delivery === undefined) throw new Error(`${id} has no delivery`);
  return delivery.id;
}
