import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectAgreement } from '../support/agreement.ts';
import { GOOD_CARD, idOf, openWorld, sale, until, type Answer, type World } from '../support/world.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: what the database would refuse (schema/*.stack.test.ts tries each in SQL) is refused
 * before, wherever a request can ask for it: with a status and a code, by name of the payment, and
 * without a trace in the payment, the books or at the acquirer. What is not here (an unbalanced
 * transaction, a change of what is posted, a closed account) no request can say.
 */
let world: World;

beforeEach(async () => {
  world = await openWorld(stackRunFile(), { singleMessage: false });
});
afterEach(async () => {
  await expectAgreement(world);
  await world.close();
});

const DECLINED_CARD = '4000000000000002';

/** Asks, and with the same key again while the answer is "processing". */
function ask(path: string, body: unknown, key: string = randomUUID()): Promise<Answer> {
  return until(
    `${path} is answered`,
    () => world.post(path, body, { key }),
    ({ status }) => status !== 202,
  );
}

async function done(path: string, body: unknown): Promise<void> {
  const answer = await ask(path, body);
  expect(answer.status, answer.text).toBeLessThan(300);
}

/** Payments of 50.00 EUR, each in a state of its own. */
const STATES = {
  authorized: async (): Promise<string> => {
    const created = await ask('/v1/payments', { ...sale(GOOD_CARD), capture: 'manual' });
    expect(created.body['status'], created.text).toBe('authorized');
    return idOf(created);
  },
  partially_captured: async (): Promise<string> => {
    const id = await STATES.authorized();
    await done(`/v1/payments/${id}/capture`, { amount: 3_000 });
    return id;
  },
  captured: async (): Promise<string> => {
    const id = await STATES.authorized();
    await done(`/v1/payments/${id}/capture`, {});
    return id;
  },
  partially_refunded: async (): Promise<string> => {
    const id = await STATES.captured();
    await done(`/v1/payments/${id}/refunds`, { amount: 2_000 });
    return id;
  },
  refunded: async (): Promise<string> => {
    const id = await STATES.captured();
    await done(`/v1/payments/${id}/refunds`, {});
    return id;
  },
  voided: async (): Promise<string> => {
    const id = await STATES.authorized();
    await done(`/v1/payments/${id}/void`, {});
    return id;
  },
  declined: async (): Promise<string> => {
    const created = await ask('/v1/payments', { ...sale(DECLINED_CARD), capture: 'manual' });
    expect(created.body['status'], created.text).toBe('declined');
    return idOf(created);
  },
} as const satisfies Record<string, () => Promise<string>>;
type State = keyof typeof STATES;

type Row = readonly [state: State, path: string, body: Record<string, unknown>, status: number, code: string];

const ROWS: Readonly<Record<string, readonly Row[]>> = {
  'no amount below one': [
    ['authorized', 'capture', { amount: -1 }, 400, 'amount_invalid'],
    ['authorized', 'capture', { amount: 0 }, 400, 'amount_invalid'],
    ['captured', 'refunds', { amount: -5_000 }, 400, 'amount_invalid'],
    ['captured', 'refunds', { amount: 0 }, 400, 'amount_invalid'],
  ],
  'no capture beyond what is authorized': [
    ['authorized', 'capture', { amount: 5_001 }, 422, 'capture_exceeds_authorized'],
    ['authorized', 'capture', { amount: 999_999_999_999 }, 422, 'capture_exceeds_authorized'],
    ['partially_captured', 'capture', { amount: 2_001 }, 422, 'capture_exceeds_authorized'],
  ],
  'no refund beyond what is captured': [
    ['captured', 'refunds', { amount: 5_001 }, 422, 'refund_exceeds_captured'],
    ['partially_captured', 'refunds', { amount: 3_001 }, 422, 'refund_exceeds_captured'],
    ['partially_refunded', 'refunds', { amount: 3_001 }, 422, 'refund_exceeds_captured'],
    ['refunded', 'refunds', { amount: 1 }, 422, 'refund_exceeds_captured'],
    ['refunded', 'refunds', {}, 422, 'refund_exceeds_captured'],
    ['authorized', 'refunds', { amount: 1 }, 409, 'payment_not_refundable'],
  ],
  'no step that the states forbid': [
    ['voided', 'capture', { amount: 1 }, 409, 'payment_not_capturable'],
    ['voided', 'refunds', { amount: 1 }, 409, 'payment_not_refundable'],
    ['voided', 'void', {}, 409, 'payment_not_voidable'],
    ['captured', 'capture', { amount: 1 }, 409, 'payment_not_capturable'],
    ['captured', 'void', {}, 409, 'payment_not_voidable'],
    ['refunded', 'capture', {}, 409, 'payment_not_capturable'],
    ['refunded', 'void', {}, 409, 'payment_not_voidable'],
    ['declined', 'capture', {}, 409, 'payment_not_capturable'],
    ['declined', 'void', {}, 409, 'payment_not_voidable'],
    ['declined', 'refunds', {}, 409, 'payment_not_refundable'],
  ],
  'no other currency than the payment’s': [
    ['authorized', 'capture', { amount: 100, currency: 'USD' }, 400, 'field_unknown'],
    ['captured', 'refunds', { amount: 100, currency: 'USD' }, 400, 'field_unknown'],
  ],
};

interface Trace {
  readonly payment: Record<string, unknown>;
  readonly transactions: readonly unknown[];
  readonly journal: number;
}

/** Everything that a step that was carried out would leave behind; the history alone may tell of a refusal. */
async function traceOf(id: string): Promise<Trace> {
  const { body } = await world.get(`/v1/payments/${id}`);
  const { history: _, version: __, ...payment } = body;
  return {
    payment,
    transactions: await world.sql(
      'select id, event from ledger_transactions where payment_id = $1 order by id',
      [id],
    ),
    journal: (await world.journal()).length,
  };
}

for (const [invariant, rows] of Object.entries(ROWS)) {
  describe(invariant, () => {
    it.each(rows)('%s: POST …/%s %j is %i %s', async (state, path, body, status, code) => {
      const id = await STATES[state]();
      const before = await traceOf(id);
      const refused = await ask(`/v1/payments/${id}/${path}`, body);
      expect([refused.status, refused.body['code']], refused.text).toEqual([status, code]);
      if (status !== 400) expect(refused.body['detail']).toEqual(expect.stringContaining(id));
      expect(await traceOf(id)).toEqual(before);
    });
  });
}

describe('no fact twice', () => {
  it.each([
    ['authorized', 'capture', { amount: 700 }, 'captured'],
    ['authorized', 'void', {}, 'voided'],
    ['captured', 'refunds', { amount: 700 }, 'refunded'],
  ] as const)(
    '%s: POST …/%s repeated with its key is answered with the same bytes',
    async (state, path, body, kind) => {
      const id = await STATES[state]();
      const journalled = async (): Promise<number> =>
        (await world.journal()).filter((entry) => entry.kind === kind).length;
      const before = await journalled();
      const key = randomUUID();
      const first = await ask(`/v1/payments/${id}/${path}`, body, key);
      const again = await Promise.all(
        Array.from({ length: 5 }, () => ask(`/v1/payments/${id}/${path}`, body, key)),
      );
      for (const { status, text } of again) expect([status, text]).toEqual([first.status, first.text]);
      expect(await journalled()).toBe(before + 1);
    },
  );

  it('a key that was used for another amount is refused, and nothing is done', async () => {
    const id = await STATES.captured();
    const key = randomUUID();
    await ask(`/v1/payments/${id}/refunds`, { amount: 700 }, key);
    const before = await traceOf(id);
    const other = await ask(`/v1/payments/${id}/refunds`, { amount: 800 }, key);
    expect([other.status, other.body['code']], other.text).toEqual([422, 'idempotency_key_reused']);
    expect(await traceOf(id)).toEqual(before);
  });
});

describe('no step on what has changed meanwhile', () => {
  it('everything at once on one payment: each decided on what the one before it left', async () => {
    const id = await STATES.authorized();
    const asked = [
      ...Array.from({ length: 6 }, () => ['capture', { amount: 1_500 }] as const),
      ...Array.from({ length: 4 }, () => ['refunds', { amount: 1_000 }] as const),
      ...Array.from({ length: 2 }, () => ['void', {}] as const),
    ];
    const answers = await Promise.all(asked.map(([path, body]) => ask(`/v1/payments/${id}/${path}`, body)));
    for (const { status, body, text } of answers.filter((answer) => answer.status >= 300)) {
      expect([409, 422], text).toContain(status);
      expect(body['detail'], text).toEqual(expect.stringContaining(id));
    }
    const count = (path: string): number =>
      answers.filter(({ status }, index) => status < 300 && asked[index]?.[0] === path).length;
    expect((await traceOf(id)).payment).toMatchObject({
      amount_captured: count('capture') * 1_500,
      amount_refunded: count('refunds') * 1_000,
    });
    const versions = await world.sql<{ version: number }>(
      'select version from payment_history where payment_id = $1 order by version',
      [id],
    );
    expect(versions.map(({ version }) => version)).toEqual(versions.map((_, index) => index + 1));
  });

  it('another merchant’s payment does not exist', async () => {
    const id = await STATES.captured();
    const other = await openWorld(stackRunFile());
    const asked = await other.post(`/v1/payments/${id}/refunds`, { amount: 1 });
    await other.close();
    expect([asked.status, asked.body['code']], asked.text).toEqual([404, 'payment_not_found']);
  });
});
