import type { AcquirerActivities } from '../../../workflows/ports/acquirer.ts';
import { bug, createAcquirerActivities, type CallDependencies } from '../calls.ts';
import { NotReady, type AcquirerWire } from '../wire.ts';
import type { AttemptAnswer, AttemptRecord } from '../attempts.ts';
import { CodecError, type Message } from './codec.ts';
import { outgoingOf, type Outgoing } from './connection.ts';
import { readAnswer, requestOf } from './messages.ts';
import type { LinkPool } from './pool.ts';

export { createBlockLeases, createNumberBlocks } from './number-blocks.ts';
export { createIso8583Planner } from './plan.ts';
export { readLinkTls } from './link-tls.ts';
export { createLinkPool, type LinkPoolOptions } from './pool.ts';
export { createStrays } from './strays.ts';
export { createIso8583Verification } from './verify.ts';

export interface Iso8583Dependencies extends CallDependencies {
  /** The connections to an acquirer; undefined when this worker keeps none. */
  readonly poolOf: (acquirer: string) => LinkPool | undefined;
  /** How long an acquirer may take to answer (ms). */
  readonly callLimitMs: number;
  /** How long a call waits for a signed-on connection (ms). */
  readonly linkWaitMs: number;
}

/** A message with the connections it goes over, and what reading its answer takes. */
interface Iso8583Message {
  readonly pool: LinkPool;
  readonly outgoing: Outgoing;
  readonly attempt: AttemptRecord;
  readonly repeated: boolean;
}

/** The acquirer port over ISO 8583: one message, one answer; what is unknown cannot be asked about. */
export function createIso8583Activities(deps: Iso8583Dependencies): AcquirerActivities {
  return createAcquirerActivities(createIso8583Wire(deps), deps);
}

function createIso8583Wire({
  poolOf,
  callLimitMs,
  linkWaitMs,
}: Iso8583Dependencies): AcquirerWire<Iso8583Message> {
  return {
    async prepare(ref, attempt, { repeated, card }) {
      const { acquirer } = attempt.account;
      const pool = poolOf(acquirer);
      if (pool === undefined) {
        throw bug(
          ref,
          `goes to ${acquirer}, to which this worker keeps no connection: check QUITTANCE_ACQUIRER_LINKS`,
        );
      }
      if (!(await pool.whenReady(linkWaitMs))) throw new NotReady(`no connection to ${acquirer}`);
      const secret = await card();
      try {
        const request = requestOf(attempt.kind, attempt.wire, secret, repeated);
        return { pool, outgoing: outgoingOf(request), attempt, repeated };
      } catch (error) {
        if (error instanceof CodecError) throw new RangeError(error.message);
        throw error;
      }
    },

    async exchange({ pool, outgoing, attempt, repeated }, { refuseWrite, onLate }) {
      const read = (reply: Message): AttemptAnswer => ({
        ...readAnswer(attempt.kind, outgoing.request, reply, repeated),
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

    inquire: null,
  };
}
