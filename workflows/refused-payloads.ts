import { ApplicationFailure, log, type WorkflowInterceptors } from '@temporalio/workflow';
import { refusalOf } from './domain/refused-payload.ts';

const REFUSED = 'PayloadRefused';

/** @throws ApplicationFailure, not retryable, when one of the values is a refusal. */
function check(what: string, values: readonly unknown[]): void {
  for (const value of values) {
    const reason = refusalOf(value);
    if (reason === null) continue;
    throw ApplicationFailure.nonRetryable(`${what} is ${reason}: it was not sealed by this system`, REFUSED);
  }
}

/**
 * Keeps payloads that are not ours away from workflow code (temporal-rules: payloads). An update is
 * rejected before it is accepted, a signal is dropped with an alarm, a query fails, and a run that was
 * started with such an input fails; a workflow that is under way goes on in every case. A result of an
 * activity that was not sealed by a worker of ours is as good as none: the step failed.
 */
export const interceptors = (): WorkflowInterceptors => ({
  inbound: [
    {
      async execute(input, next) {
        check('the input', input.args);
        return next(input);
      },
      async handleSignal(input, next) {
        const reasons = input.args.map(refusalOf).filter((reason) => reason !== null);
        if (reasons.length > 0) {
          log.error('signal_refused', { signal: input.signalName, reason: reasons[0] });
          return;
        }
        await next(input);
      },
      validateUpdate(input, next) {
        check(`the input of update ${input.name}`, input.args);
        next(input);
      },
      async handleQuery(input, next) {
        check(`the input of query ${input.queryName}`, input.args);
        return next(input);
      },
    },
  ],
  outbound: [
    {
      async scheduleActivity(input, next) {
        const result = await next(input);
        check(`the result of ${input.activityType}`, [result]);
        return result;
      },
      async scheduleLocalActivity(input, next) {
        const result = await next(input);
        check(`the result of ${input.activityType}`, [result]);
        return result;
      },
    },
  ],
});
