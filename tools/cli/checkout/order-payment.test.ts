import { afterEach, describe, expect, it } from 'vitest';
import { createClient } from '../../../clients/typescript/index.ts';
import {
  answer,
  cut,
  problem,
  scriptedServer,
  type Step,
} from '../../../clients/typescript/testing/scripted-server.ts';
import { createOrderPayment } from './order-payment.ts';

// The promise: one order is paid once, however often the customer clicks, in however many tabs.

let open: Awaited<ReturnType<typeof scriptedServer>> | null = null;
afterEach(async () => {
  await open?.close();
  open = null;
});

const PAYMENT = { id: 'pay_1', object: 'payment', amount: 4_200, remedy: null };
const payment = (status: string): Step => answer(200, { ...PAYMENT, status });
const processing = answer(202, {
  ...PAYMENT,
  status: 'processing',
  pending: { id: 'auth_1', object: 'authorization' },
  next_poll_after: new Date(0).toISOString(),
});

async function shopBefore(...script: readonly Step[]) {
  const server = await scriptedServer(...script);
  open = server;
  const pay = createOrderPayment({
    client: createClient({ baseUrl: server.url, apiKey: 'sk_test_1', retries: { attempts: 1 } }),
    order: { id: 'order-7', amount: 4_200, currency: 'EUR', description: null },
    waitMs: 0,
    tried: () => undefined,
  });
  const tries = () =>
    server.arrived
      .filter(({ method }) => method === 'POST')
      .map(({ headers, body }) => ({
        key: headers['idempotency-key'],
        token: (JSON.parse(body) as { card_token: string }).card_token,
      }));
  return { pay, tries };
}

describe('an order', () => {
  it.each([
    ['not answered', cut],
    ['answered by something else', answer(502, undefined, { 'content-type': 'text/html' })],
    ['answered that the API is not well', problem(500, 'internal_error')],
    ['refused for the moment', problem(409, 'operation_pending')],
    ['refused to this caller', problem(401, 'api_key_invalid')],
  ])(
    'whose try was %s is asked for again with the same key and token, whatever card comes',
    async (_, first) => {
      const { pay, tries } = await shopBefore(first, payment('captured'));
      expect(await pay('ctok_a')).toMatchObject({
        end: 'unknown',
        text: expect.stringContaining('not known') as string,
      });
      expect(await pay('ctok_b')).toMatchObject({ end: 'paid' });
      const [one, again] = tries();
      expect(again).toEqual(one);
      expect(one?.token).toBe('ctok_a');
    },
  );

  it('whose payment is still processing, or in review, is looked at again, and nothing is made', async () => {
    const { pay, tries } = await shopBefore(
      processing,
      payment('processing'),
      payment('in_review'),
      payment('captured'),
    );
    const answers = [await pay('ctok_a'), await pay('ctok_b'), await pay('ctok_c')];
    expect(answers.map(({ end }) => end)).toEqual(['unknown', 'unknown', 'paid']);
    expect(answers[0]?.text).toContain('has not answered yet');
    expect(tries()).toHaveLength(1);
  });

  it('that two tabs pay at once is one try, and one that is paid is not asked for again', async () => {
    const { pay, tries } = await shopBefore(payment('captured'));
    const answers = [...(await Promise.all([pay('ctok_a'), pay('ctok_b')])), await pay('ctok_c')];
    expect(answers.map(({ end }) => end)).toEqual(['paid', 'paid', 'paid']);
    expect(tries()).toHaveLength(1);
  });

  it.each([
    ['declined', payment('declined')],
    ['refused as it is', problem(422, 'card_token_unknown')],
  ])('whose try was %s is tried anew with the next card', async (_, first) => {
    const { pay, tries } = await shopBefore(first, payment('captured'));
    expect(await pay('ctok_a')).toMatchObject({ end: 'refused' });
    expect(await pay('ctok_b')).toMatchObject({ end: 'paid' });
    const [one, next] = tries();
    expect(next?.token).toBe('ctok_b');
    expect(next?.key).not.toBe(one?.key);
  });
});
