import type { z } from 'zod';
import { newId } from '../../platform/new-id.ts';
import { money } from '../../workflows/domain/money.ts';
import {
  authorizationIdOf,
  isId,
  type CustomerId,
  type PaymentId,
  type StagingId,
} from '../../workflows/domain/ids.ts';
import { awaitAnswer, readAnswer, type AnswerOptions } from '../answers.ts';
import type { Call, Reply, Route } from '../call.ts';
import { COMPONENTS } from '../contract/components.ts';
import type { AnswerContract, OperationContract } from '../contract/contract.ts';
import { route, type Taken } from '../contract/route.ts';
import { fingerprintOf } from '../idempotency.ts';
import { waitOf } from '../prefer.ts';
import { POLL_AFTER_S, processingBody } from '../processing.ts';
import { readPaymentDetails } from '../payment-details.ts';
import { readCustomer } from '../customers.ts';
import { Problem, type ProblemCode } from '../problem.ts';
import {
  acceptFollowUp,
  acceptPayment,
  isKnownKey,
  paymentNotFound,
  type Accepted,
  type FollowUp,
  type NewRequest,
} from '../requests.ts';
import {
  authorizeByOf,
  capturePayment,
  createPayment,
  incrementPayment,
  reauthorizePayment,
  refundPayment,
  refuseFaults,
  timeFaults,
  voidPayment,
} from '../schemas/payments.ts';
import { expandPayment } from '../schemas/payment-queries.ts';
import { stageCard, type StagingOptions } from '../stage-card.ts';

export interface PaymentRoutesOptions extends Omit<AnswerOptions, 'database'>, StagingOptions {
  /** Keys the fingerprints of requests. */
  readonly fingerprintSecret: string;
  /** How long a POST waits for its answer where it does not say (ms). */
  readonly waitMs: number;
}

const PAYMENT = '/v1/payments/:payment';
const NO_STAGING = '' as StagingId;

const WITH_PAYMENT: AnswerContract = { description: 'The payment as it is now.', schema: COMPONENTS.Payment };
const PROCESSING: AnswerContract = {
  description: 'Taken, and its outcome is not known yet: ask for the payment again after `next_poll_after`.',
  schema: COMPONENTS.ProcessingPayment,
};
/** What is asked of a payment that exists. */
const FOLLOW_UP = ['payment_not_found', 'operation_pending'] as const satisfies readonly ProblemCode[];

export function paymentRoutes(options: PaymentRoutesOptions): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/payments',
      id: 'createPayment',
      scope: 'payments',
      callClass: 'create',
      tag: 'Payments',
      summary: 'Create a payment',
      description:
        'Authorizes the card, and captures at once unless `capture` is `manual`. A decline is a payment with status `declined`, not an error.',
      waits: true,
      body: {
        name: 'CreatePayment',
        schema: createPayment,
        example: {
          amount: 5_000,
          currency: 'EUR',
          capture: 'manual',
          card: { number: '4242424242424242', expiry_month: 12, expiry_year: 2034, cvv: '123' },
          order_reference: 'order-1001',
          metadata: { cart: 'c-77' },
        },
      },
      answers: { 201: WITH_PAYMENT, 202: PROCESSING },
      problems: [
        'amount_invalid',
        'currency_invalid',
        'card_number_invalid',
        'card_expired',
        'card_token_unknown',
        'card_token_used',
        'stored_card_deleted',
        'authorize_by_out_of_range',
        'customer_not_found',
        'customer_deleted',
      ],
      handle: (call) => create(options, call),
    }),
    route({
      method: 'GET',
      path: PAYMENT,
      id: 'getPayment',
      tag: 'Payments',
      summary: 'Get a payment',
      description:
        'With its history, attempts, routing decisions and ledger entries, all as of one moment; with `expand[]` only with those that it names.',
      query: expandPayment,
      answers: { 200: { description: 'The payment.', schema: COMPONENTS.PaymentDetails } },
      problems: ['payment_not_found'],
      handle: (call) => show(options, call),
    }),
    route({
      method: 'POST',
      path: `${PAYMENT}/increments`,
      id: 'incrementPayment',
      scope: 'payments',
      tag: 'Payments',
      summary: 'Add to what is held',
      description:
        'What is added, not the new total. Only for a payment with `authorization_type` `pre`. A failed increment leaves the old amount held.',
      waits: true,
      body: { name: 'IncrementPayment', schema: incrementPayment, example: { amount: 700 } },
      answers: {
        201: { description: 'The increment: succeeded or failed.', schema: COMPONENTS.Increment },
        202: PROCESSING,
      },
      problems: [
        ...FOLLOW_UP,
        'amount_invalid',
        'payment_not_incrementable',
        'authorization_expired',
        'review_open',
        'increment_exceeds_limit',
        'not_possible_at_acquirer',
      ],
      handle: (call) => followUp(options, call, 'inc', { kind: 'increment', amount: call.body.amount }),
    }),
    // The last capture, unless it says that more will come; and for those who capture in parts, the
    // other way round. docs/api.md says which is for whom.
    captureRoute(options, {
      path: `${PAYMENT}/captures`,
      id: 'capturePayment',
      summary: 'Capture, and give back the rest',
      description:
        'Takes `amount`, all that is held unless it says, and releases what is left: `final` is true unless it says otherwise.',
      finalUnlessSaid: true,
    }),
    captureRoute(options, {
      path: `${PAYMENT}/capture`,
      id: 'capturePart',
      summary: 'Capture a part',
      description: 'The same for those who capture in parts: `final` is false unless it says otherwise.',
      finalUnlessSaid: false,
    }),
    route({
      method: 'POST',
      path: `${PAYMENT}/reauthorize`,
      id: 'reauthorizePayment',
      scope: 'payments',
      tag: 'Payments',
      summary: 'Renew an authorization',
      description:
        'For a payment of which nothing was captured, near its `capture_before` or after it expired. The old authorization is reversed first; there are never two.',
      waits: true,
      body: { name: 'ReauthorizePayment', schema: reauthorizePayment, example: {} },
      answers: { 200: WITH_PAYMENT, 202: PROCESSING },
      problems: [
        ...FOLLOW_UP,
        'payment_not_reauthorizable',
        'review_open',
        'void_refused',
        'not_possible_at_acquirer',
      ],
      handle: (call) => followUp(options, call, 'rea', { kind: 'reauthorize' }),
    }),
    route({
      method: 'POST',
      path: `${PAYMENT}/void`,
      id: 'voidPayment',
      scope: 'payments',
      tag: 'Payments',
      summary: 'Give back all that is held',
      description: 'Releases what is not captured yet. A payment that is still being authorized is undone.',
      waits: true,
      body: { name: 'VoidPayment', schema: voidPayment, example: {} },
      answers: { 200: WITH_PAYMENT, 202: PROCESSING },
      problems: [
        ...FOLLOW_UP,
        'payment_not_voidable',
        'authorization_expired',
        'void_refused',
        'review_open',
        'not_possible_at_acquirer',
      ],
      handle: (call) => followUp(options, call, 'void', { kind: 'void' }),
    }),
    route({
      method: 'POST',
      path: `${PAYMENT}/refunds`,
      id: 'refundPayment',
      scope: 'refunds',
      tag: 'Payments',
      summary: 'Give back what was captured',
      description: 'Without an amount: all that is still refundable.',
      waits: true,
      body: {
        name: 'RefundPayment',
        schema: refundPayment,
        example: { amount: 1_000, reason: 'one item was returned' },
      },
      answers: {
        201: { description: 'The refund: succeeded or failed.', schema: COMPONENTS.Refund },
        202: PROCESSING,
      },
      problems: [
        ...FOLLOW_UP,
        'amount_invalid',
        'payment_not_refundable',
        'refund_exceeds_captured',
        'not_possible_at_acquirer',
      ],
      handle: (call) => {
        const { amount, reason } = call.body;
        return followUp(options, call, 'ref', {
          kind: 'refund',
          amount: amount ?? null,
          reason: reason ?? null,
        });
      },
    }),
  ];
}

interface CaptureWish extends Pick<OperationContract, 'id' | 'summary' | 'description'> {
  readonly path: string;
  readonly finalUnlessSaid: boolean;
}

function captureRoute(options: PaymentRoutesOptions, { finalUnlessSaid, ...wish }: CaptureWish): Route {
  return route({
    ...wish,
    method: 'POST',
    scope: 'payments',
    tag: 'Payments',
    waits: true,
    body: { name: 'CapturePayment', schema: capturePayment, example: { amount: 3_000 } },
    answers: { 200: WITH_PAYMENT, 202: PROCESSING },
    problems: [
      ...FOLLOW_UP,
      'amount_invalid',
      'payment_not_capturable',
      'authorization_expired',
      'review_open',
      'capture_exceeds_authorized',
      'not_possible_at_acquirer',
    ],
    handle: (call) => {
      const { amount, final } = call.body;
      return followUp(options, call, 'cap', {
        kind: 'capture',
        amount: amount ?? null,
        final: final ?? finalUnlessSaid,
      });
    },
  });
}

async function create(
  options: PaymentRoutesOptions,
  call: Taken<z.ZodType, typeof createPayment>,
): Promise<Reply> {
  const { database, fingerprintSecret } = options;
  const { credential, idempotencyKey, raw, body } = call;
  const now = options.now();
  const faults = timeFaults(body, now);
  // A repeat of what was in time is answered as it was, however late it comes.
  if (faults.length > 0 && !(await isKnownKey(database, credential, idempotencyKey))) refuseFaults(faults);

  if (body.customer !== undefined) await mustBeCustomer(options, call, body.customer);
  const staged = await stageCard(options, credential, idempotencyKey, body);

  const payment = newId('pay');
  const request: NewRequest = {
    credential,
    idempotencyKey,
    fingerprint: fingerprintOf(fingerprintSecret, {
      route: call.route,
      path: {},
      body: raw,
      // A token stands for its card, and is in the body.
      card: body.card === undefined ? null : staged,
    }),
    payment,
    command: newId('cmd'),
    operation: authorizationIdOf(payment),
  };
  const accepted = await acceptPayment(database, request, {
    amount: money(body.amount, body.currency),
    capture: body.capture,
    partialApproval: body.partial_approval,
    // Only of a known key there is none, and then nothing is written.
    staging: staged?.staging ?? NO_STAGING,
    authorizeBy: authorizeByOf(body, now),
    authorizationType: body.authorization_type,
    description: body.description ?? null,
    orderReference: body.order_reference ?? null,
    customerReference: body.customer_reference ?? null,
    customer: body.customer ?? null,
    ipAddress: body.ip_address ?? null,
    metadata: body.metadata,
  });
  return answer(options, call, accepted, { location: `/v1/payments/${accepted.payment}` });
}

/** Of a repeat it is not asked: what was accepted keeps its answer, also after the customer is deleted. */
async function mustBeCustomer(
  { database }: PaymentRoutesOptions,
  { credential, idempotencyKey }: Taken<z.ZodType, typeof createPayment>,
  id: CustomerId,
): Promise<void> {
  try {
    await readCustomer(database, credential, id);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (await isKnownKey(database, credential, idempotencyKey)) return;
    const { code, message: detail } = error;
    throw new Problem(code, detail, { errors: [{ code, param: '/customer', detail }] });
  }
}

async function followUp(
  options: PaymentRoutesOptions,
  call: Taken<z.ZodType, z.ZodType>,
  prefix: 'rea' | 'inc' | 'cap' | 'void' | 'ref',
  asked: FollowUp,
): Promise<Reply> {
  const { database, fingerprintSecret } = options;
  const { credential, idempotencyKey, raw } = call;
  const payment = paymentOf(call);
  const request: NewRequest = {
    credential,
    idempotencyKey,
    fingerprint: fingerprintOf(fingerprintSecret, {
      route: call.route,
      path: { payment },
      body: raw,
      card: null,
    }),
    payment,
    command: newId('cmd'),
    operation: newId(prefix),
  };
  return answer(options, call, await acceptFollowUp(database, request, asked), {});
}

/** The command's own words when they come in time, else 202 and where the payment stands. */
async function answer(
  options: PaymentRoutesOptions,
  call: Call,
  accepted: Accepted,
  headers: Readonly<Record<string, string>>,
): Promise<Reply> {
  const { payment, command, repeated } = accepted;
  call.about(payment);
  const ref = { merchant: call.credential.merchant, payment, command };
  const wished = waitOf(call.headers.prefer);
  const common = {
    ...headers,
    'quittance-payment': payment,
    ...(wished === null ? {} : { 'preference-applied': `wait=${wished}` }),
  };
  const stored = repeated ? await readAnswer(options.database, ref) : null;
  const final =
    stored ?? (await awaitAnswer(options, ref, wished === null ? options.waitMs : wished * 1_000));
  if (final !== null)
    return { ...final, headers: { ...common, ...(repeated ? { 'idempotency-replayed': 'true' } : {}) } };
  return {
    status: 202,
    body: await processingBody(options.database, ref),
    headers: { ...common, 'retry-after': String(POLL_AFTER_S) },
  };
}

async function show(
  { database }: PaymentRoutesOptions,
  call: Taken<typeof expandPayment, z.ZodType>,
): Promise<Reply> {
  const payment = paymentOf(call);
  const { expand } = call.parameters;
  const details = await readPaymentDetails(database, call.credential, payment, expand);
  if (details === null) throw paymentNotFound();
  return { status: 200, body: JSON.stringify(details) };
}

function paymentOf(call: Call): PaymentId {
  const id = call.params['payment'] ?? '';
  if (!isId('pay', id)) throw paymentNotFound();
  call.about(id);
  return id;
}
