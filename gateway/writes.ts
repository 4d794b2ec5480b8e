import type { Logger } from '../platform/logger.ts';
import { writeOf, type Write } from './actions.ts';
import type { Audit } from './audit.ts';
import type { Doorbell } from './desk/doorbell.ts';
import { Problem } from './problem.ts';
import { mayAct, type Operator } from './roles.ts';
import type { WebAnswer } from './temporal-web.ts';

/** The body of a signal, an update or a query. */
export const WRITE_BODY_BYTES_MAX = 1_024 * 1_024;

export interface WriteCall {
  readonly operator: Operator;
  readonly method: string;
  /** As it was sent, without its query. */
  readonly path: string;
  readonly body: unknown;
  /** Passes the call on, with that body. */
  readonly forward: (body: string) => Promise<WebAnswer>;
}

export interface WritesOptions {
  readonly audit: Audit;
  /** The one namespace in which operators act. */
  readonly namespace: string;
  /** Hears what somebody rings for, before the payment does. */
  readonly doorbell: Pick<Doorbell, 'heard'>;
  readonly logger: Logger;
}

/**
 * Passes on what an operator may do, with their name in it, and writes it down: the line is committed
 * before a byte is sent, and what was answered follows in a line of its own. A line without an answer
 * is a call of which nobody knows whether Temporal got it.
 */
export function createWrites({ audit, namespace, doorbell, logger }: WritesOptions) {
  async function refuse(call: WriteCall, write: Write | null, problem: Problem): Promise<never> {
    const { operator, method, path } = call;
    await audit.write({
      kind: 'write_refused',
      ...operator,
      action: write === null ? `${method} ${path}` : actionText(write),
      ...(write === null ? {} : { namespace: write.namespace, workflowIds: workflowsOf(write, call.body) }),
    });
    throw problem;
  }

  return async (call: WriteCall): Promise<WebAnswer> => {
    const { operator, method, path, body, forward } = call;
    const write = writeOf(method, path);
    if (write === null)
      return refuse(
        call,
        null,
        new Problem('action_refused', `${method} ${path} is not passed on by the gateway`),
      );
    const { action, rule } = write;
    if (rule.needs === null)
      return refuse(
        call,
        write,
        new Problem('action_refused', `${action} is not passed on: ${rule.instead ?? ''}`),
      );
    if (!mayAct(operator.role, rule.needs))
      return refuse(
        call,
        write,
        new Problem(
          'role_insufficient',
          `${operator.login} is ${operator.role}, and ${action} needs ${rule.needs}: ask somebody who is`,
        ),
      );
    if (write.namespace !== namespace)
      return refuse(
        call,
        write,
        new Problem('action_refused', `operators act in the namespace ${namespace} alone`),
      );

    if (action === 'update') {
      try {
        await doorbell.heard(operator, write.workflow, write.name, body);
      } catch (error) {
        if (error instanceof Problem) return refuse(call, write, error);
        throw error;
      }
    }

    const line = await audit.write({
      kind: 'write',
      ...operator,
      action: actionText(write),
      namespace: write.namespace,
      workflowIds: workflowsOf(write, body),
    });
    const noted = (status: number): Promise<void> =>
      audit.answered(line, operator, status).catch((error: unknown) => {
        logger.error('gateway_answer_not_noted', { line, status, error });
      });
    try {
      const answer = await forward(JSON.stringify(signed(write, body, operator)));
      await noted(answer.status);
      return answer;
    } catch (error) {
      if (error instanceof Problem) await noted(error.status);
      throw error;
    }
  };
}

const actionText = ({ action, name }: Write): string => (name === null ? action : `${action} ${name}`);

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

/** By the path; an activity command names the workflow in its body (protobuf's JSON takes both spellings). */
function workflowsOf({ workflow }: Write, body: unknown): readonly string[] {
  if (workflow !== null) return [workflow];
  const { workflowId, workflow_id: snake } = fieldsOf(fieldsOf(body)['execution']);
  return [workflowId, snake].filter((id) => typeof id === 'string').map((id) => id.slice(0, 1_000));
}

/** The body with the operator as its sender: whatever the page said, the history says who it was. */
function signed({ action }: Write, body: unknown, { login }: Operator): Fields {
  const fields = fieldsOf(body);
  const identity = `operator:${login}`;
  if (action === 'query') return fields;
  if (action !== 'update') return { ...fields, identity };
  const request = fieldsOf(fields['request']);
  return { ...fields, request: { ...request, meta: { ...fieldsOf(request['meta']), identity } } };
}
