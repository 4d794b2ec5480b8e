import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';
import { paymentBody, startTestApi, type TestApi } from './testing/test-api.ts';

// Customers over HTTP: made once, told from each other by the merchant's own name, and nobody when they are deleted.

const PATH = '/v1/customers';
let api: TestApi;
let key: string;

beforeAll(async () => {
  api = await startTestApi(stackRunFile(), { waitMs: 0 });
  ({ key } = await api.addMerchant());
});
afterAll(() => api.close());

interface Told {
  readonly status: number;
  readonly text: string;
  readonly body: Record<string, unknown>;
  readonly replayed: string | null;
}
async function told(asked: Promise<Response>): Promise<Told> {
  const response = await asked;
  const text = await response.text();
  const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
  return { status: response.status, text, body, replayed: response.headers.get('idempotency-replayed') };
}
const post = (path: string, body: unknown, idempotencyKey: string = randomUUID()): Promise<Told> =>
  told(api.post(path, { key, body, idempotencyKey }));
const get = (path: string, by = key): Promise<Told> => told(api.get(path, by));
const ADA = { reference: 'customer-77', name: 'Ada', email: 'ada@shop.example', metadata: { tier: 'gold' } };

it('a customer is made once, changed in what is sent, and found by its reference, by its merchant alone', async () => {
  const once = randomUUID();
  const made = await post(PATH, ADA, once);
  expect([made.status, made.body]).toEqual([
    201,
    { id: made.body['id'], object: 'customer', mode: 'test', created: made.body['created'], ...ADA },
  ]);
  const path = `${PATH}/${made.body['id'] as string}`;
  expect(await post(PATH, ADA, once)).toMatchObject({ status: 201, text: made.text, replayed: 'true' });

  const taken = await post(PATH, { reference: ADA.reference });
  expect([taken.status, taken.body['code'], taken.body['param']]).toEqual([
    409,
    'customer_reference_taken',
    '/reference',
  ]);
  const nobody = await post(PATH, {});
  expect(nobody.body).toMatchObject({ reference: null, name: null, email: null, metadata: {} });
  const other = `${PATH}/${nobody.body['id'] as string}`;
  expect((await post(other, { reference: ADA.reference })).body['code']).toBe('customer_reference_taken');

  const changed = await post(path, { email: 'ada@other.example', metadata: {} });
  expect(changed.body).toEqual({ ...made.body, email: 'ada@other.example', metadata: {} });
  expect((await get(path)).text).toBe(changed.text);
  expect((await get(`${PATH}?reference=${ADA.reference}`)).body).toEqual({
    object: 'list',
    data: [changed.body],
    has_more: false,
  });
  expect((await get(`${PATH}?limit=1`)).body).toEqual({
    object: 'list',
    data: [nobody.body],
    has_more: true,
  });

  const { key: stranger } = await api.addMerchant();
  const theirs = await told(api.post(PATH, { key: stranger, body: ADA }));
  expect(theirs.status).toBe(201);
  expect((await get(`${PATH}?reference=${ADA.reference}`, stranger)).body['data']).toEqual([theirs.body]);
  expect((await get(path, stranger)).body['code']).toBe('customer_not_found');
});

it('asked for by eight at once with one reference and key is one; with eight keys one is made and seven are told', async () => {
  const reference = 'at-once';
  const once = randomUUID();
  const same = await Promise.all(Array.from({ length: 8 }, () => post(PATH, { reference }, once)));
  expect(new Set(same.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  expect(same[0]?.status).toBe(201);
  const others = await Promise.all(
    Array.from({ length: 8 }, () => post(PATH, { reference: 'another', name: 'x' })),
  );
  expect(others.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409, 409, 409]);
});

it('refuses card numbers and security codes in its fields, and keeps nothing of them', async () => {
  for (const [field, value, code] of [
    ['name', 'Ada 4242 4242 4242 4242', 'card_number_in_field'],
    ['reference', '4242424242424242', 'card_number_in_field'],
    ['metadata', { note: 'cvv 123' }, 'security_code_in_field'],
  ] as const) {
    const refused = await post(PATH, { [field]: value });
    expect([refused.status, refused.body['code']], field).toEqual([400, code]);
  }
  expect((await post(PATH, { email: 'nobody' })).body['param']).toBe('/email');
});

it('is named by payments, which are listed by it, and go on naming it when it is nobody any more', async () => {
  const { body: customer } = await post(PATH, { ...ADA, reference: 'deleted-later' });
  const id = customer['id'] as string;
  const once = randomUUID();
  const paid = await post('/v1/payments', paymentBody({ customer: id, customer_reference: 'own' }), once);
  expect([paid.status, paid.body['customer'], paid.body['customer_reference']]).toEqual([202, id, 'own']);
  expect((await post('/v1/payments', paymentBody())).body['customer']).toBeNull();
  const listed = async (): Promise<unknown> => {
    const { data } = (await get(`/v1/payments?customer=${id}`)).body as { data: { id: string }[] };
    return data.map((payment) => payment.id);
  };
  expect(await listed()).toEqual([paid.body['id']]);
  expect((await get(`/v1/payments?customer_reference=own`)).body['data']).toHaveLength(1);

  const { key: stranger } = await api.addMerchant();
  const stolen = await told(api.post('/v1/payments', { key: stranger, body: paymentBody({ customer: id }) }));
  expect([stolen.status, stolen.body['code'], stolen.body['param']]).toEqual([
    404,
    'customer_not_found',
    '/customer',
  ]);

  for (let times = 0; times < 2; times += 1)
    expect((await api.delete(`${PATH}/${id}`, key)).status).toBe(204);
  const { rows } = await api.database.query(
    'select reference, name, email, metadata, deleted_at is not null as deleted from customers where id = $1',
    [id],
  );
  expect(rows).toEqual([{ reference: null, name: null, email: null, metadata: {}, deleted: true }]);
  const gone = await get(`${PATH}/${id}`);
  expect([gone.status, gone.body['code']]).toEqual([410, 'customer_deleted']);
  expect((await post(`${PATH}/${id}`, { name: 'Ada' })).status).toBe(410);
  expect((await get(PATH)).text).not.toContain(id);
  // Who reads page by page goes on behind one that was deleted meanwhile.
  expect((await get(`${PATH}?starting_after=${id}`)).status).toBe(200);
  expect((await post('/v1/payments', paymentBody({ customer: id }))).body['code']).toBe('customer_deleted');
  // What was taken before is answered as ever, and its payment is still found.
  const again = await post('/v1/payments', paymentBody({ customer: id, customer_reference: 'own' }), once);
  expect([again.status, again.body['id']]).toEqual([202, paid.body['id']]);
  expect(await listed()).toEqual([paid.body['id']]);
  // Its reference is free again.
  expect((await post(PATH, { reference: 'deleted-later' })).status).toBe(201);
});
