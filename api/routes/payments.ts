import type pg from 'pg';
import { newId } from '../../platform/new-id.ts';
import { money } from '../../workflows/domain/money.ts';
import { authorizationIdOf, isId, type PaymentId } from '../../workflows/domain/ids.ts';
import { awaitAnswer, readAnswer, type AnswerOptions } from '../answers.ts';
import type { Call, Reply, Route } from '../call.ts';
import { fingerprintOf, idempotencyKeyOf, stagingKey } from '../idempotency.ts';
import { waitOf } from '../prefer.ts';
import { POLL_AFTER_S, processingBody } from '../processing.ts';
import { readPaymentDetails } from '../payment-details.ts';
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
import { parseBody } from '../validation.ts';
import type { VaultStage } from '../vault.ts';

export interface PaymentRoutesOptions extends Omit<AnswerOptions, 'database'> {
  readonly database: pg.Pool;
  readonly vault: Pick<VaultStage, 'stage'>;
  /** Keys the fingerprints of requests. */
  readonly fingerprintSecret: string;
  /** How long a POST waits for its answer where it does not say (ms). */
  readonly waitMs: number;
  /** Epoch ms. */
  readonly now: () => number;
}

const PAYMENT = '/v1/payments/:payment';

export function paymentRoutes(options: PaymentRoutesOptions): readonly Route[] {
  return [
    { method: 'POST', path: '/v1/payments', handle: (call) => create(options, call) },
    { method: 'GET', path: PAYMENT, handle: (call) => show(options, call) },
    {
      method: 'POST',
      path: `${PAYMENT}/increments`,
      handle: (call) =>
        followUp(options, call, 'inc', (body) => ({
          kind: 'increment',
          amount: parseBody(incrementPayment, body).amount,
        })),
    },
    // The last capture, unless it says that more will come; and for those who capture in parts, the
    // other way round. docs/api.md says which is for whom.
    { method: 'POST', path: `${PAYMENT}/captures`, handle: (call) => capture(options, call, true) },
    { method: 'POST', path: `${PAYMENT}/capture`, handle: (call) => capture(options, call, false) },
    {
      method: 'POST',
      path: `${PAYMENT}/reauthorize`,
      handle: (call) =>
        followUp(options, call, 'rea', (body) => {
          parseBody(reauthorizePayment, body);
          return { kind: 'reauthorize' };
        }),
    },
    {
      method: 'POST',
      path: `${PAYMENT}/void`,
      handle: (call) =>
        followUp(options, call, 'void', (body) => {
          parseBody(voidPayment, body);
          return { kind: 'void' };
        }),
    },
    {
      method: 'POST',
      path: `${PAYMENT}/refunds`,
      handle: (call) =>
        followUp(options, call, 'ref', (body) => {
          const { amount, reason } = parseBody(refundPayment, body);
          return { kind: 'refund', amount: amount ?? null, reason: reason ?? null };
        }),
    },
  ];
}

async function create(options: PaymentRoutesOptions, call: Call): Promise<Reply> {
  const { database, vault, fingerprintSecret } = options;
  const { credential } = call;
  const idempotencyKey = idempotencyKeyOf(call.headers['idempotency-key']);
  const raw = await call.json();
  const body = parseBody(createPayment, raw);
  const now = options.now();
  const faults = timeFaults(body, now);
  // A repeat of what was in time is answered as it was, however late it comes.
  if (faults.length > 0 && !(await isKnownKey(database, credential, idempotencyKey))) refuseFaults(faults);

  const { number, expiry_month: expiryMonth, expiry_year: expiryYear, cvv } = body.card;
  // From here on the number is the vault's; what comes back can be written anywhere.
  const staged = await vault.stage({
    merchant: credential.merchant,
    idempotencyKey: stagingKey(credential, idempotencyKey),
    card: { number, expiryMonth, expiryYear, ...(cvv === undefined ? {} : { cvv }) },
  });

  const payment = newId('pay');
  const request: NewRequest = {
    credential,
    idempotencyKey,
    fingerprint: fingerprintOf(fingerprintSecret, { route: call.route, path: {}, body: raw, card: staged }),
    payment,
    command: newId('cmd'),
    operation: authorizationIdOf(payment),
  };
  const accepted = await acceptPayment(database, request, {
    amount: money(body.amount, body.currency),
    capture: body.capture,
    partialApproval: body.partial_approval,
    staging: staged.staging,
    authorizeBy: authorizeByOf(body, now),
    authorizationType: body.authorization_type,
    description: body.description ?? null,
    orderReference: body.order_reference ?? null,
    customerReference: body.customer_reference ?? null,
    ipAddress: body.ip_address ?? null,
    metadata: body.metadata,
  });
  return answer(options, call, accepted, { location: `/v1/payments/${accepted.payment}` });
}

function capture(options: PaymentRoutesOptions, call: Call, finalUnlessSaid: boolean): Promise<Reply> {
  return followUp(options, call, 'cap', (body) => {
    const { amount, final } = parseBody(capturePayment, body);
    return { kind: 'capture', amount: amount ?? null, final: final ?? finalUnlessSaid };
  });
}

async function followUp(
  options: PaymentRoutesOptions,
  call: Call,
  prefix: 'rea' | 'inc' | 'cap' | 'void' | 'ref',
  parse: (body: unknown) => FollowUp,
): Promise<Reply> {
  const { database, fingerprintSecret } = options;
  const { credential } = call;
  const idempotencyKey = idempotencyKeyOf(call.headers['idempotency-key']);
  const raw = await call.json();
  const asked = parse(raw);
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

async function show({ database }: PaymentRoutesOptions, call: Call): Promise<Reply> {
  const payment = paymentOf(call);
  const details = await readPaymentDetails(database, call.credential, payment);
  if (details === null) throw paymentNotFound();
  return { status: 200, body: JSON.stringify(details) };
}

function paymentOf(call: Call): PaymentId {
  const id = call.params['payment'] ?? '';
  if (!isId('pay', id)) throw paymentNotFound();
  call.about(id);
  return id;
}
