/** What an operator may do, each role also all that the one before it may. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Somebody who is logged in. */
export interface Operator {
  readonly login: string;
  readonly role: Role;
  /** Where the request comes from. */
  readonly address: string;
}

/** Whether a role is enough; null = nobody may. */
export function mayAct(role: Role, needed: Role | null): boolean {
  return needed !== null && ROLES.indexOf(role) >= ROLES.indexOf(needed);
}
