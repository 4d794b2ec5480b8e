import type { Payload, SerializationContext } from '@temporalio/common';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { operatorInputOf } from '../../workflows/domain/operator-input.ts';
import { refusalOf } from '../../workflows/domain/refused-payload.ts';
import { open, seal } from '../envelope.ts';
import { KmsUnavailable, UnknownKey } from '../key-errors.ts';
import type { Keyring } from '../keyring.ts';
import type { Logger } from '../logger.ts';
import { createPayloadCodec, openPayload, sealPayload, SEALED, type PayloadKeyPurpose } from './codec.ts';
import { readPayload, writePayload } from './payload-bytes.ts';
import { countRefused } from './refused-metrics.ts';

const KEY = Buffer.alloc(32, 7);
const MINE: SerializationContext = { type: 'workflow', namespace: 'default', workflowId: 'pay_1' };

/** One key for ever; `failures` times it cannot be had first. */
function setup(failures: Error[] = []) {
  const alarms: Record<string, unknown>[] = [];
  const logger: Logger = {
    error: (_event, fields) => alarms.push(fields ?? {}),
    warn: () => undefined,
    info: () => undefined,
    debug: () => undefined,
  };
  const fail = async (): Promise<void> => {
    await Promise.resolve();
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
  };
  const keyring: Keyring<PayloadKeyPurpose> = {
    async seal(_purpose, context, plaintext) {
      await fail();
      return { dataKey: 'dk_1', sealed: seal(KEY, 'dk_1', context, plaintext) };
    },
    async open(dataKey, context, sealed) {
      await fail();
      // As PostgreSQL does, which takes no such text.
      if (dataKey.includes('\0')) throw new Error('invalid byte sequence for encoding "UTF8": 0x00');
      if (dataKey !== 'dk_1') throw new UnknownKey(`no data key ${dataKey}`);
      return open(KEY, dataKey, context, sealed);
    },
    close: () => undefined,
  };
  const registry = new Registry();
  return { codec: createPayloadCodec(keyring, logger, countRefused(registry)), keyring, alarms, registry };
}

const json = (value: unknown): Payload => ({
  metadata: { encoding: Buffer.from('json/plain') },
  data: Buffer.from(JSON.stringify(value)),
});
const valueOf = (payload: Payload | undefined): unknown =>
  JSON.parse(Buffer.from(payload?.data ?? []).toString());

describe('a payload as bytes', () => {
  it.each([
    [{}],
    [{ metadata: { encoding: Buffer.from('binary/null') } }],
    // As the SDK hands it over.
    [{ metadata: { encoding: Buffer.from('binary/null') }, data: [] as unknown as Uint8Array }],
    [
      {
        metadata: { encoding: Buffer.from('json/plain'), other: Buffer.from([0, 255]) },
        data: Buffer.from('ü'),
      },
    ],
  ])('comes back as it was (%#)', (payload: Payload) => {
    const { metadata, data } = readPayload(writePayload(payload));
    expect(metadata).toEqual(payload.metadata ?? {});
    expect(Buffer.from(data ?? [])).toEqual(Buffer.from(payload.data ?? []));
  });
});

describe('the payload codec', () => {
  it('opens what it sealed, and shows nothing of it in between', async () => {
    const { codec, alarms } = setup();
    const sealed = await codec.encode([json({ token: 'card_abc' }), json(null)], MINE);
    expect(sealed.map(({ metadata }) => Buffer.from(metadata?.['encoding'] ?? []).toString())).toEqual([
      SEALED,
      SEALED,
    ]);
    expect(Buffer.from(sealed[0]?.data ?? []).toString('latin1')).not.toContain('card_abc');
    const opened = await codec.decode(sealed, MINE);
    expect(opened.map(valueOf)).toEqual([{ token: 'card_abc' }, null]);
    expect(alarms).toEqual([]);
  });

  it('opens for an activity of the workflow what was sealed for the workflow, whatever its id', async () => {
    const { codec } = setup();
    const sealed = await codec.encode([json('x')], MINE);
    const opened = await codec.decode(sealed, {
      type: 'activity',
      namespace: 'default',
      workflowId: 'pay_1',
      activityId: '7',
      isLocal: true,
    });
    expect(opened.map(valueOf)).toEqual(['x']);
  });

  it('opens by its seal alone where Temporal does not say whose it is', async () => {
    const { codec } = setup();
    const opened = await codec.decode(await codec.encode([json('x')], MINE));
    expect(opened.map(valueOf)).toEqual(['x']);
  });

  const swap = (payload: Payload, change: Partial<Record<string, string>>, data = payload.data): Payload => ({
    metadata: {
      ...payload.metadata,
      ...Object.fromEntries(Object.entries(change).map(([name, value]) => [name, Buffer.from(value ?? '')])),
    },
    ...(data == null ? {} : { data }),
  });
  const cut = (payload: Payload): Buffer => Buffer.from(payload.data ?? []).subarray(0, -1);

  it.each([
    ['in plain text', 'plain', () => json('let me in')],
    ['without anything', 'plain', () => ({})],
    ['of another workflow', 'foreign', (own: Payload) => swap(own, { workflow: 'pay_2' })],
    ['of another namespace', 'foreign', (own: Payload) => swap(own, { namespace: 'other' })],
    ['cut short', 'unauthentic', (own: Payload) => swap(own, {}, cut(own))],
    ['under a key that we never had', 'unauthentic', (own: Payload) => swap(own, { key: 'dk_2' })],
    ['under a key that no database takes', 'unauthentic', (own: Payload) => swap(own, { key: '\0' })],
    ['under a key whose name goes on', 'unauthentic', (own: Payload) => swap(own, { key: 'dk_1\0' })],
    ['under a key without a name', 'unauthentic', (own: Payload) => swap(own, { key: '' })],
    [
      'under a key of endless name',
      'unauthentic',
      (own: Payload) => swap(own, { key: `dk_${'1'.repeat(1e6)}` }),
    ],
  ])('refuses one %s, raises an alarm, counts it, and does not throw', async (_what, reason, make) => {
    const { codec, alarms, registry } = setup();
    const [own] = await codec.encode([json('mine')], MINE);
    const [refused] = await codec.decode([make(own ?? {})], MINE);
    expect(refusalOf(valueOf(refused))).toBe(reason);
    expect(alarms).toEqual([{ reason, workflow_id: 'pay_1' }]);
    const { values } = (await registry.getSingleMetric('payloads_refused_total')?.get()) ?? { values: [] };
    const counted = Object.fromEntries(values.map(({ labels, value }) => [String(labels['reason']), value]));
    expect(counted).toEqual({ plain: 0, foreign: 0, unauthentic: 0, [reason]: 1 });
  });

  it('refuses one that was moved from another workflow with its label changed to ours', async () => {
    const { codec } = setup();
    const [foreign] = await codec.encode([json('theirs')], { ...MINE, workflowId: 'pay_2' });
    const [refused] = await codec.decode([swap(foreign ?? {}, { workflow: 'pay_1' })], MINE);
    expect(refusalOf(valueOf(refused))).toBe('unauthentic');
  });

  it('asks again while the keys cannot be had', async () => {
    const { codec } = setup([new KmsUnavailable('away'), new Error('connection terminated')]);
    const sealed = await codec.encode([json('x')], MINE);
    expect((await codec.decode(sealed, MINE)).map(valueOf)).toEqual(['x']);
  });

  it('seals also what is nobody’s, and does not take it for a workflow’s own', async () => {
    const { codec } = setup();
    const sealed = await codec.encode([json('x')]);
    expect((await codec.decode(sealed)).map(valueOf)).toEqual(['x']);
    expect(refusalOf(valueOf((await codec.decode(sealed, MINE))[0]))).toBe('foreign');
  });

  describe('of what an operator sealed', () => {
    const anna = { namespace: 'default', operator: 'anna' };

    it('says in the value who sent it, to whatever workflow of that namespace', async () => {
      const { codec, keyring, alarms } = setup();
      const sealed = await sealPayload(keyring, anna, json({ decision: 'cmd_1' }));
      for (const workflowId of ['pay_1', 'pay_2']) {
        const [opened] = await codec.decode([sealed], { ...MINE, workflowId });
        expect(operatorInputOf(valueOf(opened))).toEqual({ login: 'anna', value: { decision: 'cmd_1' } });
      }
      expect(alarms).toEqual([]);
    });

    it('refuses it in another namespace, in an activity, and under another name', async () => {
      const { codec, keyring } = setup();
      const sealed = await sealPayload(keyring, anna, json('x'));
      const elsewhere = await codec.decode([sealed], { ...MINE, namespace: 'other' });
      const inActivity = await codec.decode([sealed], {
        type: 'activity',
        namespace: 'default',
        workflowId: 'pay_1',
        activityId: '1',
        isLocal: false,
      });
      const asBen = await codec.decode([swap(sealed, { operator: 'ben' })], MINE);
      expect([elsewhere, inActivity, asBen].map(([payload]) => refusalOf(valueOf(payload)))).toEqual([
        'foreign',
        'foreign',
        'unauthentic',
      ]);
    });

    it('does not take it for a workflow’s own when its mark is taken off, nor the other way round', async () => {
      const { codec, keyring } = setup();
      const sealed = await sealPayload(keyring, anna, json('x'));
      const { operator: _, ...rest } = sealed.metadata ?? {};
      const unmarked = { ...sealed, metadata: { ...rest, workflow: Buffer.from('pay_1') } };
      const [own] = await codec.encode([json('mine')], MINE);
      const marked = swap(own ?? {}, { operator: 'anna' });
      const opened = await codec.decode([unmarked, marked], MINE);
      expect(opened.map((payload) => refusalOf(valueOf(payload)))).toEqual(['unauthentic', 'unauthentic']);
      expect(await openPayload(keyring, marked, null)).toBe('unauthentic');
    });
  });
});
