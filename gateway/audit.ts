import type pg from 'pg';
import type { Operator, Role } from './roles.ts';

export type AuditKind =
  | 'login_tried'
  | 'login'
  | 'logout'
  | 'decode'
  | 'encode'
  | 'write'
  | 'write_refused'
  /** A case or payment was opened. Decisions and assignments write their own lines (schema/functions). */
  | 'look';

/** One line: who did what, from where. */
export interface AuditLine {
  readonly kind: AuditKind;
  /** As typed in `login_tried`; null when that cannot be a login. */
  readonly login: string | null;
  readonly role: Role | null;
  readonly address: string;
  readonly action?: string;
  readonly namespace?: string;
  readonly workflowIds?: readonly string[];
  readonly payloads?: number;
}

/** How often somebody failed to log in lately. */
export interface Failures {
  /** Of this login from this address, since it last succeeded from there. */
  readonly pair: number;
  readonly address: number;
  readonly login: number;
}

export interface Audit {
  /** Commits one line; its id. @throws when the database does not take it: then nothing may be done. */
  write(line: AuditLine): Promise<string>;
  /** Notes what Temporal answered to a line of kind `write`. */
  answered(id: string, operator: Operator, status: number): Promise<void>;
  failures(login: string | null, address: string, windowS: number): Promise<Failures>;
}

/** No line is longer than its table allows: what was cut is still recognisable. */
const ACTION_LENGTH_MAX = 500;
const NAMESPACE_LENGTH_MAX = 1_000;
const WORKFLOWS_MAX = 1_000;

/** The audit log in `gateway_audit`, which nobody can change or shorten. */
export function createAudit(pool: Pick<pg.Pool, 'query'>): Audit {
  return {
    async write(line) {
      const { rows } = await pool.query<{ id: string }>({
        name: 'gateway_audit_write',
        text: `insert into gateway_audit (kind, login, role, address, action, namespace, workflow_ids, payloads)
               values ($1, $2, $3, $4, $5, $6, $7, $8) returning id::text`,
        values: [
          line.kind,
          line.login,
          line.role,
          line.address.slice(0, 100),
          line.action?.slice(0, ACTION_LENGTH_MAX) ?? null,
          line.namespace?.slice(0, NAMESPACE_LENGTH_MAX) ?? null,
          line.workflowIds?.slice(0, WORKFLOWS_MAX) ?? [],
          line.payloads ?? null,
        ],
      });
      const [row] = rows;
      if (row === undefined) throw new Error(`no id came back for the audit line ${line.kind}`);
      return row.id;
    },
    async answered(id, { login, role, address }, status) {
      await pool.query({
        name: 'gateway_audit_answered',
        text: `insert into gateway_audit (kind, login, role, address, answers, status) values ('answered', $1, $2, $3, $4, $5)`,
        values: [login, role, address.slice(0, 100), id, status],
      });
    },
    async failures(login, address, windowS) {
      const { rows } = await pool.query<Record<keyof Failures, string>>({
        name: 'gateway_audit_failures',
        text: `with lately as (
                 select kind, login, address, at from gateway_audit
                 where kind in ('login_tried', 'login') and at > clock_timestamp() - make_interval(secs => $3)
                   and (address = $2 or login = $1))
               select count(*) filter (where login = $1 and address = $2 and kind = 'login_tried' and at > coalesce(
                        (select max(at) from lately where login = $1 and address = $2 and kind = 'login'), '-infinity')) as pair,
                      count(*) filter (where address = $2 and kind = 'login_tried')
                        - count(*) filter (where address = $2 and kind = 'login') as address,
                      count(*) filter (where login = $1 and kind = 'login_tried')
                        - count(*) filter (where login = $1 and kind = 'login') as login
               from lately`,
        values: [login, address.slice(0, 100), windowS],
      });
      const [row] = rows;
      return { pair: Number(row?.pair), address: Number(row?.address), login: Number(row?.login) };
    },
  };
}
