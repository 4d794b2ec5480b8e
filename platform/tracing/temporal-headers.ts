import type { WorkflowClientInterceptor } from '@temporalio/client';
import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import { inSpan, traceCarrier, type TraceCarrier } from './spans.ts';

/** The header in which a trace goes through Temporal, in the clear: it holds two random numbers. */
export const TRACE_HEADER = 'traceparent';

/** The headers with this process's trace in them; the same where there is none. */
function withTrace(headers: Headers): Headers {
  const parent = traceCarrier()[TRACE_HEADER];
  return parent === undefined
    ? headers
    : { ...headers, [TRACE_HEADER]: defaultPayloadConverter.toPayload(parent) };
}

/** What came in a header, to go on with; empty where nothing did. */
export function carrierOf(headers: Headers): TraceCarrier {
  const payload = headers[TRACE_HEADER];
  if (payload === undefined) return {};
  try {
    const parent = defaultPayloadConverter.fromPayload<unknown>(payload);
    return typeof parent === 'string' ? { [TRACE_HEADER]: parent } : {};
  } catch {
    // Somebody else's header: no trace of ours.
    return {};
  }
}

/** Sends the trace along with what starts and rings workflows, each call in a span. */
export const traceInterceptor: WorkflowClientInterceptor = {
  startUpdateWithStart: (input, next) =>
    inSpan(
      { name: 'workflow update with start', kind: 'client', attributes: ofStart(input.workflowStartOptions) },
      () =>
        next({
          ...input,
          workflowStartHeaders: withTrace(input.workflowStartHeaders),
          updateHeaders: withTrace(input.updateHeaders),
        }),
    ),
  signalWithStart: (input, next) =>
    inSpan({ name: 'workflow signal with start', kind: 'client', attributes: ofStart(input.options) }, () =>
      next({ ...input, headers: withTrace(input.headers) }),
    ),
  startWithDetails: (input, next) =>
    inSpan({ name: 'workflow start', kind: 'client', attributes: ofStart(input.options) }, () =>
      next({ ...input, headers: withTrace(input.headers) }),
    ),
};

const ofStart = ({ workflowId, taskQueue }: { readonly workflowId: string; readonly taskQueue: string }) => ({
  'temporal.workflow_id': workflowId,
  'temporal.task_queue': taskQueue,
});
