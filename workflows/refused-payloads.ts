import { ApplicationFailure, log, type WorkflowInterceptors } from '@temporalio/workflow';
import { operatorInputOf } from './domain/operator-input.ts';
import { refusalOf, type RefusalReason } from './domain/refused-payload.ts';

const REFUSED = 'PayloadRefused';

/** Why a value is none of this system's own; what an operator typed is not either. */
function ownRefusalOf(value: unknown): RefusalReason | null {
  return refusalOf(value) ?? (operatorInputOf(value) === null ? null : 'foreign');
}

function refusal(what: string, reason: RefusalReason): ApplicationFailure {
  return ApplicationFailure.nonRetryable(`${what} is ${reason}: it was not sealed by this system`, REFUSED);
}

/** @throws ApplicationFailure, not retryable, when one of the values is not this system's own. */
function mustBeOwn(what: string, values: readonly unknown[]): void {
  for (const value of values) {
    const reason = ownRefusalOf(value);
    if (reason !== null) throw refusal(what, reason);
  }
}

/**
 * The values as workflow code may see them: what an operator sent is taken out of its mark.
 * @throws ApplicationFailure, not retryable, when one of them is refused.
 */
function admitted(what: string, values: readonly unknown[]): unknown[] {
  return values.map((value) => {
    const reason = refusalOf(value);
    if (reason !== null) throw refusal(what, reason);
    const sent = operatorInputOf(value);
    return sent === null ? value : sent.value;
  });
}

/**
 * Keeps payloads that are not ours away from workflow code (temporal-rules: payloads). An update is
 * rejected before it is accepted, a signal is dropped with an alarm, a query fails, and a run that was
 * started with such an input fails; a workflow that is under way goes on in every case. A result of an
 * activity that was not sealed by a worker of ours is as good as none: the step failed.
 *
 * What an operator sealed through the gateway passes as input of a signal, an update or a query alone.
 */
export const interceptors = (): WorkflowInterceptors => ({
  inbound: [
    {
      async execute(input, next) {
        mustBeOwn('the input', input.args);
        return next(input);
      },
      async handleSignal(input, next) {
        const reasons = input.args.map(refusalOf).filter((reason) => reason !== null);
        if (reasons.length > 0) {
          log.error('signal_refused', { signal: input.signalName, reason: reasons[0] });
          return;
        }
        await next({ ...input, args: admitted(`the input of signal ${input.signalName}`, input.args) });
      },
      // Both look at the arguments as they came: the SDK reads them anew for the handler.
      validateUpdate(input, next) {
        next({ ...input, args: admitted(`the input of update ${input.name}`, input.args) });
      },
      async handleUpdate(input, next) {
        return next({ ...input, args: admitted(`the input of update ${input.name}`, input.args) });
      },
      async handleQuery(input, next) {
        return next({ ...input, args: admitted(`the input of query ${input.queryName}`, input.args) });
      },
    },
  ],
  outbound: [
    {
      async scheduleActivity(input, next) {
        const result = await next(input);
        mustBeOwn(`the result of ${input.activityType}`, [result]);
        return result;
      },
      async scheduleLocalActivity(input, next) {
        const result = await next(input);
        mustBeOwn(`the result of ${input.activityType}`, [result]);
        return result;
      },
    },
  ],
});
