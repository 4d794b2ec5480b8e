import type pg from 'pg';
import { loadPayment } from '../schema/load-payment.ts';
import type { OperationId } from '../workflows/domain/ids.ts';
import type { CommandBody } from '../workflows/domain/payment.ts';
import { paymentResource } from '../workflows/domain/resource.ts';
import type { CommandRef } from './ring.ts';

/** When it is worth asking again. */
export const POLL_AFTER_S = 1;

/** What each command asks for, as the API names it. */
const ASKED_FOR = {
  create: 'authorization',
  reauthorize: 'reauthorization',
  increment: 'increment',
  capture: 'capture',
  void: 'void',
  refund: 'refund',
  review: 'review',
  chargeback: 'chargeback',
  chargeback_reversal: 'chargeback_reversal',
  withdrawal: 'withdrawal',
  nudge: 'nudge',
  pause: 'pause',
  resume: 'resume',
  late_answer: 'late_answer',
  adoption: 'adoption',
  resolution: 'resolution',
} as const satisfies Record<CommandBody['kind'], string>;

/**
 * The body of a 202: the payment as it stands, what was asked of it under the id that it keeps, and
 * when to ask again.
 */
export async function processingBody(
  database: pg.Pool,
  { merchant, payment, command }: CommandRef,
): Promise<string> {
  const [state, { rows }] = await Promise.all([
    loadPayment(database, merchant, payment),
    database.query<{ kind: CommandBody['kind']; operation_id: OperationId }>({
      name: 'read_command',
      text: 'select kind, operation_id from commands where merchant_id = $1 and id = $2',
      values: [merchant, command],
    }),
  ]);
  const [asked] = rows;
  if (state === null || asked === undefined)
    throw new Error(`command ${command} of ${payment} is not there any more`);
  return JSON.stringify({
    ...paymentResource(state),
    pending: { id: asked.operation_id, object: ASKED_FOR[asked.kind] },
    next_poll_after: new Date(Date.now() + POLL_AFTER_S * 1_000).toISOString(),
  });
}
