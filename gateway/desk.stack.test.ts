import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../platform/new-id.ts';
import { readRunFile, type RunFile } from '../temporal-dev/run-file.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';
import { waitUntil } from '../temporal-dev/testing/wait-until.ts';
import { openGateway, type OwnGateway } from './testing/own-gateway.ts';
import { heldPayment, REVIEWED_AMOUNT } from './testing/payments.ts';
import type { Visitor } from './testing/visitor.ts';

/**
 * The promise: operators decide about payments at the gateway, by its pages, by its internal API and from
 * Temporal Web, each as far as their role goes and with a second person where it takes one; the payment
 * hears of it at once, and the audit log has it.
 */

let run: RunFile;
let gateway: OwnGateway;
type Person = Visitor & { readonly login: string };
let anna: Person;
let ben: Person;
let viewer: Person;

beforeAll(async () => {
  run = await readRunFile(stackRunFile());
  gateway = await openGateway(run);
  [anna, ben, viewer] = await Promise.all([
    gateway.visitor('operator'),
    gateway.visitor('operator'),
    gateway.visitor('viewer'),
  ]);
});
afterAll(() => gateway.close());

const becomes = (status: () => Promise<string>, wanted: string): Promise<unknown> =>
  waitUntil(`the payment is ${wanted}`, 20_000, async () => (await status()) === wanted);

const actions = async (login: string): Promise<string[]> =>
  (await gateway.audit(login)).flatMap(({ kind, action }) => (action === null ? [] : [`${kind} ${action}`]));

describe('the internal API', () => {
  it('lists a review, assigns it, and approves it: the payment hears it by an update', async () => {
    const { id: payment, status } = await heldPayment(run, REVIEWED_AMOUNT);
    const list = await anna.get('/internal/v1/cases?kind=review&limit=500');
    expect(list.body['data']).toContainEqual(expect.objectContaining({ id: payment, kind: 'review' }));
    expect(await anna.post(`/internal/v1/cases/${payment}/assign`, { assignee: ben.login })).toMatchObject({
      status: 200,
      body: { assignee: ben.login },
    });
    const id = newId('dcs');
    const asked = { id, action: 'approve_review', payment_id: payment, reason: 'known customer' };
    expect(await viewer.post('/internal/v1/decisions', asked)).toMatchObject({
      status: 403,
      body: { code: 'role_insufficient' },
    });
    const made = await anna.post('/internal/v1/decisions', asked);
    expect(made, made.text).toMatchObject({ status: 200, body: { state: 'approved', heard: true } });
    await becomes(status, 'authorized');
    const { body } = await anna.get(`/internal/v1/decisions/${id}`);
    expect(body).toMatchObject({ command: { state: 'done', answer: null } });
    // Decided once: the second is told so.
    expect(
      await ben.post('/internal/v1/decisions', { ...asked, id: newId('dcs'), action: 'reject_review' }),
    ).toMatchObject({ status: 409, body: { code: 'decision_refused' } });
    expect(await actions(anna.login)).toEqual(
      expect.arrayContaining([
        `assign ${payment} to ${ben.login}`,
        `decision approved ${id}: approve_review of ${payment}`,
        `look open ${id}`,
      ]),
    );
    expect(await actions(viewer.login)).toContain(`write_refused approve_review (${id})`);
  });

  it('releases a hold when a second person agrees, and not before', async () => {
    const { id: payment, status } = await heldPayment(run);
    const id = newId('dcs');
    const asked = { id, action: 'release_hold', payment_id: payment, reason: 'asked by the shop' };
    expect(await anna.post('/internal/v1/decisions', asked)).toMatchObject({
      status: 202,
      body: { state: 'proposed' },
    });
    expect(await anna.post(`/internal/v1/decisions/${id}/confirm`, {})).toMatchObject({
      status: 403,
      body: { code: 'second_person_needed' },
    });
    expect((await viewer.post(`/internal/v1/decisions/${id}/confirm`, {})).status).toBe(403);
    expect(await status()).toBe('authorized');
    expect(await ben.post(`/internal/v1/decisions/${id}/confirm`, { why: 'seen' })).toMatchObject({
      status: 200,
      body: { state: 'approved', decided_by: ben.login, heard: true },
    });
    await becomes(status, 'voided');
  });

  it('answers nonsense with what is wrong with it', async () => {
    const { id: payment } = await heldPayment(run);
    const decision = { id: newId('dcs'), action: 'ask_now', payment_id: payment, reason: 'x' };
    for (const [body, detail] of [
      [{ ...decision, action: 'explode' }, 'action'],
      [{ ...decision, id: 'dcs_1' }, 'id'],
      [{ ...decision, reason: ' ' }, 'reason'],
      [{ ...decision, more: 1 }, 'more'],
      [{ ...decision, action: 'close_case' }, 'close_case'],
    ] as const) {
      const answer = await anna.post('/internal/v1/decisions', body);
      expect(answer, answer.text).toMatchObject({ status: 400, body: { code: 'malformed_request' } });
      expect(answer.body['detail']).toContain(detail);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
    }
    expect((await anna.get('/internal/v1/cases/case_1')).status).toBe(404);
    expect((await anna.get(`/internal/v1/decisions/${newId('dcs')}`)).status).toBe(404);
    const stranger = await gateway.visitor();
    expect((await stranger.get('/internal/v1/cases')).status).toBe(401);
    expect((await stranger.post('/internal/v1/decisions', decision)).status).toBe(401);
  });
});

describe('the pages', () => {
  const HTML = { accept: 'text/html' };
  const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString();

  it('show a review with its record, and take its decision from a form without a script', async () => {
    const { id: payment, status } = await heldPayment(run, REVIEWED_AMOUNT);
    expect((await anna.get('/cases?kind=review&limit=500', HTML)).text).toContain(`/cases/${payment}`);
    const page = await anna.get(`/cases/${payment}`, HTML);
    expect(page.status).toBe(200);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('script-src');
    expect(page.text).not.toMatch(/<script|onclick|javascript:/);
    expect(page.text).toContain('authorization_started');
    const id = /name="id" value="(dcs_\w+)"/.exec(page.text)?.[1] ?? '';
    const fields = { id, payment_id: payment, choice: 'reject_review ', reason: '<b>no</b>' };
    // A foreign page cannot send it, whoever is logged in.
    expect(
      await anna.post(`/cases/${payment}/decide`, form(fields), { origin: 'https://evil.example' }),
    ).toMatchObject({ status: 403, body: { code: 'foreign_origin' } });
    expect(await status()).toBe('in_review');
    const sent = await anna.post(`/cases/${payment}/decide`, form(fields), HTML);
    expect([sent.status, sent.headers.get('location')]).toEqual([303, `/decisions/${id}`]);
    // Pressed twice it is one decision.
    expect((await anna.post(`/cases/${payment}/decide`, form(fields), HTML)).status).toBe(303);
    await becomes(status, 'voided');
    const shown = await anna.get(`/decisions/${id}`, HTML);
    expect(shown.text).toContain('&lt;b&gt;no&lt;/b&gt;');
    expect(shown.text).not.toContain('<b>no</b>');
  });

  it('let a second person confirm, and tell the first that they cannot', async () => {
    const { id: payment, status } = await heldPayment(run);
    const assigned = await anna.post(`/cases/${payment}/assign`, form({ assignee: anna.login }), HTML);
    expect([assigned.status, assigned.text]).toEqual([404, expect.stringContaining('does not wait')]);
    const page = await anna.get(`/cases/${payment}`, HTML);
    const id = /name="id" value="(dcs_\w+)"/.exec(page.text)?.[1] ?? '';
    const fields = { id, payment_id: payment, choice: 'release_hold ', reason: 'asked by the shop' };
    expect((await anna.post(`/cases/${payment}/decide`, form(fields), HTML)).status).toBe(303);
    expect((await anna.get(`/decisions/${id}`, HTML)).text).toContain('somebody else confirms');
    const own = await anna.post(`/decisions/${id}`, form({ verdict: 'approve' }), HTML);
    expect([own.status, own.text]).toEqual([403, expect.stringContaining('Somebody else must decide')]);
    expect((await ben.get('/decisions', HTML)).text).toContain(id);
    expect((await ben.get(`/decisions/${id}`, HTML)).text).toContain('Confirm as second person');
    expect((await ben.post(`/decisions/${id}`, form({ verdict: 'approve' }), HTML)).status).toBe(303);
    await becomes(status, 'voided');
    expect((await viewer.get(`/cases/${payment}`, HTML)).status).toBe(404);
  });
});

describe('an update from Temporal Web', () => {
  async function ring(person: Person, payment: string, value: unknown, copies = 1) {
    const payload = {
      metadata: { encoding: Buffer.from('json/plain').toString('base64') },
      data: Buffer.from(JSON.stringify(value)).toString('base64'),
    };
    const { body: args } = await person.post(
      '/codec/encode',
      { payloads: Array.from({ length: copies }, () => payload) },
      { 'x-namespace': run.temporal.namespace },
    );
    return person.post(`/api/v1/namespaces/${run.temporal.namespace}/workflows/${payment}/update/ring`, {
      workflowExecution: { workflowId: payment },
      waitPolicy: { lifecycleStage: 'UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED' },
      request: { input: { name: 'ring', args } },
    });
  }

  it('with a decision’s id is the second person’s yes; with anything else it is refused', async () => {
    const { id: payment, status } = await heldPayment(run, REVIEWED_AMOUNT);
    const other = await heldPayment(run);
    const id = newId('dcs');
    await anna.post('/internal/v1/decisions', {
      id,
      action: 'approve_review',
      payment_id: payment,
      reason: 'known customer',
      second_person: true,
    });
    for (const nonsense of [
      { id },
      [id],
      `${id} and more`,
      `${id}\n`,
      'dcs_1',
      id.replace('dcs_', 'res_'),
      null,
      17,
      { decision: 'approve' },
    ])
      expect(await ring(ben, payment, nonsense), JSON.stringify(nonsense)).toMatchObject({ status: 400 });
    expect((await ring(ben, payment, id, 2)).status).toBe(400);
    // Unsealed, it says nothing about who sent it.
    expect(
      await ben.post(`/api/v1/namespaces/${run.temporal.namespace}/workflows/${payment}/update/ring`, {
        request: {
          input: {
            name: 'ring',
            args: { payloads: [{ data: Buffer.from(JSON.stringify(id)).toString('base64') }] },
          },
        },
      }),
    ).toMatchObject({ status: 400 });
    expect(await ring(ben, other.id, id)).toMatchObject({ status: 409 });
    expect(await ring(anna, payment, id)).toMatchObject({
      status: 403,
      body: { code: 'second_person_needed' },
    });
    expect(await ring(ben, payment, newId('dcs'))).toMatchObject({ status: 404 });
    expect(await status()).toBe('in_review');

    const rung = await ring(ben, payment, id);
    expect(rung.status, rung.text).toBe(200);
    expect(rung.body).toHaveProperty('outcome.success');
    await becomes(status, 'authorized');
    expect((await anna.get(`/internal/v1/decisions/${id}`)).body).toMatchObject({
      state: 'approved',
      decided_by: ben.login,
      command: { state: 'done' },
    });
    // Rung again it wakes, and nothing more.
    expect((await ring(ben, payment, id)).status).toBe(200);
    expect(await actions(ben.login)).toContain(`decision approved ${id}: approve_review of ${payment}`);
  });
});
