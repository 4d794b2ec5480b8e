import type { WorkflowInterceptors } from '@temporalio/workflow';

/** As platform/tracing names it. */
const TRACE_HEADER = 'traceparent';

type Headers = Parameters<
  NonNullable<NonNullable<WorkflowInterceptors['outbound']>[number]['scheduleActivity']>
>[0]['headers'];

/**
 * Hands the trace of whoever rang last on to the activities that follow. No span is made here: a header
 * is copied out of the history, the same in every replay, and where there is none nothing is changed.
 */
export const interceptors = (): WorkflowInterceptors => {
  let current: Headers[string] | undefined;
  const take = (headers: Headers): void => {
    current = headers[TRACE_HEADER] ?? current;
  };
  const handOn = <Input extends { readonly headers: Headers }>(input: Input): Input =>
    current === undefined ? input : { ...input, headers: { ...input.headers, [TRACE_HEADER]: current } };
  return {
    inbound: [
      {
        async execute(input, next) {
          take(input.headers);
          return next(input);
        },
        async handleSignal(input, next) {
          take(input.headers);
          await next(input);
        },
        async handleUpdate(input, next) {
          take(input.headers);
          return next(input);
        },
      },
    ],
    outbound: [
      {
        async scheduleActivity(input, next) {
          return next(handOn(input));
        },
        async scheduleLocalActivity(input, next) {
          return next(handOn(input));
        },
      },
    ],
  };
};
