import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../platform/new-id.ts';
import { expectAgreement } from '../proof/support/agreement.ts';
import { addFault } from '../proof/support/faults.ts';
import { GOOD_CARD, idOf, openWorld, sale, until, type World } from '../proof/support/world.ts';
import { readRunFile, type RunFile } from '../temporal-dev/run-file.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';
import { openGateway, type OwnGateway } from './testing/own-gateway.ts';
import type { Visitor, VisitorAnswer } from './testing/visitor.ts';

/**
 * The promise: what two people decide happens at the acquirer, in the books and at the receiver, once, and
 * only when the second one agrees; what each of them did is in the audit log.
 */

let run: RunFile;
let gateway: OwnGateway;
let world: World;
type Person = Visitor & { readonly login: string };
let anna: Person;
let ben: Person;

beforeAll(async () => {
  run = await readRunFile(stackRunFile());
  gateway = await openGateway(run);
  world = await openWorld(stackRunFile(), { acquirers: ['acquirer-1'], singleMessage: false });
  [anna, ben] = await Promise.all([gateway.visitor('operator'), gateway.visitor('operator')]);
});
afterAll(async () => {
  await world.close();
  await gateway.close();
});

/** A decision that anna proposes; its id. */
async function proposed(asked: Readonly<Record<string, unknown>>): Promise<string> {
  const id = newId('dcs');
  const made = await anna.post('/internal/v1/decisions', { id, reason: 'a test', ...asked });
  expect(made.status, made.text).toBeLessThan(300);
  return id;
}
const confirm = (person: Person, id: string): Promise<VisitorAnswer> =>
  person.post(`/internal/v1/decisions/${id}/confirm`, { why: 'seen' });

/** Proposed by anna, who cannot agree to it herself, and agreed to by ben; both are in the audit log. */
async function byTwo(asked: Readonly<Record<string, unknown>>): Promise<string> {
  const id = await proposed(asked);
  expect(await confirm(anna, id)).toMatchObject({ status: 403, body: { code: 'second_person_needed' } });
  const confirmed = await confirm(ben, id);
  expect(confirmed, confirmed.text).toMatchObject({
    status: 200,
    body: { state: 'approved', decided_by: ben.login },
  });
  await expectAudited(id, 'proposed');
  expect(await audited(anna)).toContain(`write_refused approve ${id}`);
  return id;
}
const audited = async ({ login }: Person): Promise<string[]> =>
  (await gateway.audit(login)).map(({ kind, action }) => `${kind} ${action ?? ''}`);
async function expectAudited(id: string, first: string): Promise<void> {
  const says = (word: string) => expect.stringMatching(new RegExp(`^decision ${word} ${id}: `)) as string;
  expect(await audited(anna)).toContainEqual(says(first));
  if (first === 'proposed') expect(await audited(ben)).toContainEqual(says('approved'));
}
const done = (id: string): Promise<unknown> =>
  until(
    `the payment has taken ${id}`,
    () => anna.get(`/internal/v1/decisions/${id}`),
    ({ body }) => (body['command'] as { state?: string } | null)?.state === 'done',
  );

const show = async (from: World, id: string) => (await from.get(`/v1/payments/${id}`)).body;
const becomes = (from: World, id: string, status: string): Promise<unknown> =>
  until(
    `${id} is ${status}`,
    () => show(from, id),
    (payment) => payment['status'] === status,
  );
const journal = async (from: World): Promise<string[]> => (await from.journal()).map(({ kind }) => kind);

describe('a payment that is paused', () => {
  it('while it is being authorized is held and not taken; it refuses its merchant, and goes on once resumed', async () => {
    // The pause is there before the acquirer's answer, and the answer within the limit of a call (8 s).
    const amount = 5_005;
    await addFault(world, {
      match: { kind: 'authorization', amount },
      action: { type: 'hold', holdMs: 5_000 },
    });
    const created = await world.post('/v1/payments', sale(GOOD_CARD, { amount }), { wait: 0 });
    const payment = idOf(created);
    await until(
      'it is at the acquirer',
      () => world.sql(`select 1 from attempts where payment_id = $1 and state = 'sending'`, [payment]),
      (rows) => rows.length === 1,
    );
    const pause = await proposed({ action: 'pause_payment', payment_id: payment });
    await done(pause);
    await expectAudited(pause, 'approved');
    await becomes(world, payment, 'authorized');
    const refused = await world.post(`/v1/payments/${payment}/capture`, {});
    expect(refused, refused.text).toMatchObject({ status: 409, body: { code: 'payment_paused' } });
    expect((await world.post(`/v1/payments/${payment}/void`, {})).body['code']).toBe('payment_paused');
    // Paused once; not extended; and its page offers to let it go on.
    const again = await anna.post('/internal/v1/decisions', {
      ...{ id: newId('dcs'), action: 'pause_payment', payment_id: payment, reason: 'again' },
    });
    expect(again, again.text).toMatchObject({ status: 409, body: { code: 'decision_refused' } });
    const page = (await anna.get(`/cases/${payment}`, { accept: 'text/html' })).text;
    expect(page).toContain('resume_payment');
    expect(page).not.toContain('pause_payment ');
    expect(await journal(world)).toEqual(['approved']);

    const resume = await byTwo({ action: 'resume_payment', payment_id: payment, second_person: true });
    await done(resume);
    await becomes(world, payment, 'captured');
    expect(await journal(world)).toEqual(['approved', 'captured']);
  });

  it('and has nothing pending refuses a refund until it is resumed', async () => {
    const created = await world.post('/v1/payments', sale(GOOD_CARD), { wait: 20 });
    const payment = idOf(created);
    expect(created.body['status'], created.text).toBe('captured');
    const about = { payment_id: payment, merchant_id: world.merchant };
    // Whoever rings next, the pause comes first: the merchant's request need not wait for the relay.
    const pause = await proposed({ action: 'pause_payment', ...about });
    const refund = () => world.post(`/v1/payments/${payment}/refunds`, { amount: 1_000 }, { wait: 20 });
    expect((await refund()).body['code']).toBe('payment_paused');
    await done(pause);
    await proposed({ action: 'resume_payment', payment_id: payment });
    expect((await refund()).body['status']).toBe('succeeded');
    expect((await journal(world)).filter((kind) => kind === 'refunded')).toHaveLength(1);
    await expectAgreement(world);
  });
});

describe('what two people decide', () => {
  it('undoes an authorization that is unknown at an acquirer that does not say', async () => {
    const stripe = await openWorld(stackRunFile(), { acquirers: ['acquirer-3'] });
    const control = run.acquirers.find(({ id }) => id === 'acquirer-3')?.control ?? '';
    const fault = (match: { request: string } | { event: string }, type: string, times: number) =>
      fetch(`${control}/faults`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ times, match, action: { type } }),
        signal: AbortSignal.timeout(5_000),
      });
    await fault({ request: 'confirm' }, 'reset_after', 1);
    await fault({ request: 'read' }, 'reset_before', 1_000);
    // Its events would tell what nobody is to know.
    for (const event of ['payment_intent.amount_capturable_updated', 'charge.succeeded'])
      await fault({ event }, 'event_lost', 10);
    try {
      const created = await stripe.post('/v1/payments', sale(GOOD_CARD, { capture: 'manual' }), { wait: 0 });
      const payment = idOf(created);
      await until(
        'it is unknown',
        () =>
          stripe.sql<{ phase: string }>(
            `select phase from operations where payment_id = $1 and phase = 'unknown'`,
            [payment],
          ),
        (rows) => rows.length === 1,
      );
      const id = await proposed({ action: 'force_reversal', payment_id: payment });
      expect((await show(stripe, payment))['status']).toBe('processing');
      expect((await confirm(anna, id)).status).toBe(403);
      expect((await confirm(ben, id)).status).toBe(200);
      // Until then an inquiry that is answered would say that it was approved.
      await until(
        'it is being undone',
        () =>
          stripe.sql(`select 1 from attempts where payment_id = $1 and state in ('reversing', 'reversed')`, [
            payment,
          ]),
        (rows) => rows.length === 1,
      );
      await fetch(`${control}/faults`, { method: 'DELETE', signal: AbortSignal.timeout(5_000) });
      await becomes(stripe, payment, 'voided');
      await expectAudited(id, 'proposed');
      await expectAgreement(stripe);
    } finally {
      await fetch(`${control}/faults`, { method: 'DELETE', signal: AbortSignal.timeout(5_000) });
      await stripe.close();
    }
  });

  it('extends a hold: the old one is given back and the same is held anew', async () => {
    const mine = await openWorld(stackRunFile(), { acquirers: ['acquirer-1'], singleMessage: false });
    // The acquirer holds it for two days: it can be renewed from its first moment.
    const card = { number: '4012888888881881', expiry_month: 12, expiry_year: 2030, cvv: '123' };
    const created = await mine.post(
      '/v1/payments',
      { ...sale(GOOD_CARD), card, capture: 'manual' },
      { wait: 20 },
    );
    const payment = idOf(created);
    await done(await byTwo({ action: 'extend_hold', payment_id: payment }));
    expect(await show(mine, payment)).toMatchObject({
      status: 'authorized',
      reauthorizations: [{ status: 'succeeded' }],
    });
    expect(await journal(mine)).toEqual(['approved', 'reversed', 'approved']);
    await expectAgreement(mine);
    await mine.close();
  });

  it('corrects the books, asked for by a form', async () => {
    const fields = {
      ...{ id: newId('dcs'), action: 'adjust', merchant_id: world.merchant, mode: 'test' },
      ...{ debit_code: 'merchant_payable:pending', credit_code: 'acquirer_receivable:acquirer-1' },
      ...{ amount: '1250', currency: 'EUR', reason: 'taken twice', evidence: 'report, line 17' },
    };
    const HTML = { accept: 'text/html' };
    expect((await anna.get('/decisions/new', HTML)).text).toContain('name="debit_code"');
    const send = (more: object) =>
      anna.post('/decisions', new URLSearchParams({ ...fields, ...more }).toString(), HTML);
    expect(await send({ amount: '12.50' })).toMatchObject({ status: 400 });
    expect((await send({})).headers.get('location')).toBe(`/decisions/${fields.id}`);
    const posted = () =>
      world.sql<{ code: string; amount: string }>(
        `select p.code, p.amount::text from ledger_postings p
         join ledger_transactions t on t.merchant_id = p.merchant_id and t.id = p.transaction_id
         where t.merchant_id = $1 and t.event = 'adjusted' order by p.code`,
        [world.merchant],
      );
    expect(await posted()).toEqual([]);
    expect((await confirm(anna, fields.id)).status).toBe(403);
    expect((await confirm(ben, fields.id)).status).toBe(200);
    expect(await posted()).toEqual([
      { code: 'acquirer_receivable:acquirer-1', amount: '-1250' },
      { code: 'merchant_payable:pending', amount: '1250' },
    ]);
    await expectAudited(fields.id, 'proposed');
  });

  it('sends a webhook that failed once more, asked for by a form', async () => {
    const receiver = await listen();
    try {
      const { webhookEndpoints } = world.client;
      const endpoint = await webhookEndpoints.create({ url: receiver.url });
      await webhookEndpoints.test(endpoint.id);
      await until(
        'it was tried',
        () => Promise.resolve(receiver.bodies.length),
        (count) => count > 0,
      );
      await webhookEndpoints.update(endpoint.id, { enabled: false });
      const [failed] = await until(
        'it is given up',
        () =>
          world.sql<{ id: string }>(
            `select id from deliveries where endpoint_id = $1 and state = 'endpoint_disabled'`,
            [endpoint.id],
          ),
        (rows) => rows.length === 1,
      );
      receiver.status = 204;
      await webhookEndpoints.update(endpoint.id, { enabled: true });
      const fields = {
        ...{
          id: newId('dcs'),
          action: 'retry_webhook',
          merchant_id: world.merchant,
          subject: failed?.id ?? '',
        },
        ...{ reason: 'the receiver is back', second_person: 'true' },
      };
      const before = receiver.bodies.length;
      const sent = await anna.post('/decisions', new URLSearchParams(fields).toString(), {
        accept: 'text/html',
      });
      expect(sent.status, sent.text).toBe(303);
      expect((await confirm(anna, fields.id)).status).toBe(403);
      const confirmed = await confirm(ben, fields.id);
      expect(confirmed, confirmed.text).toMatchObject({
        status: 200,
        body: { effect: `${failed?.id ?? ''}_r1` },
      });
      await until(
        'it is delivered',
        () => Promise.resolve(receiver.bodies),
        (all) => all.length > before,
      );
      // The very bytes of the first time.
      expect(receiver.bodies.at(-1)).toBe(receiver.bodies[0]);
      await expectAudited(fields.id, 'proposed');
    } finally {
      receiver.server.closeAllConnections();
      receiver.server.close();
    }
  });
});

async function listen(): Promise<{ url: string; bodies: string[]; status: number; server: Server }> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bodies.push(Buffer.concat(chunks).toString());
      response.writeHead(self.status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`;
  const self = { url, bodies, status: 500, server };
  return self;
}
