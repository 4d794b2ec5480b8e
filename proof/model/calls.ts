import fc from 'fast-check';
import { expect } from 'vitest';
import type { World } from '../support/world.ts';
import { expectListed } from './books.ts';
import { CARD_NAMES, created, isUsable, numberOf, refusedAsSuch, type AskedPayment } from './cards.ts';
import { refundable, shown, type ModelPayment, type Step } from './payment.ts';
import { ask, expectAnswer, type Model } from './shop.ts';
import { amountOf, wish } from './wish.ts';

/** A call that a merchant can make; see fc.commands. */
type MerchantCall = fc.AsyncCommand<Model, World>;

/** Which of the payments made so far, counted from the newest; that one is asked most. */
const which = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.nat({ max: 3 }) },
);

function chosen(payments: readonly ModelPayment[], back: number): ModelPayment {
  const payment = payments[payments.length - 1 - (back % payments.length)];
  if (payment === undefined) throw new Error('there is no payment yet');
  return payment;
}

/** A call about a payment that there is. */
function about(
  name: string,
  back: number,
  asked: object,
  run: (model: Model, world: World, payment: ModelPayment) => Promise<void>,
): MerchantCall {
  return {
    check: ({ payments }) => payments.length > 0,
    run: (model, world) => run(model, world, chosen(model.payments, back)),
    toString: () => `${name}(${JSON.stringify({ back, ...asked })})`,
  };
}

const create: fc.Arbitrary<MerchantCall> = fc
  .record({
    card: fc.oneof(
      { weight: 6, arbitrary: fc.constant('good' as const) },
      { weight: 7, arbitrary: fc.constantFrom(...CARD_NAMES) },
    ),
    // Whole halves; and below what anybody looks at twice.
    amount: fc.integer({ min: 1, max: 2_400 }).map((half) => half * 2),
    currency: fc.constantFrom('EUR' as const, 'EUR' as const, 'JPY' as const, 'KWD' as const),
    capture: fc.constantFrom('manual' as const, 'manual' as const, 'automatic' as const, undefined),
    authorization_type: fc.constantFrom('pre' as const, 'final' as const, undefined),
    partial_approval: fc.constantFrom('allow' as const, 'refuse' as const, undefined),
  })
  .map((asked) => ({
    check: ({ uses }) => isUsable(asked.card, uses.get(asked.card) ?? 0),
    run: (model, world) =>
      asked.card === 'used too often' ? blocked(model, world, asked) : pay(model, world, asked),
    toString: () => `create(${JSON.stringify(asked)})`,
  }));

async function pay(
  model: Model,
  world: World,
  asked: AskedPayment,
  number = numberOf(asked.card, model.payments.length),
): Promise<void> {
  const { card: _, ...body } = asked;
  const request = {
    path: '/v1/payments',
    body: { ...body, card: { number, expiry_month: 12, expiry_year: 2034, cvv: '123' } },
  };
  const refused = refusedAsSuch(asked);
  if (refused !== null) {
    await expectAnswer(model, world, request, { status: refused.status, body: { code: refused.code } });
    return;
  }
  model.uses.set(asked.card, (model.uses.get(asked.card) ?? 0) + 1);
  const expected = created(asked);
  const { id: __, ...answer } = shown(model.rules, { ...expected, id: '' });
  const said = await expectAnswer(model, world, request, { status: 201, body: answer });
  model.payments.push({ ...expected, id: String(said.body['id']) });
}

/** A card that was used three times within a minute, and is now to pay a lot. */
async function blocked(model: Model, world: World, asked: AskedPayment): Promise<void> {
  const number = numberOf(asked.card, model.payments.length);
  const small: AskedPayment = {
    ...asked,
    card: 'good',
    amount: 2,
    capture: 'automatic',
    authorization_type: 'final',
  };
  await Promise.all(Array.from({ length: 3 }, () => pay(model, world, small, number)));
  await pay(model, world, { ...asked, currency: 'EUR', amount: 2_500_000 }, number);
}

const capture: fc.Arbitrary<MerchantCall> = fc
  .record({
    back: which,
    wished: wish,
    final: fc.constantFrom(true, false, undefined),
    address: fc.constantFrom('capture', 'captures'),
  })
  .map(({ back, wished, final, address }) =>
    about('capture', back, { wished, final, address }, (model, world, payment) => {
      const amount = amountOf(wished, payment.held);
      const body = { ...(amount === undefined ? {} : { amount }), ...(final === undefined ? {} : { final }) };
      return change(model, world, payment, address, body, 200, () =>
        model.rules.capture(payment, amount, final ?? address === 'captures'),
      );
    }),
  );

const voiding: fc.Arbitrary<MerchantCall> = which.map((back) =>
  about('void', back, {}, (model, world, payment) =>
    change(model, world, payment, 'void', {}, 200, () => model.rules.void(payment)),
  ),
);

const reauthorizing: fc.Arbitrary<MerchantCall> = which.map((back) =>
  about('reauthorize', back, {}, (model, world, payment) =>
    change(model, world, payment, 'reauthorize', {}, 200, () => model.rules.reauthorize(payment)),
  ),
);

const refund: fc.Arbitrary<MerchantCall> = fc.record({ back: which, wished: wish }).map(({ back, wished }) =>
  about('refund', back, { wished }, (model, world, payment) => {
    const amount = amountOf(wished, refundable(payment));
    return change(model, world, payment, 'refunds', amount === undefined ? {} : { amount }, 201, () =>
      model.rules.refund(payment, amount),
    );
  }),
);

const increment: fc.Arbitrary<MerchantCall> = fc
  .record({ back: which, amount: fc.integer({ min: 0, max: 1_000 }) })
  .map(({ back, amount }) => ({
    ...about('increment', back, { amount }, (model, world, payment) =>
      change(model, world, payment, 'increments', { amount }, 201, () =>
        model.rules.increment(payment, amount),
      ),
    ),
    // What becomes of half an increment is promised nowhere.
    check: ({ payments }: Readonly<Model>) =>
      payments.length > 0 && chosen(payments, back).authorized !== chosen(payments, back).amount / 2,
  }));

/** Asks something of a payment: what is amiss with the amount itself comes first, then what the rules say. */
async function change(
  model: Model,
  world: World,
  payment: ModelPayment,
  address: string,
  body: { readonly amount?: number; readonly final?: boolean },
  status: number,
  rule: () => Step,
): Promise<void> {
  const request = { path: `/v1/payments/${payment.id}/${address}`, body };
  const step: Step = body.amount === 0 ? { refusal: { status: 400, code: 'amount_invalid' } } : rule();
  if ('refusal' in step) {
    const { code } = step.refusal;
    await expectAnswer(model, world, request, { status: step.refusal.status, body: { code } });
    return;
  }
  const answer = status === 201 ? step.answer : shown(model.rules, step.payment);
  await expectAnswer(model, world, request, { status, body: answer });
  model.payments[model.payments.indexOf(payment)] = step.payment;
}

const repeat: fc.Arbitrary<MerchantCall> = fc
  .record({
    back: fc.nat({ max: 5 }),
    as: fc.constantFrom('it was', 'it was', 'another body', 'another address'),
  })
  .map(({ back, as }) => ({
    check: ({ answered }) => answered.length > 0,
    async run({ answered }, world) {
      const call = answered[answered.length - 1 - (back % answered.length)];
      if (call === undefined) throw new Error('nothing was answered yet');
      const { path, body, key, status, text } = call;
      if (as === 'it was') {
        const again = await world.post(path, body, { key, wait: 20 });
        expect(
          [again.status, again.text, again.headers.get('idempotency-replayed')],
          `${path} again`,
        ).toEqual([status, text, 'true']);
        return;
      }
      const other =
        as === 'another body' && !/(?:void|reauthorize)$/.test(path)
          ? { path, body: { ...body, amount: Number(body['amount'] ?? 0) + 1 } }
          : otherCall(path);
      const said = await ask(world, other.path, other.body, key);
      expect([said.status, said.body['code']], `${other.path} with the key of ${path}: ${said.text}`).toEqual(
        [422, 'idempotency_key_reused'],
      );
    },
    toString: () => `repeat(${JSON.stringify({ back, as })})`,
  }));

/** Something else of the same payment; after a creation, something else to create. */
function otherCall(path: string): { readonly path: string; readonly body: Record<string, unknown> } {
  if (path === '/v1/payments')
    return { path: '/v1/webhook-endpoints', body: { url: 'https://shop.example/hooks' } };
  const other = path.endsWith('/void') ? 'captures' : 'void';
  return { path: path.replace(/[a-z]+$/, other), body: {} };
}

const get: fc.Arbitrary<MerchantCall> = which.map((back) =>
  about('get', back, {}, async ({ rules }, world, payment) => {
    expect(await world.client.payments.get(payment.id, { 'expand[]': ['history'] })).toMatchObject(
      shown(rules, payment),
    );
  }),
);

const list: fc.Arbitrary<MerchantCall> = fc
  .constantFrom(null, 'authorized', 'captured', 'declined', 'partially_refunded')
  .map((status) => ({
    check: () => true,
    async run(model, world) {
      if (status === null) return expectListed(model, world);
      const { data } = await world.client.payments.list({ status, limit: 100 }).page();
      const expected = model.payments.filter((payment) => model.rules.status(payment) === status);
      expect(data.map(({ id }) => id).sort(), status).toEqual(expected.map(({ id }) => id).sort());
    },
    toString: () => `list(${status ?? ''})`,
  }));

/** Sequences of at most so many calls. What cannot be asked yet (a payment that does not exist) is passed over. */
export function sequences(calls: number): fc.Arbitrary<Iterable<MerchantCall>> {
  const often = [create, create, create, capture, capture, capture, refund, refund, refund];
  const all = [...often, voiding, voiding, reauthorizing, increment, increment, repeat, repeat, get, list];
  // The first ones would be the simplest ones: here there are few, and each is to be worth its time.
  return fc.noBias(fc.commands(all, { maxCommands: calls, size: 'max' }));
}
