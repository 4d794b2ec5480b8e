import { z } from 'zod';
import { FAULT_ACTIONS } from '../fault-script.ts';

/** What can be made to go wrong with one request of an HTTP API. */
export const httpFaultActionSchema = z.discriminatedUnion('type', [
  FAULT_ACTIONS.loseAnswer,
  FAULT_ACTIONS.noAnswerNotExecuted,
  FAULT_ACTIONS.delay,
  FAULT_ACTIONS.hold,
  FAULT_ACTIONS.resetBefore,
  FAULT_ACTIONS.resetAfter,
  FAULT_ACTIONS.garbage,
  FAULT_ACTIONS.byteByByte,
  FAULT_ACTIONS.halfOpen,
  FAULT_ACTIONS.decline,
  FAULT_ACTIONS.wrongReference,
  FAULT_ACTIONS.wrongAmount,
  FAULT_ACTIONS.slow,
  FAULT_ACTIONS.rateLimited,
  FAULT_ACTIONS.echoCard,
  FAULT_ACTIONS.errorExecuted,
  FAULT_ACTIONS.errorNotExecuted,
  FAULT_ACTIONS.turnedAway,
  FAULT_ACTIONS.pending,
]);
export type HttpFaultAction = z.infer<typeof httpFaultActionSchema>;

/** What a fault changes about deciding a request, beside what it does to its answer. */
export interface Treatment {
  /** Declines with this code whatever would be decided. */
  readonly decline: string | null;
  /** It is taken, and settled later. */
  readonly pending: boolean;
  /** Answer with a failure of the host, executed or not; the failure is kept under the key. */
  readonly fails: 'executed' | 'not_executed' | null;
}

export function treatmentOf(fault: HttpFaultAction | null): Treatment {
  return {
    decline: fault?.type === 'decline' ? fault.code : null,
    pending: fault?.type === 'pending',
    fails:
      fault?.type === 'error_executed'
        ? 'executed'
        : fault?.type === 'error_not_executed'
          ? 'not_executed'
          : null,
  };
}
