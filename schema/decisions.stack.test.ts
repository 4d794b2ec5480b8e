import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../platform/new-id.ts';
import type { PaymentId } from '../workflows/domain/ids.ts';
import { recordParts, twoLegs } from './testing/change-document.ts';
import {
  addOperator,
  HELD,
  IN_REVIEW,
  openCase,
  openDecisionScene,
  stands as paymentStands,
} from './testing/decision-scene.ts';
import { insert, type MainDatabase } from './testing/main-database.ts';
import { refusalOf } from './testing/refusal.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: what an operator decides is a row that PostgreSQL itself holds to role and second person,
 * carries out once, and writes into the audit log, or none of it.
 */

let database: MainDatabase;
let payment: PaymentId;

beforeAll(async () => {
  database = await openDecisionScene(stackRunFile());
});
afterAll(() => database.close());
beforeEach(async () => {
  payment = await database.addPayment();
});

const stands = (columns: string): Promise<void> => paymentStands(database, payment, columns);

const operation = (kind: string, phase: string, id = `ref_${payment.slice(4)}`): Promise<void> =>
  insert(database.owner, 'operations', {
    merchant_id: database.shop.merchant,
    id,
    payment_id: payment,
    kind,
    amount: 9_000,
    state: 'pending',
    phase,
    created_at: new Date(),
    current_attempt_id: `att_${id}_1`,
  });

interface Row {
  readonly state: string;
  readonly effect: string | null;
  readonly second_person: boolean;
}

async function propose(asked: Readonly<Record<string, unknown>>, person = 'anna'): Promise<Row> {
  const document = { id: newId('dcs'), payment_id: payment, reason: 'a test', ...asked };
  const { rows } = await database.gateway.query<Row>('select * from propose_decision($1::jsonb, $2, $3)', [
    JSON.stringify(document),
    person,
    '127.0.0.1',
  ]);
  return rows[0] ?? { state: 'nothing', effect: null, second_person: false };
}

async function decide(id: string, verdict: string, person: string): Promise<Row> {
  const { rows } = await database.gateway.query<Row>('select * from decide_decision($1, $2, $3, $4, $5)', [
    id,
    verdict,
    person,
    null,
    '127.0.0.1',
  ]);
  return rows[0] ?? { state: 'nothing', effect: null, second_person: false };
}

const commands = async (): Promise<unknown[]> =>
  (
    await database.owner.query<Record<string, unknown>>(
      'select id, kind, origin, body from commands where payment_id = $1',
      [payment],
    )
  ).rows;
const audit = async (): Promise<string[]> =>
  (
    await database.owner.query<{ line: string }>(
      `select login || ' ' || action as line from gateway_audit where workflow_ids @> array[$1] order by id`,
      [payment],
    )
  ).rows.map(({ line }) => line);

describe('a decision', () => {
  it('of one person becomes a command of the same name at once, with a line in the audit log', async () => {
    await stands(IN_REVIEW);
    const id = newId('dcs');
    const made = await propose({ id, action: 'approve_review' });
    expect(made).toMatchObject({ state: 'approved', effect: id.replace('dcs_', 'cmd_') });
    expect(await commands()).toEqual([
      { id: made.effect, kind: 'review', origin: 'operator', body: { decision: 'approve' } },
    ]);
    expect(await audit()).toEqual([`anna approved ${id}: approve_review of ${payment}`]);
    // The same once more is the same; otherwise it is refused.
    expect(await propose({ id, action: 'approve_review' })).toMatchObject({ effect: made.effect });
    expect(await commands()).toHaveLength(1);
    expect(await refusalOf(propose({ id, action: 'reject_review' }))).toMatchObject({
      code: 'unique_violation',
      message: expect.stringContaining(`decision ${id} was made before`) as string,
    });
  });

  it('that needs a second person happens when one agrees, who is not the first and may do it', async () => {
    await stands(HELD);
    const id = newId('dcs');
    expect(await propose({ id, action: 'release_hold' })).toMatchObject({ state: 'proposed', effect: null });
    expect(await commands()).toEqual([]);
    // Not by their rule alone: the row itself refuses it.
    expect(await refusalOf(decide(id, 'approve', 'anna'))).toMatchObject({
      constraint: 'decisions_two_persons',
    });
    const byHand = `update decisions set state = 'approved', decided_by = 'anna', decided_at = now(), effect = 'cmd_x' where id = $1`;
    expect(await refusalOf(database.owner.query(byHand, [id]))).toMatchObject({
      constraint: 'decisions_two_persons',
    });
    for (const nobody of ['vic', 'zoe'])
      expect(await refusalOf(decide(id, 'approve', nobody))).toMatchObject({
        code: 'insufficient_privilege',
      });
    // One at a time.
    expect(await refusalOf(propose({ action: 'release_hold' }, 'ben'))).toMatchObject({
      code: 'unique_violation',
      message: expect.stringContaining(`as ${id} by anna: confirm or reject that one`) as string,
    });
    expect(await decide(id, 'approve', 'ben')).toMatchObject({ state: 'approved' });
    expect(await decide(id, 'approve', 'ben')).toMatchObject({ state: 'approved' });
    expect(await commands()).toMatchObject([{ kind: 'void', origin: 'operator' }]);
    expect((await refusalOf(decide(id, 'reject', 'ben'))).constraint).toBe('legal_transitions');
    expect(await audit()).toHaveLength(2);
    const changed = database.owner.query(`update decisions set reason = 'another' where id = $1`, [id]);
    expect((await refusalOf(changed)).message).toContain('cannot change');
    expect((await refusalOf(database.owner.query('delete from decisions'))).message).toContain('decisions');
  });

  it('may ask for a second person where none is needed, and never do without one', async () => {
    await stands(IN_REVIEW);
    expect(await propose({ action: 'reject_review', second_person: true })).toMatchObject({
      state: 'proposed',
      second_person: true,
    });
    await stands(HELD);
    expect(await propose({ action: 'extend_hold', second_person: false })).toMatchObject({
      state: 'proposed',
    });
  });

  it('is refused to whoever only looks, and about what is not so', async () => {
    expect(await refusalOf(propose({ action: 'ask_now' }, 'vic'))).toMatchObject({
      code: 'insufficient_privilege',
    });
    for (const action of ['approve_review', 'release_hold', 'extend_hold', 'force_reversal'])
      expect(await refusalOf(propose({ action })), action).toMatchObject({
        constraint: 'decisions_stale',
      });
    expect((await refusalOf(propose({ action: 'do_something' }))).message).toContain('nothing that can be');
    expect(await audit()).toEqual([]);
    expect(await commands()).toEqual([]);
  });

  it('says what became of what is unknown: executed by one, not executed by two', async () => {
    await operation('refund', 'unknown');
    const about = { subject: `ref_${payment.slice(4)}`, evidence: 'report, line 7' };
    const id = newId('dcs');
    await propose({ id, action: 'call_not_executed', ...about });
    expect(await commands()).toEqual([]);
    await decide(id, 'approve', 'ben');
    expect(await commands()).toMatchObject([
      { kind: 'resolution', body: { outcome: 'not_executed', evidence: 'report, line 7' } },
    ]);
    const { rows } = await database.owner.query('select proposed_by, decided_by from resolutions');
    expect(rows).toEqual([{ proposed_by: 'anna', decided_by: 'ben' }]);
    await propose({ action: 'call_executed', ...about });
    expect(await commands()).toHaveLength(2);
    expect(
      await refusalOf(propose({ action: 'call_executed', subject: 'ref_none', evidence: 'x' })),
    ).toMatchObject({ code: 'no_data_found' });
  });

  it.each(['unknown', 'reversing', 'ready'])(
    'undoes an authorization that is %s, with two',
    async (phase) => {
      await operation('authorize', phase, `auth_${payment.slice(4)}`);
      const id = newId('dcs');
      await propose({ id, action: 'force_reversal' });
      await decide(id, 'approve', 'ben');
      expect(await commands()).toMatchObject([{ kind: 'void', body: { unknown_only: true } }]);
    },
  );

  it('is not carried out when it is not so any more as the second person agrees', async () => {
    const auth = `auth_${payment.slice(4)}`;
    const cap = `cap_${payment.slice(4)}`;
    const becomes = (columns: string, id: string) =>
      database.owner.query(`update operations set ${columns} where id = $1`, [id]);
    const [reversal, extension, review, executed] = [newId('dcs'), newId('dcs'), newId('dcs'), newId('dcs')];

    await operation('authorize', 'unknown', auth);
    await propose({ id: reversal, action: 'force_reversal' });
    await becomes(`state = 'succeeded', phase = 'concluded', concluded_at = now()`, auth);
    await stands(IN_REVIEW);
    await propose({ id: review, action: 'approve_review', second_person: true });
    await stands(`review_by = now() - interval '1 second'`);
    const late = refusalOf(propose({ action: 'approve_review' }, 'ben'));
    expect((await late).message).toContain(`the review of ${payment} ended`);
    await operation('capture', 'unknown', cap);
    const said = {
      id: executed,
      action: 'call_executed',
      subject: cap,
      evidence: 'line 7',
      second_person: true,
    };
    expect(await propose(said)).toMatchObject({ state: 'proposed' });
    expect(await propose(said), 'said again it is the same').toMatchObject({ state: 'proposed' });
    await becomes(`current_attempt_id = 'att_${cap}_2'`, cap);
    for (const [id, why] of [
      [reversal, 'has no authorization that is unknown'],
      [review, `the review of ${payment} ended`],
      [executed, `it was said of att_${cap}_1, and ${cap} has been sent anew since`],
    ] as const)
      expect(await refusalOf(decide(id, 'approve', 'ben')), why).toMatchObject({
        constraint: 'decisions_stale',
        message: expect.stringContaining(why) as string,
      });

    await stands(HELD);
    await propose({ id: extension, action: 'extend_hold' });
    await stands(`authorization_state = 'expired', status = 'expired'`);
    expect((await refusalOf(decide(extension, 'approve', 'ben'))).constraint).toBe('decisions_stale');
    expect(await commands()).toEqual([]);
    // It can still be put away.
    expect(await decide(executed, 'reject', 'ben')).toMatchObject({ state: 'rejected' });
  });

  it('corrects the books when a second person agrees', async () => {
    await recordParts(database.worker, database.shop.merchant, payment, {
      transactions: [twoLegs('auth_1:authorized', 500)],
    });
    const id = newId('dcs');
    const asked = {
      id,
      action: 'adjust',
      merchant_id: database.shop.merchant,
      evidence: 'line 17',
      body: {
        mode: 'test',
        debit_code: 'merchant_payable:pending',
        credit_code: 'acquirer_receivable:acquirer-1',
        amount: 1_250,
        currency: 'EUR',
      },
    };
    await propose(asked);
    expect(await decide(id, 'approve', 'ben')).toMatchObject({ effect: id.replace('dcs_', 'adj_') });
    const { rows } = await database.owner.query('select state, requested_by, decided_by from adjustments');
    expect(rows).toEqual([{ state: 'approved', requested_by: 'anna', decided_by: 'ben' }]);
    const wrong = { ...asked, id: newId('dcs'), body: { ...asked.body, debit_code: 'nowhere' } };
    expect((await refusalOf(propose(wrong))).message).toContain('nowhere is no account of the chart');
  });

  it('is decided where it was asked for: not by the tools behind the gateway', async () => {
    await operation('refund', 'unknown');
    const [call, correction] = [newId('dcs'), newId('dcs')];
    const subject = `ref_${payment.slice(4)}`;
    await propose({ id: call, action: 'call_not_executed', subject, evidence: 'line 7' });
    await recordParts(database.worker, database.shop.merchant, payment, {
      transactions: [twoLegs(`auth_${payment}:authorized`, 500)],
    });
    const body = {
      mode: 'test',
      debit_code: 'merchant_payable:pending',
      credit_code: 'acquirer_receivable:acquirer-1',
      amount: 10,
      currency: 'EUR',
    };
    await propose({
      id: correction,
      action: 'adjust',
      merchant_id: database.shop.merchant,
      evidence: 'line 8',
      body,
    });
    const byTool = (what: string, id: string, verdict: string) =>
      refusalOf(database.operator.query(`select decide_${what}($1, $2, 'ben', null)`, [id, verdict]));
    for (const [what, prefix, id] of [
      ['resolution', 'res_', call],
      ['adjustment', 'adj_', correction],
    ] as const)
      for (const verdict of ['approve', 'reject'])
        expect((await byTool(what, prefix + id.slice(4), verdict)).message).toContain(
          `decision ${id} of anna`,
        );
    expect(await decide(call, 'approve', 'ben')).toMatchObject({ state: 'approved' });
    expect(await decide(correction, 'reject', 'ben')).toMatchObject({ state: 'rejected' });
    // The lines of the decisions are all there is: what they made has none of its own.
    expect(await audit()).toEqual([
      `anna proposed ${call}: call_not_executed of ${subject}`,
      `anna proposed ${correction}: adjust of ${correction.replace('dcs_', 'adj_')}`,
      `ben approved ${call}: call_not_executed of ${subject}`,
      `ben rejected ${correction}: adjust of ${correction.replace('dcs_', 'adj_')}`,
    ]);
  });

  it('keeps nothing out of the audit log that was said by hand, under its id, of something else', async () => {
    await operation('refund', 'unknown');
    const subject = `ref_${payment.slice(4)}`;
    const id = newId('dcs');
    await propose({ id, action: 'ask_now' });
    const asked = {
      id: id.replace('dcs_', 'res_'),
      merchant_id: database.shop.merchant,
      payment_id: payment,
      operation_id: subject,
      outcome: 'not_executed',
      evidence: 'line 7',
      reason: 'a test',
    };
    await database.operator.query('select propose_resolution($1::jsonb, $2)', [JSON.stringify(asked), 'ben']);
    expect(await audit()).toEqual([`anna approved ${id}: ask_now of ${payment}`, `ben proposed ${asked.id}`]);
  });

  it('said twice at once is said once, and with another second person it is another', async () => {
    await stands(IN_REVIEW);
    const id = newId('dcs');
    const asked = { id, action: 'approve_review' };
    const made = await Promise.all([1, 2, 3].map(() => propose(asked)));
    expect(made.map(({ effect }) => effect)).toEqual(Array(3).fill(id.replace('dcs_', 'cmd_')));
    for (const other of [{ second_person: true }, { merchant_id: newId('mer') }])
      expect((await refusalOf(propose({ ...asked, ...other }))).message).toContain('was made before');
  });

  it('of somebody who may not decide any more is confirmed by nobody, and can be rejected', async () => {
    await addOperator(database, 'cleo', 'operator');
    await stands(HELD);
    const id = newId('dcs');
    await propose({ id, action: 'release_hold' }, 'cleo');
    await database.owner.query(`update gateway_operators set disabled_at = now() where login = 'cleo'`);
    expect(await refusalOf(decide(id, 'approve', 'ben'))).toMatchObject({ code: 'insufficient_privilege' });
    expect(await decide(id, 'reject', 'ben')).toMatchObject({ state: 'rejected' });
  });

  it('closes no case that keeps an operation waiting; what is asked again is open again', async () => {
    const operationId = `cap_${payment.slice(4)}`;
    await operation('capture', 'case', operationId);
    const opened = {
      id: newId('case'),
      operation_id: operationId,
      attempt_id: `att_${operationId}_1`,
      kind: 'advice_refused',
      detail: 'response 05',
    };
    let version = 0;
    const ask = (again: Record<string, unknown> = {}) =>
      recordParts(database.worker, database.shop.merchant, payment, {
        expected_version: version,
        cause: `step ${version++}`,
        cases: [{ ...opened, ...again }],
      });
    await ask();
    const close = { action: 'close_case', subject: opened.id, evidence: 'ticket 4711' };
    expect((await refusalOf(propose(close))).message).toContain(`${operationId} of case ${opened.id} waits`);
    const work = async () =>
      (await database.gateway.query<{ work: unknown }>('select work_item($1) as work', [opened.id])).rows[0]
        ?.work;
    expect(await work()).toMatchObject({
      item: { can_be_closed: false },
      operations: [{ id: operationId, can_be_called: true, can_be_undone: false }],
    });
    await database.owner.query(`update operations set phase = 'unknown' where id = $1`, [operationId]);
    expect(await work()).toMatchObject({ item: { can_be_closed: true } });
    await insert(database.owner, 'case_handling', {
      id: opened.id,
      merchant_id: database.shop.merchant,
      escalated_at: new Date(),
    });
    await propose(close);
    await ask({ id: newId('case'), detail: 'response 14' });
    const { rows } = await database.owner.query(
      `select k.id, k.state, k.resolved_at, k.detail, h.escalated_at
       from cases k join case_handling h on h.id = k.id where k.payment_id = $1`,
      [payment],
    );
    expect(rows).toEqual([
      { id: opened.id, state: 'open', resolved_at: null, detail: 'response 14', escalated_at: null },
    ]);
    // A machine's answer stays: what it closed is not asked again.
    const machines = { id: newId('case'), kind: 'unknown_too_long' };
    await ask(machines);
    await database.owner.query(`update cases set state = 'resolved', resolved_at = now() where id = $1`, [
      machines.id,
    ]);
    await ask({ ...machines, id: newId('case') });
    const { rows: states } = await database.owner.query('select state from cases where id = $1', [
      machines.id,
    ]);
    expect(states).toEqual([{ state: 'resolved' }]);
  });

  it('closes a case that no machine closes, and only such a one', async () => {
    const id = await openCase(database, payment, 'adopted');
    await propose({ action: 'close_case', subject: id, evidence: 'the shop did it at its terminal' });
    const { rows } = await database.owner.query('select state from cases where id = $1', [id]);
    expect(rows).toEqual([{ state: 'resolved' }]);
    const unknown = await openCase(database, payment, 'unknown_too_long');
    expect(
      (await refusalOf(propose({ action: 'close_case', subject: unknown, evidence: 'x' }))).message,
    ).toContain('closes when the acquirer has answered');
    // Of what was given up no acquirer will say anything any more.
    await insert(database.owner, 'operations', {
      merchant_id: database.shop.merchant,
      id: `ref_${payment.slice(4)}`,
      payment_id: payment,
      kind: 'void',
      amount: 9_000,
      state: 'failed',
      phase: 'concluded',
      failure_code: 'not_acknowledged',
      created_at: new Date(),
      concluded_at: new Date(),
    });
    const decided = await propose({ action: 'close_case', subject: unknown, evidence: 'report line 7' });
    expect(decided).toMatchObject({ state: 'approved' });
  });

  it('sends a webhook that failed once more, as a delivery of its own', async () => {
    const [event, endpoint] = [newId('evt'), newId('whe')];
    const { merchant } = database.shop;
    await insert(database.owner, 'webhook_endpoints', {
      merchant_id: merchant,
      id: endpoint,
      mode: 'test',
      url: 'https://shop.example/hook',
      sealed_secret: '{}',
      enabled: true,
    });
    await insert(database.owner, 'events', {
      merchant_id: merchant,
      id: event,
      mode: 'test',
      payment_id: payment,
      version: 1,
      type: 'payment.authorized',
      body: '{}',
      created_at: new Date(),
    });
    const delivery = `dlv_${event.slice(4)}_${endpoint.slice(4)}`;
    await insert(database.owner, 'deliveries', {
      merchant_id: merchant,
      id: delivery,
      event_id: event,
      endpoint_id: endpoint,
      created_at: new Date(),
    });
    const retry = { action: 'retry_webhook', merchant_id: merchant, subject: delivery };
    expect((await refusalOf(propose(retry))).message).toContain('is no delivery');
    await database.owner.query(`update deliveries set state = 'failed', concluded_at = now() where id = $1`, [
      delivery,
    ]);
    expect(await propose(retry)).toMatchObject({ state: 'approved', effect: `${delivery}_r1` });
    // What came of the last time counts.
    await database.owner.query(
      `update deliveries set state = 'delivered', concluded_at = now() where id = $1 || '_r1'`,
      [delivery],
    );
    expect((await refusalOf(propose(retry))).message).toContain(`${delivery}_r1, which is delivered`);
  });
});
