import type { Role } from './roles.ts';

/** What of Temporal's API changes something, or asks a workflow to answer. Everything else that is not a GET is refused. */
export interface ActionRule {
  /** The least role; null = nobody, because there is another way. */
  readonly needs: Role | null;
  /** Below `/api/v1/namespaces/{namespace}/`; `{workflow}` is the workflow's id. */
  readonly paths: readonly string[];
  readonly method: 'POST' | 'DELETE';
  /** Said to whoever is refused. */
  readonly instead?: string;
}

const ACTIVITY_COMMANDS = ['pause', 'unpause', 'reset', 'update-options'] as const;

/**
 * The rules that Temporal Web is shown (web-settings.ts) and that the proxy holds to. Money moves by rows
 * that our own commands write (docs/operating.md): what an operator does here wakes, asks or stops a
 * run, and what was stopped is started again from PostgreSQL.
 */
export const ACTIONS = {
  query: { needs: 'viewer', method: 'POST', paths: ['workflows/{workflow}/query/{name}'] },
  signal: { needs: 'operator', method: 'POST', paths: ['workflows/{workflow}/signal/{name}'] },
  update: { needs: 'operator', method: 'POST', paths: ['workflows/{workflow}/update/{name}'] },
  cancel: {
    needs: null,
    method: 'POST',
    paths: ['workflows/{workflow}/cancel'],
    instead:
      'a payment answers a cancel request with a void, which is money: decide release_hold, to which a second person agrees',
  },
  terminate: { needs: 'admin', method: 'POST', paths: ['workflows/{workflow}/terminate'] },
  pause: {
    needs: 'admin',
    method: 'POST',
    paths: ['workflows/{workflow}/pause', 'workflows/{workflow}/unpause'],
  },
  activity: {
    needs: 'admin',
    method: 'POST',
    paths: ACTIVITY_COMMANDS.flatMap((command) => [
      // Temporal Web 2.54 asks the first two, in this order; the workflow's id is in the body.
      `activities-deprecated/${command}`,
      `activities/${command}`,
      `workflows/{workflow}/activities/{name}/${command}`,
    ]),
  },
  'stop batch': { needs: 'admin', method: 'POST', paths: ['batch-operations/{name}/stop'] },
  reset: {
    needs: null,
    method: 'POST',
    paths: ['workflows/{workflow}/reset'],
    instead:
      'a reset of a closed run would end the open one: terminate the run, and the keeper starts it anew',
  },
  batch: {
    needs: null,
    method: 'POST',
    paths: ['batch-operations/{name}'],
    instead: 'a batch reaches every workflow that a query finds: act on one workflow at a time',
  },
  start: {
    needs: null,
    method: 'POST',
    paths: ['workflows/{workflow}', 'workflows/{workflow}/signal-with-start/{name}'],
    instead: 'workflows are started from PostgreSQL, by the api and the keeper',
  },
} as const satisfies Record<string, ActionRule>;
export type Action = keyof typeof ACTIONS;

/** A call of Temporal's API that is not a GET. */
export interface Write {
  readonly action: Action;
  readonly rule: ActionRule;
  readonly namespace: string;
  /** Null where the path does not say it. */
  readonly workflow: string | null;
  /** Of the signal, update, query, activity or batch; null where there is none. */
  readonly name: string | null;
}

const PREFIX = '/api/v1/namespaces/';

/**
 * What a call asks for; null when it is none that is known here. Read from the path as it was sent, cut
 * at its slashes as Temporal Web cuts it, so that both see the same call.
 * @param path without its query.
 */
export function writeOf(method: string, path: string): Write | null {
  if (!path.startsWith(PREFIX)) return null;
  const [namespace, ...rest] = path.slice(PREFIX.length).split('/').map(decoded);
  if (namespace === undefined || namespace === null || rest.length === 0) return null;
  for (const [action, rule] of Object.entries(ACTIONS) as [Action, ActionRule][]) {
    if (rule.method !== method) continue;
    for (const template of rule.paths) {
      const values = match(template.split('/'), rest);
      if (values !== null)
        return {
          action,
          rule,
          namespace,
          workflow: values['{workflow}'] ?? null,
          name: values['{name}'] ?? null,
        };
    }
  }
  return null;
}

/** The segment as text; null when it is empty, steps elsewhere, or hides a slash or a control character. */
function decoded(segment: string): string | null {
  try {
    const text = decodeURIComponent(segment);
    return /^\.{0,2}$|[/\\\u0000-\u001f]/.test(text) ? null : text;
  } catch {
    return null;
  }
}

function match(
  template: readonly string[],
  segments: readonly (string | null)[],
): Readonly<Record<string, string>> | null {
  if (template.length !== segments.length) return null;
  const values: Record<string, string> = {};
  for (const [index, part] of template.entries()) {
    const segment = segments[index];
    if (segment === null || segment === undefined) return null;
    if (part.startsWith('{')) values[part] = segment;
    else if (part !== segment) return null;
  }
  return values;
}
