import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { withLogFields } from '../platform/log-context.ts';
import { goingOn, inSpan } from '../platform/tracing/spans.ts';
import { carrierOf } from '../platform/tracing/temporal-headers.ts';

/** Whose activity it is stands on every line that it writes; with tracing on, it is a span of its caller's trace. */
export const activityInterceptor =
  (tracing: boolean): ActivityInterceptorsFactory =>
  ({ info }) => {
    const { workflowExecution, activityType, attempt, taskQueue, isLocal } = info;
    const workflowId = workflowExecution?.workflowId;
    const fields = {
      ...(workflowId === undefined ? {} : { workflow_id: workflowId }),
      ...(workflowId?.startsWith('pay_') === true ? { payment: workflowId } : {}),
      ...(workflowExecution === undefined ? {} : { run_id: workflowExecution.runId }),
      activity: activityType,
    };
    if (!tracing) {
      return { inbound: { execute: (input, next) => withLogFields(fields, () => next(input)) } };
    }
    const attributes = {
      'temporal.workflow_id': fields.workflow_id,
      'temporal.run_id': fields.run_id,
      'temporal.activity': activityType,
      'temporal.attempt': attempt,
      'temporal.task_queue': taskQueue,
      'temporal.local': isLocal,
    };
    return {
      inbound: {
        execute: (input, next) =>
          goingOn(carrierOf(input.headers), () =>
            inSpan({ name: `activity ${activityType}`, kind: 'server', attributes }, () =>
              withLogFields(fields, () => next(input)),
            ),
          ),
      },
    };
  };
