import pg from 'pg';
import { Problem } from '../problem.ts';
import type { Operator } from '../roles.ts';
import type { Decision, DecisionState, Waiting, WorkItem } from './records.ts';
import type { AskedDecision } from './parse.ts';

export interface QueueFilter {
  readonly kind: string | null;
  readonly assignee: string | null;
  readonly overdue: boolean;
  readonly limit: number;
}

/** Decisions of a bulk that are answered at once. */
export const BULK_PAGE = 500;

/** What operators decide and mind, in PostgreSQL: every rule is a function or a constraint there. */
export interface DeskStore {
  /** @throws Problem `decision_refused`, `role_insufficient` */
  propose(operator: Operator, asked: AskedDecision): Promise<Decision>;
  /** @throws Problem `decision_refused`, `second_person_needed`, `role_insufficient`, `not_found` */
  decide(
    operator: Operator,
    id: string,
    verdict: 'approve' | 'reject',
    why: string | null,
  ): Promise<Decision>;
  /** @throws Problem `not_found` */
  decision(id: string): Promise<Decision>;
  /** The newest first; null = in every state. */
  decisions(state: DecisionState | null, limit: number): Promise<readonly Decision[]>;
  /** Those of a bulk, by their ids, from behind one of them; at most `BULK_PAGE`. */
  bulk(id: string, after: string): Promise<readonly Decision[]>;
  queue(filter: QueueFilter): Promise<readonly Waiting[]>;
  /** @throws Problem `not_found` */
  item(id: string): Promise<WorkItem>;
  /** @throws Problem `not_found`, `role_insufficient` */
  assign(operator: Operator, id: string, assignee: string | null): Promise<Waiting>;
}

export function createDeskStore(pool: Pick<pg.Pool, 'query'>): DeskStore {
  async function rows<T>(name: string, text: string, values: readonly unknown[]): Promise<readonly T[]> {
    const { rows: found } = await pool
      .query<{ value: T | null }>({ name, text, values: [...values] })
      .catch((error: unknown) => {
        throw refusalOf(error);
      });
    return found.flatMap(({ value }) => (value === null ? [] : [value]));
  }
  async function one<T>(about: string, name: string, text: string, values: readonly unknown[]): Promise<T> {
    const [row] = await rows<T>(name, text, values);
    if (row === undefined) throw new Problem('not_found', `there is no ${about}, or nothing of it waits`);
    return row;
  }

  return {
    propose: ({ login, address }, asked) =>
      one(
        asked.id,
        'desk_propose',
        'select decision_record(d) as value from propose_decision($1::jsonb, $2, $3) d',
        [JSON.stringify(asked), login, address],
      ),
    decide: ({ login, address }, id, verdict, why) =>
      one(
        id,
        'desk_decide',
        'select decision_record(d) as value from decide_decision($1, $2, $3, $4, $5) d',
        [id, verdict, login, why, address],
      ),
    decision: (id) =>
      one(id, 'desk_decision', 'select decision_record(d) as value from decisions d where d.id = $1', [id]),
    decisions: (state, limit) =>
      rows(
        'desk_decisions',
        `select decision_record(d) as value from decisions d where $1::text is null or d.state = $1
         order by d.proposed_at desc, d.id desc limit $2`,
        [state, limit],
      ),
    bulk: (id, after) =>
      rows(
        'desk_bulk',
        'select decision_record(d) as value from decisions d where d.bulk = $1 and d.id > $2 order by d.id limit $3',
        [id, after, BULK_PAGE],
      ),
    queue: ({ kind, assignee, overdue, limit }) =>
      rows('desk_queue', 'select w as value from work_queue($1, $2, $3, $4) w', [
        kind,
        assignee,
        overdue,
        limit,
      ]),
    item: (id) => one(id, 'desk_item', 'select work_item($1) as value', [id]),
    assign: ({ login, address }, id, assignee) =>
      one(id, 'desk_assign', 'select assign_work($1, $2, $3, $4) as value', [id, assignee, login, address]),
  };
}

/** What the database refused, in its own words, which name the decision and say why; anything else as it is. */
function refusalOf(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return error;
  const { code = '', constraint, message } = error;
  if (constraint?.endsWith('two_persons') === true) return new Problem('second_person_needed', message);
  if (code === '42501' && !message.startsWith('permission denied'))
    return new Problem('role_insufficient', message);
  if (code === 'P0002') return new Problem('not_found', message);
  if (/^(22|23)/.test(code)) return new Problem('decision_refused', message, error);
  return error;
}
