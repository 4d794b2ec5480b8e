import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createdPayment, paymentBody, startTestApi, type TestApi } from './testing/test-api.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

// Whatever is wrong with a request, it is told precisely, and nothing of it is written.

let api: TestApi;
let key: string;
let payment: string;

beforeAll(async () => {
  api = await startTestApi(stackRunFile(), { waitMs: 0 });
  ({ key } = await api.addMerchant());
  payment = createdPayment(await api.post('/v1/payments', { key, body: paymentBody() }));
});
afterAll(() => api.close());

const NUMBER = '4242424242424242';
const SPACED = '4242 4242 4242 4242';
const card = (changes: Readonly<Record<string, unknown>>): Record<string, unknown> => ({
  card: { ...(paymentBody()['card'] as object), ...changes },
});
const text = (length: number): string => 'x'.repeat(length);

type Row = readonly [what: string, body: unknown, status: number, code: string, param?: string];

const CREATE: readonly Row[] = [
  ['JSON that ends too early', '{"amount": 1', 400, 'malformed_json'],
  ['two JSON values', '{}{}', 400, 'malformed_json'],
  ['a body that is nested without end', `${'['.repeat(30_000)}${']'.repeat(30_000)}`, 400, 'malformed_json'],
  ['an array', [], 400, 'field_invalid', ''],
  ['null', 'null', 400, 'field_invalid', ''],
  [
    'a body of more than 64 KiB',
    JSON.stringify(paymentBody({ description: text(70_000) })),
    413,
    'body_too_large',
  ],
  ['no amount', paymentBody({ amount: undefined }), 400, 'field_missing', '/amount'],
  ['amount null', paymentBody({ amount: null }), 400, 'amount_invalid', '/amount'],
  ['amount zero', paymentBody({ amount: 0 }), 400, 'amount_invalid', '/amount'],
  ['amount negative', paymentBody({ amount: -1 }), 400, 'amount_invalid', '/amount'],
  ['amount with a fraction', paymentBody({ amount: 10.5 }), 400, 'amount_invalid', '/amount'],
  ['amount as text', paymentBody({ amount: '1000' }), 400, 'amount_invalid', '/amount'],
  ['amount above the limit', paymentBody({ amount: 1_000_000_000_000 }), 400, 'amount_invalid', '/amount'],
  [
    'amount that no double holds',
    '{"amount":9007199254740993,"currency":"EUR"}',
    400,
    'amount_invalid',
    '/amount',
  ],
  ['amount beyond every number', '{"amount":1e400,"currency":"EUR"}', 400, 'amount_invalid', '/amount'],
  ['no currency', paymentBody({ currency: undefined }), 400, 'field_missing', '/currency'],
  ['a currency that does not exist', paymentBody({ currency: 'XXX' }), 400, 'currency_invalid', '/currency'],
  ['a currency in lower case', paymentBody({ currency: 'eur' }), 400, 'currency_invalid', '/currency'],
  [
    'a currency named like a property of every object',
    paymentBody({ currency: 'constructor' }),
    400,
    'currency_invalid',
    '/currency',
  ],
  ['a capture nobody knows', paymentBody({ capture: 'later' }), 400, 'field_invalid', '/capture'],
  [
    'a partial approval nobody knows',
    paymentBody({ partial_approval: true }),
    400,
    'field_invalid',
    '/partial_approval',
  ],
  ['no card', paymentBody({ card: undefined }), 400, 'field_missing', '/card'],
  ['a card that is a text', paymentBody({ card: 'visa' }), 400, 'field_invalid', '/card'],
  ['no card number', paymentBody(card({ number: undefined })), 400, 'field_missing', '/card/number'],
  [
    'a card number that is a number',
    paymentBody(card({ number: 4242424242424242 })),
    400,
    'card_number_invalid',
    '/card/number',
  ],
  [
    'a card number that fails Luhn',
    paymentBody(card({ number: '4242424242424241' })),
    400,
    'card_number_invalid',
    '/card/number',
  ],
  [
    'a card number with spaces',
    paymentBody(card({ number: SPACED })),
    400,
    'card_number_invalid',
    '/card/number',
  ],
  [
    'a card number too short for its scheme',
    paymentBody(card({ number: '424242424242428' })),
    400,
    'card_number_invalid',
    '/card/number',
  ],
  [
    'a card number too short for any',
    paymentBody(card({ number: '42424242' })),
    400,
    'card_number_invalid',
    '/card/number',
  ],
  [
    'a month that does not exist',
    paymentBody(card({ expiry_month: 13 })),
    400,
    'field_invalid',
    '/card/expiry_month',
  ],
  ['a month as text', paymentBody(card({ expiry_month: '12' })), 400, 'field_invalid', '/card/expiry_month'],
  ['a year of two digits', paymentBody(card({ expiry_year: 30 })), 400, 'field_invalid', '/card/expiry_year'],
  [
    'an expired card',
    paymentBody(card({ expiry_month: 1, expiry_year: 2021 })),
    400,
    'card_expired',
    '/card/expiry_month',
  ],
  ['a security code of letters', paymentBody(card({ cvv: 'abc' })), 400, 'field_invalid', '/card/cvv'],
  [
    'a security code too long for the scheme',
    paymentBody(card({ cvv: '1234' })),
    400,
    'field_invalid',
    '/card/cvv',
  ],
  ['an empty description', paymentBody({ description: '' }), 400, 'field_invalid', '/description'],
  ['a long description', paymentBody({ description: text(501) }), 400, 'field_invalid', '/description'],
  ['a NUL in a text', paymentBody({ description: 'a\u0000b' }), 400, 'field_invalid', '/description'],
  [
    'half a surrogate pair',
    '{"amount":1,"currency":"EUR","order_reference":"\\ud800"}',
    400,
    'field_invalid',
    '/order_reference',
  ],
  [
    'a line break in a reference',
    paymentBody({ order_reference: 'a\nb' }),
    400,
    'field_invalid',
    '/order_reference',
  ],
  [
    'a customer reference that is a number',
    paymentBody({ customer_reference: 7 }),
    400,
    'field_invalid',
    '/customer_reference',
  ],
  ['an address that is none', paymentBody({ ip_address: '300.1.1.1' }), 400, 'field_invalid', '/ip_address'],
  ['metadata that is a list', paymentBody({ metadata: [] }), 400, 'field_invalid', '/metadata'],
  [
    'a metadata value that is a number',
    paymentBody({ metadata: { cart: 7 } }),
    400,
    'field_invalid',
    '/metadata/cart',
  ],
  [
    'half a surrogate pair in metadata',
    paymentBody({ metadata: { cart: '\ud800' } }),
    400,
    'field_invalid',
    '/metadata/cart',
  ],
  [
    'a metadata name too long',
    paymentBody({ metadata: { [text(41)]: 'x' } }),
    400,
    'field_invalid',
    `/metadata/${text(41)}`,
  ],
  [
    'a metadata value too long',
    paymentBody({ metadata: { 'a/b': text(501) } }),
    400,
    'field_invalid',
    '/metadata/a~1b',
  ],
  [
    'too much metadata',
    paymentBody({ metadata: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`k${n}`, 'x'])) }),
    400,
    'field_invalid',
    '/metadata',
  ],
  [
    'metadata that reaches for the prototype',
    '{"amount":1,"currency":"EUR","metadata":{"__proto__":"x"}}',
    400,
    'field_unknown',
    '/metadata',
  ],
  [
    'authorize_by without a zone',
    paymentBody({ authorize_by: '2031-05-14T10:00:00' }),
    400,
    'field_invalid',
    '/authorize_by',
  ],
  [
    'authorize_by in the past',
    paymentBody({ authorize_by: '2021-05-14T10:00:00Z' }),
    400,
    'authorize_by_out_of_range',
    '/authorize_by',
  ],
  [
    'authorize_by too far away',
    paymentBody({ authorize_by: new Date(Date.now() + 16 * 60_000).toISOString() }),
    400,
    'authorize_by_out_of_range',
    '/authorize_by',
  ],
  ['a field nobody knows', paymentBody({ ammount: 1 }), 400, 'field_unknown', '/ammount'],
  [
    'a field nobody knows in the card',
    paymentBody(card({ name: 'A Person' })),
    400,
    'field_unknown',
    '/card/name',
  ],
  [
    'a card number in the description',
    paymentBody({ description: `card ${NUMBER}` }),
    400,
    'card_number_in_field',
    '/description',
  ],
  [
    'a card number behind a letter',
    paymentBody({ order_reference: `x${NUMBER}` }),
    400,
    'card_number_in_field',
    '/order_reference',
  ],
  [
    'a card number with dashes',
    paymentBody({ customer_reference: '4242-4242-4242-4242' }),
    400,
    'card_number_in_field',
    '/customer_reference',
  ],
  [
    'a card number in a metadata value',
    paymentBody({ metadata: { note: SPACED } }),
    400,
    'card_number_in_field',
    '/metadata/note',
  ],
  [
    'a card number as a metadata name',
    paymentBody({ metadata: { [NUMBER]: 'x' } }),
    400,
    'card_number_in_field',
    '/metadata',
  ],
  ['a card number as a field name', paymentBody({ [NUMBER]: 'x' }), 400, 'card_number_in_field', ''],
  [
    'a card number in a field nobody knows',
    paymentBody(card({ pan: NUMBER })),
    400,
    'card_number_in_field',
    '/card/pan',
  ],
  [
    'a security code in the metadata',
    paymentBody({ metadata: { cvv: '737' } }),
    400,
    'security_code_in_field',
    '/metadata/cvv',
  ],
  [
    'a security code in a metadata value',
    paymentBody({ metadata: { note: 'cvc: 737' } }),
    400,
    'security_code_in_field',
    '/metadata/note',
  ],
  [
    'a security code as a metadata name',
    paymentBody({ metadata: { 'cvv 737': 'x' } }),
    400,
    'security_code_in_field',
    '/metadata',
  ],
  [
    'a security code in the description',
    paymentBody({ description: 'cvv 737' }),
    400,
    'security_code_in_field',
    '/description',
  ],
  [
    'a security code under another name',
    paymentBody(card({ securityCode: '737' })),
    400,
    'security_code_in_field',
    '/card/securityCode',
  ],
  ['a security code beside the card', paymentBody({ cvv: '737' }), 400, 'security_code_in_field', '/cvv'],
];

const FOLLOW_UPS: readonly (readonly [path: string, ...Row])[] = [
  ['capture', 'amount zero', { amount: 0 }, 400, 'amount_invalid', '/amount'],
  ['capture', 'amount null', { amount: null }, 400, 'amount_invalid', '/amount'],
  ['capture', 'a currency', { currency: 'EUR' }, 400, 'field_unknown', '/currency'],
  ['void', 'an amount', { amount: 1 }, 400, 'field_unknown', '/amount'],
  ['void', 'an array', [], 400, 'field_invalid', ''],
  ['refunds', 'amount with a fraction', { amount: 0.1 }, 400, 'amount_invalid', '/amount'],
  ['refunds', 'a reason that is a number', { reason: 1 }, 400, 'field_invalid', '/reason'],
  [
    'refunds',
    'a card number as the reason',
    { reason: `refund to ${SPACED}` },
    400,
    'card_number_in_field',
    '/reason',
  ],
  [
    'refunds',
    'a security code in the reason',
    { reason: 'cvv2 was 1234' },
    400,
    'security_code_in_field',
    '/reason',
  ],
];

async function refused(
  path: string,
  body: unknown,
  status: number,
  code: string,
  param?: string,
): Promise<void> {
  const before = await api.rows();
  const staged = api.staged.length;
  const response = await api.post(path, { key, body });
  const answer = await response.text();
  const problem = JSON.parse(answer) as Record<string, unknown>;
  expect(problem, answer).toMatchObject({
    status,
    code,
    type: `/problems/${code}`,
    ...(param === undefined ? {} : { param }),
  });
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(problem['request_id']).toBe(response.headers.get('request-id'));
  if (param !== undefined)
    expect(problem['errors']).toContainEqual({ param, code, detail: problem['detail'] });
  expect(answer.replaceAll(/[ -]/g, '')).not.toContain(NUMBER);
  expect(await api.rows()).toEqual(before);
  expect(api.staged).toHaveLength(staged);
}

describe('POST /v1/payments', () => {
  for (const [what, ...expected] of CREATE) {
    it(`refuses ${what} and writes nothing`, () => refused('/v1/payments', ...expected));
  }

  it('takes texts that speak of a security code and tell none', async () => {
    const body = paymentBody({
      description: 'cvv check failed',
      metadata: { note: 'cvc: none', cid: 'c 12' },
    });
    createdPayment(await api.post('/v1/payments', { key, body }));
  });

  it('names every wrong field at once', async () => {
    const body = { amount: 0, currency: 'EURO', extra: 1 };
    const response = await api.post('/v1/payments', { key, body });
    const { errors } = (await response.json()) as { errors: { param: string }[] };
    expect(errors.map(({ param }) => param).sort()).toEqual(['/amount', '/card', '/currency', '/extra']);
  });

  it('never logs a body, a card number or a key', () => {
    const log = api.log.join('\n');
    expect(log).not.toContain(NUMBER);
    // In groups as well; one group alone may stand in any duration or id.
    expect(log).not.toMatch(/4242[ -]?4242/);
    expect(log).not.toContain(key);
  });
});

describe('POST /v1/payments/{id}/…', () => {
  for (const [path, what, ...expected] of FOLLOW_UPS) {
    it(`${path} refuses ${what} and writes nothing`, () =>
      refused(`/v1/payments/${payment}/${path}`, ...expected));
  }
});

describe('every request', () => {
  const expectProblem = async (response: Response, status: number, code: string): Promise<void> => {
    expect(await response.json()).toMatchObject({ status, code });
    expect(response.status).toBe(status);
    expect(response.headers.get('request-id')).toMatch(/^req_/);
  };

  it('needs an idempotency key to write', async () => {
    await expectProblem(
      await api.post('/v1/payments', { key, idempotencyKey: null, body: paymentBody() }),
      400,
      'idempotency_key_missing',
    );
    await expectProblem(
      await api.post('/v1/payments', { key, idempotencyKey: 'two words', body: paymentBody() }),
      400,
      'idempotency_key_invalid',
    );
    await expectProblem(
      await api.post('/v1/payments', { key, idempotencyKey: text(256), body: paymentBody() }),
      400,
      'idempotency_key_invalid',
    );
    await expectProblem(
      await api.post('/v1/payments', { key, idempotencyKey: NUMBER, body: paymentBody() }),
      400,
      'card_number_in_field',
    );
  });

  it('is told of its missing idempotency key before its bad body, and of its bad key before both', async () => {
    await expectProblem(
      await api.post('/v1/payments', { key, idempotencyKey: null, body: '{' }),
      400,
      'idempotency_key_missing',
    );
    await expectProblem(
      await api.post('/v1/payments', { key: 'sk_test_0000000000000000', idempotencyKey: null, body: '{' }),
      401,
      'api_key_invalid',
    );
  });

  it('needs a key that is known and in use', async () => {
    const none = await fetch(`${api.url}/v1/balances`);
    expect(none.headers.get('www-authenticate')).toContain('Bearer');
    await expectProblem(none, 401, 'api_key_missing');
    const basic = await fetch(`${api.url}/v1/balances`, { headers: { authorization: 'Basic c2tfdGVzdDo=' } });
    await expectProblem(basic, 401, 'api_key_invalid');
    const revoked = await api.addMerchant();
    await api.database.query('update api_keys set revoked_at = now() where merchant_id = $1', [
      revoked.merchant,
    ]);
    await expectProblem(await api.get('/v1/balances', revoked.key), 401, 'api_key_invalid');
  });

  it('must be JSON in UTF-8, uncompressed', async () => {
    const send = (headers: Record<string, string>): Promise<Response> =>
      api.post('/v1/payments', { key, body: paymentBody(), headers });
    await expectProblem(await send({ 'content-type': 'text/plain' }), 415, 'unsupported_media_type');
    await expectProblem(
      await send({ 'content-type': 'application/json; charset=utf-16' }),
      415,
      'unsupported_media_type',
    );
    await expectProblem(await send({ 'content-encoding': 'gzip' }), 415, 'unsupported_media_type');
  });

  it('is told where nothing is, and what an address takes', async () => {
    await expectProblem(await api.get('/v1/nothing', key), 404, 'route_not_found');
    await expectProblem(await api.get('/v1/payments/%E0%A4%A', key), 400, 'malformed_request');
    const wrong = await fetch(`${api.url}/v1/payments/${payment}`, { method: 'DELETE' });
    expect(wrong.headers.get('allow')).toBe('GET, HEAD');
    await expectProblem(wrong, 405, 'method_not_allowed');
    const list = await api.get(`/v1/payments/${payment}/void`, key);
    expect(list.headers.get('allow')).toBe('POST');
    await expectProblem(list, 405, 'method_not_allowed');
  });

  it('may not have headers without end', async () => {
    const response = await fetch(`${api.url}/healthz`, { headers: { 'x-long': text(20_000) } });
    await expectProblem(response, 431, 'headers_too_large');
  });
});
