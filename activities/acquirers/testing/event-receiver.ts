import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { loadPayment } from '../../../schema/load-payment.ts';
import type { AttemptId, MerchantId, PaymentId } from '../../../workflows/domain/ids.ts';
import type { PaymentState } from '../../../workflows/domain/payment.ts';
import type { Knock } from '../../back-office/temporal.ts';
import { requestChargeback, requestWithdrawal } from '../../ledger/reports.ts';
import { createAttemptStore } from '../attempts.ts';
import type { EventItem, EventReader, KnownAttempt, Standing, Told, VerifyEvents } from '../events.ts';

export interface EventReceiver {
  readonly url: string;
  /** Alarms and adoptions: what a person would have to look at. */
  readonly unsettled: readonly Told[];
  close(): Promise<void>;
}

/**
 * Takes what a simulator sends, as the inbox does but for its table: proven, read against where the
 * payment stands, and handed on. What comes too early is refused, and sent again.
 */
export async function startEventReceiver(parts: {
  readonly pool: pg.Pool;
  readonly acquirer: string;
  readonly verify: VerifyEvents;
  readonly secrets: readonly string[];
  readonly reader: EventReader;
  readonly knock: Knock;
}): Promise<EventReceiver> {
  const { pool, acquirer, verify, secrets, reader, knock } = parts;
  const store = createAttemptStore(pool);
  const unsettled: Told[] = [];

  /** False = it is about nothing that is here yet, or its call may still be answered. */
  async function take(item: EventItem): Promise<boolean> {
    const subject = reader.subjectOf(item);
    if (subject === null) return true;
    const { rows } = await pool.query<{ merchant: MerchantId; payment: PaymentId }>(
      `select t.merchant_id as merchant, t.payment_id as payment
       from merchant_acquirer_accounts a
       join attempts t on t.merchant_id = a.merchant_id and t.account_id = a.id
       where a.acquirer_id = $1 and a.merchant_account = $2 and (t.id = any ($3) or t.acquirer_reference = any ($4)) limit 1`,
      [acquirer, subject.account, subject.attempts, subject.references],
    );
    const [about] = rows;
    const state = about === undefined ? null : await loadPayment(pool, about.merchant, about.payment);
    if (about === undefined || state === null) return false;
    for (const told of reader.tell(item, await standingOf(state)))
      if (!(await handOver(about, state, told))) return false;
    await knock(about);
    return true;
  }

  async function standingOf(state: PaymentState): Promise<Standing> {
    const {
      id: payment,
      merchant,
      currency,
      authorizationState,
      authorizationAttempt,
      amountCaptured,
    } = state.payment;
    const attempts: KnownAttempt[] = [];
    for (const { id, operation } of state.attempts) {
      const record = await store.load({ merchant, payment, attempt: id });
      if (record !== null) attempts.push({ ...record, id, operation });
    }
    return {
      attempts,
      operations: state.operations,
      currency,
      holding: authorizationState === 'held' ? authorizationAttempt : null,
      captured: amountCaptured,
      told: [],
    };
  }

  async function handOver(
    about: { readonly merchant: MerchantId; readonly payment: PaymentId },
    state: PaymentState,
    told: Told,
  ): Promise<boolean> {
    switch (told.type) {
      case 'answer': {
        const attempt: AttemptId = told.attempt;
        const inFlight = state.operations.some(
          ({ currentAttempt, phase }) => currentAttempt === attempt && phase === 'in_flight',
        );
        if (inFlight) return false;
        await store.recordAnswer({ ...about, attempt }, told.answer);
        return true;
      }
      case 'withdrawal': {
        const { withdraws, reference: acquirerReference, reason } = told;
        await requestWithdrawal(pool, { ...about, withdraws, acquirerReference, reason, origin: 'acquirer' });
        return true;
      }
      case 'chargeback': {
        const { amount, fee, reference: acquirerReference, reason } = told;
        const origin = 'acquirer';
        await requestChargeback(pool, {
          ...about,
          amount,
          fee,
          feeRecharged: null,
          acquirerReference,
          reason,
          origin,
        });
        return true;
      }
      case 'chargeback_reversal':
      case 'adoption':
      case 'alarm':
        unsettled.push(told);
        return true;
    }
  }

  const server = createServer((request, response) => {
    void (async () => {
      const verified = verify(await buffer(request), request.headers, secrets, Date.now());
      if (verified.type === 'refused') return response.writeHead(401).end();
      try {
        for (const { item } of verified.items) if (!(await take(item))) return response.writeHead(503).end();
        return response.writeHead(200).end();
      } catch {
        // Sent again: a connection that broke, or a payment that moved on meanwhile.
        await delay(50);
        return response.writeHead(500).end();
      }
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    unsettled,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
