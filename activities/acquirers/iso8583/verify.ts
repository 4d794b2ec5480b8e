import { ApplicationFailure } from '@temporalio/common';
import type { VerifyingActivities } from '../../../workflows/ports/card-verification.ts';
import type { AttemptAnswer } from '../attempts.ts';
import { createVerifyActivity, type VerifyDependencies } from '../verify.ts';
import { NotReady } from '../wire.ts';
import { CodecError, type Message } from './codec.ts';
import { outgoingOf, type Outgoing } from './connection.ts';
import { readAnswer, requestOf } from './messages.ts';
import type { LinkPool } from './pool.ts';

export interface Iso8583VerifyDependencies extends VerifyDependencies {
  /** The connections to an acquirer; undefined when this worker keeps none. */
  readonly poolOf: (acquirer: string) => LinkPool | undefined;
  /** How long an acquirer may take to answer (ms). */
  readonly callLimitMs: number;
  /** How long a call waits for a signed-on connection (ms). */
  readonly linkWaitMs: number;
}

interface Question {
  readonly pool: LinkPool;
  readonly outgoing: Outgoing;
  /** It was asked before, and that may have used up its security code. */
  readonly withoutCode: boolean;
}

/** A card verification over ISO 8583: 0100 with amount zero, condition code 51 (plan.ts), answered by 0110. */
export function createIso8583Verification(deps: Iso8583VerifyDependencies): VerifyingActivities {
  const { poolOf, callLimitMs, linkWaitMs } = deps;
  return createVerifyActivity<Question>(
    {
      async prepare({ acquirer, wire, number }, card) {
        const pool = poolOf(acquirer);
        if (pool === undefined)
          throw ApplicationFailure.nonRetryable(
            `this worker keeps no connection to ${acquirer}: check QUITTANCE_ACQUIRER_LINKS`,
            'AttemptBug',
          );
        if (!(await pool.whenReady(linkWaitMs))) throw new NotReady(`no connection to ${acquirer}`);
        const secret = await card();
        try {
          const outgoing = outgoingOf(requestOf('verification', wire, secret, false));
          return { pool, outgoing, withoutCode: number > 1 && secret.cvv === null };
        } catch (error) {
          if (error instanceof CodecError) throw new RangeError(error.message);
          throw error;
        }
      },

      async exchange({ pool, outgoing, withoutCode }, { refuseWrite, onLate }) {
        const read = (reply: Message): AttemptAnswer => ({
          ...readAnswer('verification', outgoing.request, reply, withoutCode),
          acquirerReference: null,
        });
        const result = await pool.exchange(outgoing, {
          limitMs: callLimitMs,
          refuseWrite,
          onLate: (reply) => {
            onLate(read(reply));
          },
        });
        return result.type === 'answered' ? { type: 'answered', answer: read(result.reply) } : result;
      },
    },
    deps,
  );
}
