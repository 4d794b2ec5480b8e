import type { RunFile } from '../../temporal-dev/run-file.ts';
import type { Groups } from './processes.ts';

/** Our processes and the parts they stand on, as figures are told by; roles of the run file. */
const ROLES = {
  api: ['api'],
  'payments worker': ['payments'],
  'acquirer worker': ['acquirers'],
  'webhooks worker': ['webhooks'],
  'back office': ['back-office'],
  vault: ['vault'],
  Temporal: ['temporal'],
  PostgreSQL: ['postgres'],
  Redis: ['redis'],
  'KMS and acquirer simulators': ['kms', 'acquirer-1', 'acquirer-3', 'acquirer-4'],
} as const satisfies Record<string, readonly string[]>;

export type Group = keyof typeof ROLES;
export const GROUPS = Object.keys(ROLES) as Group[];

/** Pids by group; `more` are processes of a bench that do a group's work. */
export function groupsOf(run: RunFile, more: Partial<Record<Group, readonly number[]>> = {}): Groups {
  return Object.fromEntries(
    GROUPS.map((group) => [
      group,
      [
        ...ROLES[group].map((role) => run.processes[role]).filter((pid) => pid !== undefined),
        ...(more[group] ?? []),
      ],
    ]),
  );
}
