import type pg from 'pg';
import type { Route } from '../call.ts';
import { jsonReply } from '../json-reply.ts';
import { COMPONENTS } from '../contract/components.ts';
import { route } from '../contract/route.ts';
import { explainPayment } from '../explain.ts';
import { refuseExpired, type EventRetention } from '../events/retention.ts';
import { listEvents, readEvent } from '../lists/events.ts';
import { listOperations, readOperation } from '../lists/operations.ts';
import { listPayments } from '../lists/payments.ts';
import { Problem } from '../problem.ts';
import { paymentNotFound } from '../requests.ts';
import * as events from '../schemas/event-queries.ts';
import * as payments from '../schemas/payment-queries.ts';
import { isId } from '../../workflows/domain/ids.ts';

export interface ListRoutesOptions extends EventRetention {
  readonly database: pg.Pool;
}

const PAYMENTS = { method: 'GET', tag: 'Payments' } as const;
const EVENTS = { method: 'GET', tag: 'Events' } as const;

/** What a merchant reads of its payments, beside each single one. */
export function listRoutes(options: ListRoutesOptions): readonly Route[] {
  const { database } = options;
  return [
    route({
      ...PAYMENTS,
      path: '/v1/payments',
      id: 'listPayments',
      summary: 'List payments',
      description: 'Newest first. All filters that are given must hold.',
      query: payments.listPayments,
      answers: { 200: { description: 'A page of payments.', schema: COMPONENTS.PaymentList } },
      handle: async ({ credential, parameters }) =>
        jsonReply(await listPayments(database, credential, parameters)),
    }),
    route({
      ...PAYMENTS,
      path: '/v1/payments/:payment/explain',
      id: 'explainPayment',
      summary: 'Explain a payment',
      description:
        'Why this score, this acquirer and these retries, in the order in which it happened, from the record.',
      answers: {
        200: { description: 'What happened, step by step.', schema: COMPONENTS.PaymentExplanation },
      },
      problems: ['payment_not_found'],
      handle: async (call) => {
        const id = call.params['payment'] ?? '';
        if (!isId('pay', id)) throw paymentNotFound();
        call.about(id);
        const explained = await explainPayment(database, call.credential, id);
        if (explained === null) throw paymentNotFound();
        return jsonReply(explained);
      },
    }),
    route({
      ...PAYMENTS,
      path: '/v1/captures',
      id: 'listCaptures',
      summary: 'List captures',
      description: 'Newest first, of all payments or of one.',
      query: payments.listCaptures,
      answers: { 200: { description: 'A page of captures.', schema: COMPONENTS.CaptureList } },
      handle: async ({ credential, parameters }) =>
        jsonReply(await listOperations(database, credential, 'capture', parameters)),
    }),
    route({
      ...PAYMENTS,
      path: '/v1/captures/:capture',
      id: 'getCapture',
      summary: 'Get a capture',
      description: 'One capture with its payment’s id.',
      answers: { 200: { description: 'The capture.', schema: COMPONENTS.Capture } },
      problems: ['capture_not_found'],
      handle: async ({ credential, params }) => {
        const id = params['capture'] ?? '';
        const found = isId('cap', id) ? await readOperation(database, credential, 'capture', id) : null;
        if (found === null) throw notFound('capture_not_found', 'capture');
        return jsonReply(found);
      },
    }),
    route({
      ...PAYMENTS,
      path: '/v1/refunds',
      id: 'listRefunds',
      summary: 'List refunds',
      description: 'Newest first, of all payments or of one.',
      query: payments.listRefunds,
      answers: { 200: { description: 'A page of refunds.', schema: COMPONENTS.RefundList } },
      handle: async ({ credential, parameters }) =>
        jsonReply(await listOperations(database, credential, 'refund', parameters)),
    }),
    route({
      ...PAYMENTS,
      path: '/v1/refunds/:refund',
      id: 'getRefund',
      summary: 'Get a refund',
      description: 'One refund with its payment’s id.',
      answers: { 200: { description: 'The refund.', schema: COMPONENTS.Refund } },
      problems: ['refund_not_found'],
      handle: async ({ credential, params }) => {
        const id = params['refund'] ?? '';
        const found = isId('ref', id) ? await readOperation(database, credential, 'refund', id) : null;
        if (found === null) throw notFound('refund_not_found', 'refund');
        return jsonReply(found);
      },
    }),
    route({
      ...EVENTS,
      path: '/v1/events',
      id: 'listEvents',
      summary: 'List events',
      description:
        'Of the last 30 days, newest first, also those that no endpoint was told of. An event stands in the list within moments of its time, not at once: who follows it reads the last minute again.',
      query: events.listEvents,
      answers: { 200: { description: 'A page of events.', schema: COMPONENTS.EventList } },
      handle: async ({ credential, parameters }) =>
        jsonReply(await listEvents(database, credential, parameters, options)),
    }),
    route({
      ...EVENTS,
      path: '/v1/events/:event',
      id: 'getEvent',
      summary: 'Get an event',
      description: 'The very bytes that a webhook endpoint of the newest version is sent. Told for 30 days.',
      answers: { 200: { description: 'The event.', schema: COMPONENTS.Event } },
      problems: ['event_not_found', 'event_expired'],
      handle: async ({ credential, params }) => {
        const id = params['event'] ?? '';
        if (!isId('evt', id)) throw notFound('event_not_found', 'event');
        refuseExpired(id, options);
        const body = await readEvent(database, credential, id);
        if (body === null) throw notFound('event_not_found', 'event');
        return { status: 200, body };
      },
    }),
  ];
}

/** The same words whether it does not exist, is another merchant's, or is of the other mode. */
export function notFound(
  code: 'capture_not_found' | 'refund_not_found' | 'event_not_found',
  what: string,
): Problem {
  return new Problem(
    code,
    `no ${what} with this id belongs to this key: check the id, and whether the key is for test or live`,
  );
}
