import type pg from 'pg';
import type { Logger } from '../../../platform/logger.ts';
import type { AttemptId, MerchantId, PaymentId } from '../../../workflows/domain/ids.ts';
import type { AttemptKind } from '../../../workflows/domain/outcome.ts';
import type { AttemptRef } from '../../../workflows/ports/acquirer.ts';
import type { WireFields } from '../../../workflows/ports/wire.ts';
import type { AttemptAnswer } from '../attempts.ts';
import type { Message } from './codec.ts';
import { exchangeKey, plannedFields, readAnswer } from './messages.ts';

export interface StrayDependencies {
  readonly pool: Pick<pg.Pool, 'query'>;
  readonly logger: Logger;
  /** Takes an answer that came after its call was over. */
  readonly onLate: (ref: AttemptRef, answer: AttemptAnswer) => Promise<void>;
}

/** Takes an answer that nobody on its connection waits for; never throws. */
export type TakeStray = (acquirer: string, reply: Message) => Promise<void>;

interface Row {
  readonly merchant: MerchantId;
  readonly payment: PaymentId;
  readonly attempt: AttemptId;
  readonly kind: AttemptKind;
  readonly wire: WireFields;
  readonly sends: number;
}

/** Numbers of a terminal come round again after days; a day before that, nothing is still under way. */
const CANDIDATES = `
  select merchant_id as merchant, payment_id as payment, id as attempt, kind, wire, sends
  from attempts
  where acquirer_id = $1 and wire ? 'stan' and wire ->> 'stan' = $2 and wire ->> 'transmissionAt' = $3 and state <> 'planned'
    and planned_at > clock_timestamp() - interval '30 days'
  order by planned_at desc limit 20`;

/**
 * Answers that nobody waits for (of a request that timed out before this process began, on another
 * connection, a second time, or of nothing of ours): matched to their attempt by message class, STAN (11),
 * time (7), institution (32) and terminal (41), and read as any answer is, so amount (4) and currency
 * (49) must agree. What matches nothing is logged: its references, never its card.
 */
export function createStrays({ pool, logger, onLate }: StrayDependencies): TakeStray {
  async function take(acquirer: string, reply: Message): Promise<void> {
    const { 11: stan, 7: at } = reply.fields;
    const key = exchangeKey(reply);
    const { rows } = await pool.query<Row>({
      name: 'attempts_by_trace',
      text: CANDIDATES,
      values: [acquirer, stan ?? '', at ?? ''],
    });
    const matching = rows.filter(({ wire }) => exchangeKey(plannedFields(wire)) === key);
    const [row] = matching;
    const found = { acquirer, mti: reply.type, stan, rrn: reply.fields[37], response_code: reply.fields[39] };
    if (row === undefined || matching.length > 1) {
      logger.error('acquirer_stray_answer', { ...found, attempts: matching.map(({ attempt }) => attempt) });
      return;
    }
    const { merchant, payment, attempt, kind, wire, sends } = row;
    const answer = readAnswer(kind, plannedFields(wire), reply, sends > 1);
    await onLate({ merchant, payment, attempt }, { ...answer, acquirerReference: null });
  }

  return async (acquirer, reply) => {
    try {
      await take(acquirer, reply);
    } catch (error) {
      logger.error('acquirer_stray_answer_lost', { acquirer, stan: reply.fields[11], error });
    }
  };
}
