import { afterEach, describe, expect, it } from 'vitest';
import { answer, cut, half, problem, scriptedServer, type Step } from './testing/scripted-server.ts';
import {
  ConnectionError,
  createClient,
  isProblem,
  isProcessing,
  ProblemError,
  StillProcessingError,
  UnexpectedAnswerError,
} from './index.ts';

// The promise: whatever happens to a connection, what a merchant asked for is asked for once.

const FAST = { attempts: 8, firstPauseMs: 1, longestPauseMs: 4 };
const BODY = { amount: 4_200, currency: 'EUR', card_token: 'ctok_1' } as const;
const PAYMENT = { id: 'pay_1', object: 'payment', status: 'captured' };

let open: Awaited<ReturnType<typeof scriptedServer>> | null = null;
afterEach(async () => {
  await open?.close();
  open = null;
});

async function against(...script: readonly Step[]) {
  const server = await scriptedServer(...script);
  open = server;
  return { server, client: createClient({ baseUrl: server.url, apiKey: 'sk_test_1', retries: FAST }) };
}

describe('a create', () => {
  it('is sent again with the same key and the same body, whatever became of the connection', async () => {
    const { server, client } = await against(
      cut,
      half,
      problem(503, 'service_unavailable', { 'retry-after': '0' }),
      problem(429, 'service_unavailable', { 'retry-after': '0' }),
      problem(409, 'operation_pending', { 'retry-after': '0' }),
      answer(502, undefined, { 'content-type': 'text/html' }),
      answer(201, PAYMENT),
    );
    await expect(client.payments.create(BODY)).resolves.toEqual(PAYMENT);
    expect(server.arrived).toHaveLength(7);
    const [first] = server.arrived;
    expect(first?.headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/);
    expect(JSON.parse(first?.body ?? '')).toEqual(BODY);
    for (const repeat of server.arrived) {
      expect(repeat.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
      expect(repeat.body).toBe(first?.body);
      expect([repeat.method, repeat.url]).toEqual(['POST', '/v1/payments']);
    }
  });

  it('keeps the key that it is given, and another one has another', async () => {
    const { server, client } = await against(cut, answer(201, PAYMENT));
    await client.payments.create(BODY, { idempotencyKey: 'order-7' });
    await client.payments.create(BODY);
    const keys = server.arrived.map(({ headers }) => headers['idempotency-key']);
    expect(keys.slice(0, 2)).toEqual(['order-7', 'order-7']);
    expect(keys[2]).not.toBe('order-7');
  });

  it('sends the bytes of the first attempt, also when the caller changes its object meanwhile', async () => {
    const changing: { amount: number; currency: string; card_token: string } = { ...BODY };
    const { server, client } = await against(
      (response, request) => {
        changing.amount = 9_999;
        cut(response, request);
      },
      answer(201, PAYMENT),
    );
    await client.payments.create(changing);
    expect(server.arrived.map(({ body }) => (JSON.parse(body) as typeof BODY).amount)).toEqual([
      4_200, 4_200,
    ]);
  });

  it('asks for the version that the client was made for', async () => {
    const server = await scriptedServer(answer(201, PAYMENT));
    open = server;
    await createClient({ baseUrl: server.url, apiKey: 'sk_test_1', version: '2026-05-01' }).payments.create(
      BODY,
    );
    expect(server.arrived[0]?.headers['quittance-version']).toBe('2026-05-01');
  });

  it('that is never answered ends with its key, and says that it may have been done', async () => {
    const { server, client } = await against(cut);
    const error = await client.payments.create(BODY).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConnectionError);
    const { idempotencyKey, message } = error as ConnectionError;
    expect(idempotencyKey).toBe(server.arrived[0]?.headers['idempotency-key']);
    expect(message).toContain('may have been done');
    expect(server.arrived).toHaveLength(FAST.attempts);
  });

  it('that the API refuses is not sent again, and its problem has its code, field and request id', async () => {
    const { server, client } = await against(
      answer(400, {
        ...{ type: '/problems/amount_invalid', title: 'x', status: 400, code: 'amount_invalid' },
        ...{ detail: '/amount must be at least 1', param: '/amount', request_id: 'req_7' },
      }),
    );
    const error = await client.payments.create(BODY).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProblemError);
    expect(isProblem(error, 'amount_invalid')).toBe(true);
    expect(error).toMatchObject({ status: 400, param: '/amount', requestId: 'req_7' });
    expect(server.arrived).toHaveLength(1);
  });

  it('that contradicts what is there (409) is final unless the answer says when to come back', async () => {
    const { server, client } = await against(problem(409, 'payment_not_capturable'));
    await expect(client.payments.capture('pay_1')).rejects.toMatchObject({ code: 'payment_not_capturable' });
    expect(server.arrived).toHaveLength(1);
  });

  it('is not kept waiting for a server that asks for more patience than is agreed', async () => {
    const { server, client } = await against(problem(429, 'too_many_statements', { 'retry-after': '3600' }));
    await expect(client.payments.create(BODY)).rejects.toMatchObject({ retryAfterMs: 3_600_000 });
    expect(server.arrived).toHaveLength(1);
  });

  it.each([
    ['no answer', cut],
    ['half an answer', half],
    ['a gateway’s error', answer(502, undefined, { 'content-type': 'text/html' })],
    ['service_unavailable', problem(503, 'service_unavailable', { 'retry-after': '0' })],
  ])('whose repeat is refused after %s was not refused: it may have been done', async (_what, first) => {
    const { server, client } = await against(first, problem(429, 'rate_limited', { 'retry-after': '3600' }));
    const error = await client.payments.create(BODY).catch((thrown: unknown) => thrown);
    expect(server.arrived).toHaveLength(2);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({
      idempotencyKey: server.arrived[0]?.headers['idempotency-key'],
      message: expect.stringContaining('may have been done by an earlier attempt') as string,
      cause: { code: 'rate_limited', retryAfterMs: 3_600_000 },
    });
  });

  it('that is refused after refusals alone, or after an attempt that its key was looked at for, is refused', async () => {
    const { client } = await against(
      problem(429, 'rate_limited', { 'retry-after': '0' }),
      problem(503, 'overloaded', { 'retry-after': '0' }),
      problem(429, 'rate_limited', { 'retry-after': '3600' }),
    );
    await expect(client.payments.create(BODY)).rejects.toMatchObject({ code: 'rate_limited' });
    await open?.close();
    const { client: another } = await against(cut, problem(400, 'amount_invalid'));
    await expect(another.payments.create(BODY)).rejects.toMatchObject({ code: 'amount_invalid' });
  });

  it('that its caller ends is not sent again', async () => {
    const ending = new AbortController();
    const { server, client } = await against(() => {
      ending.abort();
    });
    const error = await client.payments
      .create(BODY, { signal: ending.signal })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(server.arrived).toHaveLength(1);
    expect(error).toMatchObject({
      idempotencyKey: server.arrived[0]?.headers['idempotency-key'],
      message: expect.stringContaining('may have been done') as string,
      cause: ending.signal.reason as unknown,
    });
  });

  it('that its caller ends between two attempts has its key, too; one that was never sent has none', async () => {
    const ending = new AbortController();
    const server = await scriptedServer(cut);
    open = server;
    const client = createClient({
      baseUrl: server.url,
      apiKey: 'sk_test_1',
      retries: { firstPauseMs: 60_000, longestPauseMs: 60_000 },
      onRetry: () => {
        ending.abort();
      },
    });
    const create = () => client.payments.create(BODY, { idempotencyKey: 'order-7', signal: ending.signal });
    await expect(create()).rejects.toMatchObject({ name: 'ConnectionError', idempotencyKey: 'order-7' });
    await expect(create()).rejects.toBe(ending.signal.reason);
    expect(server.arrived).toHaveLength(1);
  });
});

describe('an answer', () => {
  it('of something that is not this API is not taken for one', async () => {
    const { client } = await against(answer(200, undefined, { 'content-type': 'text/html' }));
    await expect(client.payments.get('pay_1')).rejects.toBeInstanceOf(UnexpectedAnswerError);
  });

  it('that points elsewhere is not followed: neither the request nor the key goes there', async () => {
    const { server, client } = await against(answer(302, PAYMENT, { location: '/v1/payments/pay_1' }));
    await expect(client.payments.create(BODY, { idempotencyKey: 'order-7' })).rejects.toMatchObject({
      name: 'UnexpectedAnswerError',
      status: 302,
      idempotencyKey: 'order-7',
    });
    expect(server.arrived).toHaveLength(1);
  });

  it('to a delete that was done by an attempt whose answer was lost is: it is gone', async () => {
    const { client } = await against(cut, problem(404, 'webhook_endpoint_not_found'));
    await expect(client.webhookEndpoints.delete('whe_1')).resolves.toBeUndefined();
  });

  it.each([
    ['the first delete', []],
    ['a delete whose earlier attempt did nothing', [problem(429, 'rate_limited')]],
  ] as const)('to %s of what is not there is a problem', async (_, before) => {
    const { client } = await against(...before, problem(404, 'webhook_endpoint_not_found'));
    await expect(client.webhookEndpoints.delete('whe_1')).rejects.toMatchObject({ status: 404 });
  });
});

describe('a list', () => {
  const ids = Array.from({ length: 7 }, (_, place) => ({ id: `pay_${9 - place}` }));
  /** Pages as the API cuts them. */
  const pages: Step = (response, request) => {
    const query = new URL(request.url, 'http://x').searchParams;
    const limit = Number(query.get('limit') ?? 20);
    const [after, before] = [query.get('starting_after'), query.get('ending_before')];
    const rest =
      before === null
        ? ids.slice(after === null ? 0 : ids.findIndex(({ id }) => id === after) + 1)
        : ids.slice(
            0,
            ids.findIndex(({ id }) => id === before),
          );
    const data = before === null ? rest.slice(0, limit) : rest.slice(-limit);
    answer(200, { object: 'list', data, has_more: rest.length > limit })(response, request);
  };
  const read = async (list: AsyncIterable<{ readonly id: string }>): Promise<string[]> => {
    const read: string[] = [];
    for await (const { id } of list) read.push(id);
    return read;
  };

  it('is read page by page, each item once, with its filters on every page', async () => {
    const { server, client } = await against(pages);
    const list = client.payments.list({
      limit: 3,
      status: 'captured',
      created: { gte: '2026-01-01T00:00:00Z' },
    });
    expect(await read(list)).toEqual(ids.map(({ id }) => id));
    expect(server.arrived).toHaveLength(3);
    for (const { url } of server.arrived) {
      expect(url).toContain('status=captured');
      expect(decodeURIComponent(url)).toContain('created[gte]=2026-01-01T00:00:00Z');
    }
  });

  it('is read from an item on to the newer ones', async () => {
    const { client } = await against(pages);
    expect(await read(client.payments.list({ limit: 2, ending_before: 'pay_4' }))).toEqual([
      'pay_5',
      'pay_6',
      'pay_7',
      'pay_8',
      'pay_9',
    ]);
  });

  it('reads no page more than is taken', async () => {
    const { server, client } = await against(pages);
    expect(await client.payments.list({ limit: 2 }).take(4)).toHaveLength(4);
    expect(server.arrived).toHaveLength(2);
  });
});

describe('a payment that is processing', () => {
  const processing = {
    ...PAYMENT,
    status: 'processing',
    pending: { id: 'auth_1', object: 'authorization' },
    next_poll_after: new Date().toISOString(),
  };

  it('is looked at until it is known', async () => {
    const { server, client } = await against(
      answer(202, processing),
      answer(200, { ...PAYMENT, status: 'processing' }),
      cut,
      answer(200, PAYMENT),
    );
    const created = await client.payments.create(BODY);
    expect(isProcessing(created)).toBe(true);
    if (!isProcessing(created)) return;
    const known = await client.payments.wait(created, { pauseMs: 1 });
    expect(known.status).toBe('captured');
    expect(server.arrived.map(({ method }) => method)).toEqual(['POST', 'GET', 'GET', 'GET']);
  });

  it('with an operation that is pending is looked at until that one is known', async () => {
    const captures = (...statuses: string[]) => ({
      ...PAYMENT,
      captures: statuses.map((status) => ({ id: 'cap_1', status })),
    });
    const { server, client } = await against(
      answer(200, captures()),
      answer(200, captures('pending')),
      answer(200, captures('succeeded')),
    );
    await client.payments.wait(
      {
        id: 'pay_1',
        pending: { id: 'cap_1', object: 'capture' },
        next_poll_after: processing.next_poll_after,
      },
      { pauseMs: 1 },
    );
    expect(server.arrived).toHaveLength(3);
  });

  it('longer than its caller waits is neither yes nor no', async () => {
    const { client } = await against(answer(200, { ...PAYMENT, status: 'processing' }));
    const error = await client.payments
      .wait('pay_1', { pauseMs: 1, deadlineMs: 20 })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StillProcessingError);
    expect((error as Error).message).toContain('not known yet');
  });
});
