import { Client, Connection } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRunFile, type RunFile } from '../temporal-dev/run-file.ts';
import { waitUntil } from '../temporal-dev/testing/wait-until.ts';
import { CODEC_BODY_BYTES_MAX, CODEC_PAYLOADS_MAX } from './codec-server.ts';
import { openGateway, type OwnGateway } from './testing/own-gateway.ts';
import { heldPayment } from './testing/payments.ts';
import type { Visitor, VisitorAnswer } from './testing/visitor.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

/** The promise: people who may read payloads read them, in their own name, and nobody else does. */

interface WirePayload {
  readonly metadata: Readonly<Record<string, string>>;
  readonly data: string;
}

let run: RunFile;
let gateway: OwnGateway;
let payment: string;
let merchant: string;
/** The input of the payment's run, as Temporal has it. */
let sealed: WirePayload;

beforeAll(async () => {
  run = await readRunFile(stackRunFile());
  gateway = await openGateway(run);
  ({ id: payment, merchant } = await heldPayment(run));
  const viewer = await gateway.visitor('viewer');
  const path = `/api/v1/namespaces/${run.temporal.namespace}/workflows/${payment}/history`;
  const history = (await viewer.get(path)).body as unknown as {
    history: {
      events: { workflowExecutionStartedEventAttributes?: { input: { payloads: WirePayload[] } } }[];
    };
  };
  const [input] = history.history.events[0]?.workflowExecutionStartedEventAttributes?.input.payloads ?? [];
  if (input === undefined) throw new Error(`the history of ${payment} has no input`);
  sealed = input;
});
afterAll(() => gateway.close());

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const json = (value: unknown): WirePayload => ({
  metadata: { encoding: base64('json/plain') },
  data: base64(JSON.stringify(value)),
});
const payloadsOf = ({ body }: VisitorAnswer) => body['payloads'] as WirePayload[];
const valueOf = (payload: WirePayload | undefined): unknown =>
  JSON.parse(Buffer.from(payload?.data ?? '', 'base64').toString());
const ask = (
  visitor: Visitor,
  what: 'decode' | 'encode',
  payloads: readonly unknown[],
  namespace = run.temporal.namespace,
) => visitor.post(`/codec/${what}?preserveStorageRefs=true`, { payloads }, { 'x-namespace': namespace });

describe('decoding', () => {
  it('shows a viewer what a payment was started with, and notes whose it was', async () => {
    expect(Buffer.from(sealed.data, 'base64').toString('latin1')).not.toContain(payment);
    const viewer = await gateway.visitor('viewer');
    const answer = await ask(viewer, 'decode', [sealed, sealed]);
    expect(answer.status, answer.text).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    for (const payload of payloadsOf(answer)) {
      expect(payload.metadata['encoding']).toBe(base64('json/plain'));
      expect(valueOf(payload)).toEqual({ merchant, payment });
    }
    expect((await gateway.audit(viewer.login)).at(-1)).toMatchObject({
      kind: 'decode',
      role: 'viewer',
      namespace: run.temporal.namespace,
      workflow_ids: [payment],
      payloads: 2,
    });
  });

  it('gives back as it is what was never sealed, and says of the rest why it is not opened', async () => {
    const viewer = await gateway.visitor('viewer');
    const plain = { ...json('open'), externalPayloads: [] };
    const bytes = Buffer.from(sealed.data, 'base64');
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    const moved = { ...sealed, metadata: { ...sealed.metadata, workflow: base64('pay_another') } };
    const answer = await ask(viewer, 'decode', [
      plain,
      { ...sealed, data: bytes.toString('base64') },
      moved,
      {},
    ]);
    const [first, second, third, fourth] = payloadsOf(answer);
    expect(first).toEqual(plain);
    expect([second, third].map(valueOf)).toEqual([
      { 'quittance/refused': 'unauthentic' },
      { 'quittance/refused': 'unauthentic' },
    ]);
    expect(fourth).toEqual({});
    // A name that did not prove true is not noted as one that was looked at.
    expect((await gateway.audit(viewer.login)).at(-1)).toMatchObject({ workflow_ids: [], payloads: 4 });
  });

  it('does not show one namespace under the name of another', async () => {
    const viewer = await gateway.visitor('viewer');
    const [payload] = payloadsOf(await ask(viewer, 'decode', [sealed], 'other'));
    expect(valueOf(payload)).toEqual({ 'quittance/refused': 'foreign' });
  });

  it('takes no more than it can hold, and nothing that is no list of payloads', async () => {
    const viewer = await gateway.visitor('viewer');
    const many = Array.from({ length: CODEC_PAYLOADS_MAX + 1 }, () => ({}));
    expect((await ask(viewer, 'decode', many)).status).toBe(400);
    const large = { ...json(''), data: 'A'.repeat(CODEC_BODY_BYTES_MAX) };
    expect((await ask(viewer, 'decode', [large])).status).toBe(413);
    for (const payloads of ['x', [{ data: '!' }], [{ metadata: { encoding: 7 } }], [null]])
      expect((await viewer.post('/codec/decode', { payloads })).status).toBe(400);
    expect(
      (await viewer.post('/codec/decode', '{"payloads"', { 'content-type': 'application/json' })).status,
    ).toBe(400);
  });
});

describe('encoding', () => {
  it('is an operator’s, of JSON alone, and carries their name', async () => {
    const viewer = await gateway.visitor('viewer');
    expect(await ask(viewer, 'encode', [json('x')])).toMatchObject({
      status: 403,
      body: { code: 'role_insufficient' },
    });
    const operator = await gateway.visitor('operator');
    const answer = await ask(operator, 'encode', [json({ decision: 'cmd_1' })]);
    const [payload] = payloadsOf(answer);
    expect(Buffer.from(payload?.metadata['operator'] ?? '', 'base64').toString()).toBe(operator.login);
    expect(payload?.metadata).not.toHaveProperty('workflow');
    expect((await gateway.audit(operator.login)).at(-1)).toMatchObject({ kind: 'encode', payloads: 1 });
    // Temporal Web shows it to others as what it is.
    expect(valueOf(payloadsOf(await ask(viewer, 'decode', [payload]))[0])).toEqual({ decision: 'cmd_1' });

    const binary = { metadata: { encoding: base64('binary/plain') }, data: base64('x') };
    const broken = { metadata: { encoding: base64('json/plain') }, data: base64('{') };
    for (const refused of [binary, broken, {}])
      expect((await ask(operator, 'encode', [refused])).status).toBe(400);
  });

  it('starts nothing: a run whose input an operator sealed fails before its first step', async () => {
    const operator = await gateway.visitor('operator');
    const input = json({ merchant, payment });
    const [wire] = payloadsOf(await ask(operator, 'encode', [input]));
    const theirs: Payload = {
      metadata: Object.fromEntries(
        Object.entries(wire?.metadata ?? {}).map(([name, value]) => [name, Buffer.from(value, 'base64')]),
      ),
      data: Buffer.from(wire?.data ?? '', 'base64'),
    };
    const connection = await Connection.connect({ address: run.temporal.address });
    try {
      const stranger = new Client({
        connection,
        namespace: run.temporal.namespace,
        dataConverter: {
          payloadCodecs: [
            {
              encode: (all) => Promise.resolve(all.map(() => theirs)),
              decode: (all) => Promise.resolve(all),
            },
          ],
        },
      });
      const started = await stranger.workflow.start('payment', {
        workflowId: `pay_of-${operator.login}`,
        taskQueue: 'payments',
        args: ['replaced'],
      });
      await waitUntil(
        'the run has failed',
        30_000,
        async () => (await started.describe()).status.name === 'FAILED',
      );
      expect((await started.fetchHistory()).events?.some(({ markerRecordedEventAttributes: m }) => m)).toBe(
        false,
      );
    } finally {
      await connection.close();
    }
  });
});
