import { ACTIONS, type Action } from './actions.ts';
import { mayAct, type Role } from './roles.ts';

/** The switches of Temporal Web (its version 2.54), each by the action that it hides. */
const SWITCHES = {
  WorkflowTerminateDisabled: 'terminate',
  WorkflowCancelDisabled: 'cancel',
  WorkflowSignalDisabled: 'signal',
  WorkflowUpdateDisabled: 'update',
  WorkflowResetDisabled: 'reset',
  WorkflowPauseDisabled: 'pause',
  BatchActionsDisabled: 'batch',
  StartWorkflowDisabled: 'start',
  ActivityCommandsDisabled: 'activity',
} as const satisfies Record<string, Action>;

/**
 * What Temporal Web is told about itself: that a codec server of the same origin makes payloads readable,
 * with the operator's cookie, and which buttons there are for this role. The proxy holds to the same rules
 * whatever the page shows.
 * @param settings as Temporal Web itself answers GET /api/v1/settings.
 */
export function settingsFor(
  settings: Readonly<Record<string, unknown>>,
  role: Role,
  origin: string,
): Record<string, unknown> {
  return {
    ...settings,
    Codec: {
      Endpoint: `${origin}/codec`,
      PassAccessToken: false,
      IncludeCredentials: true,
      DefaultErrorMessage: 'The operator gateway did not open these payloads: is your login still good?',
      DefaultErrorLink: `${origin}/`,
    },
    DisableWriteActions: !mayAct(role, ACTIONS.signal.needs),
    ...Object.fromEntries(
      Object.entries(SWITCHES).map(([name, action]) => [name, !mayAct(role, ACTIONS[action].needs)]),
    ),
  };
}
