import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newStackFolder, removeStack, startStack } from '../../temporal-dev/start-stack.ts';
import {
  startOtlpReceiver,
  type OtlpReceiver,
  type ReceivedSpan,
} from '../../temporal-dev/testing/otlp-receiver.ts';
import { waitUntil } from '../../temporal-dev/testing/wait-until.ts';
import {
  startWebhookReceiver,
  type ReceivedEvent,
  type WebhookReceiver,
} from '../../temporal-dev/webhook-receiver.ts';
import { GOOD_CARD, idOf, openWorld, sale, type World } from '../support/world.ts';

/**
 * The promise: with a collector, one payment is one connected trace, from the merchant's request through
 * the workflow to the acquirer, into the vault and the databases, and to the merchant's webhook, and nothing
 * secret is in it. A stack of its own: tracing is a setting of its processes.
 */
const LIMIT_MS = 30_000;
/** The steps of a sale that must be in its trace, and who makes each. */
const STEPS: readonly (readonly [service: string, name: RegExp])[] = [
  ['api', /^request$/],
  ['api', /^workflow update with start$/],
  ['api', /^call .*stage$/],
  ['payments', /^activity /],
  ['payments', /^call .*tokenize$/],
  ['acquirers', /^activity authorize$/],
  ['acquirers', /^call .*detokenize$/],
  ['acquirers', /^acquirer call$/],
  ['vault', /^vault stage$/],
  ['vault', /^vault tokenize$/],
  ['webhooks', /^deliver webhook$/],
];
/** From a step to the request: each is made by the next. */
const PATHS: readonly (readonly string[])[] = [
  [
    'acquirers: acquirer call',
    'acquirers: activity authorize',
    'api: workflow update with start',
    'api: request',
  ],
  // The vault's database, asked by the vault for the acquirer's worker, over mutual TLS.
  [
    'vault: sql detokenize',
    'vault: vault detokenize',
    'acquirers: call /v1/detokenize',
    'acquirers: activity authorize',
    'api: workflow update with start',
    'api: request',
  ],
  // What an activity commits.
  [
    'payments: sql record_changes',
    'payments: activity conclude',
    'api: workflow update with start',
    'api: request',
  ],
  // What the api commits, before it rings.
  ['api: sql accept_payment', 'api: request'],
  // The outbox has carried it: the delivery is a part of the change that it tells of.
  [
    'webhooks: deliver webhook',
    'payments: activity conclude',
    'api: workflow update with start',
    'api: request',
  ],
];

let receiver: OtlpReceiver;
let dir: string;
let stack: Awaited<ReturnType<typeof startStack>>;
let world: World;
let shop: WebhookReceiver;
let secret = '';
const told: ReceivedEvent[] = [];

beforeAll(async () => {
  receiver = await startOtlpReceiver();
  dir = await newStackFolder('traces');
  stack = await startStack({ dir, ports: 'free', env: { QUITTANCE_OTLP_ENDPOINT: receiver.url } });
  world = await openWorld(stack.runPath);
  shop = await startWebhookReceiver(
    () => secret,
    (event) => void told.push(event),
  );
  const endpoint = await world.post('/v1/webhook-endpoints', { url: `${shop.origin}/hook` });
  expect(endpoint.status, endpoint.text).toBe(201);
  secret = String(endpoint.body['secret']);
});
afterAll(async () => {
  await world.close();
  await stack.stop();
  await removeStack(dir);
  await receiver.close();
  await shop.close();
});

describe('a trace', () => {
  it('is one for one payment, connected from its request to the acquirer, without card data or secrets', async () => {
    const paid = await world.post('/v1/payments', { ...sale(GOOD_CARD) });
    expect(paid.body).toMatchObject({ status: 'captured' });
    const payment = idOf(paid);
    const root = await waitUntil('the whole trace has come', LIMIT_MS, async () => {
      for (const request of receiver.spans.filter(({ name }) => name === 'request')) {
        const trace = receiver.spans.filter(({ traceId }) => traceId === request.traceId);
        const whole = trace.every((span) => span === request || parentOf(trace, span) !== undefined);
        if (whole && STEPS.every(([service, name]) => has(trace, service, name))) return request;
      }
      return false;
    });
    const trace = receiver.spans.filter(({ traceId }) => traceId === root.traceId);
    // Every other one hangs from one of the same trace (above), and the request from none.
    expect(root.parentSpanId).toBe('');
    const paths = new Set(trace.map((span) => pathOf(trace, span).join(' < ')));
    for (const path of PATHS) expect([...paths]).toContain(path.join(' < '));
    expect(told.map((event) => event.payment)).toContain(payment);
    expect(shop.refused()).toBe(0);
    // Statements are told by their names: never by their texts, tables or parameters.
    const statements = trace.flatMap(({ name }) => (name.startsWith('sql ') ? [name] : []));
    for (const name of statements) expect(name).toMatch(/^sql [a-z0-9_]+$/);

    // Times and ids are numbers of nobody.
    const text = receiver
      .text()
      .replace(/"\w*[tT]imeUnixNano":"\d+"/g, '')
      .replace(/"(?:traceId|spanId|parentSpanId)":"[0-9a-f]*"/g, '');
    expect(text).toContain(payment);
    for (const secret of [
      GOOD_CARD,
      GOOD_CARD.slice(0, 12),
      (await world.run()).merchant.apiKey,
      'tok_',
      'grant',
    ])
      expect(text, secret).not.toContain(secret);
    expect(text).not.toMatch(/\d{13,19}"|sk_(test|live)_/);
  });
});

function has(trace: readonly ReceivedSpan[], service: string, name: RegExp): boolean {
  return trace.some((span) => span.service === service && name.test(span.name));
}

/** A span, what made it, and so on to the root. */
function pathOf(trace: readonly ReceivedSpan[], of: ReceivedSpan): readonly string[] {
  const path: string[] = [];
  for (let at: ReceivedSpan | undefined = of; at !== undefined; at = parentOf(trace, at))
    path.push(`${at.service}: ${at.name}`);
  return path;
}

function parentOf(trace: readonly ReceivedSpan[], of: ReceivedSpan): ReceivedSpan | undefined {
  return trace.find(({ spanId }) => spanId === of.parentSpanId);
}
