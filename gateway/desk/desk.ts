import type { Audit } from '../audit.ts';
import { Problem } from '../problem.ts';
import type { Operator } from '../roles.ts';
import type { Doorbell } from './doorbell.ts';
import type { AskedDecision } from './parse.ts';
import type { Decision, DecisionState, Waiting, WorkItem } from './records.ts';
import type { DeskStore, QueueFilter } from './store.ts';

/** A decision, and whether the run of its payment has been told. */
export interface MadeDecision {
  readonly decision: Decision;
  /** The relay tells it within seconds where this is false and it became a command. */
  readonly heard: boolean;
}

/** What people do at their desk: the same for the pages, the internal API and whoever speaks to it. */
export interface Desk {
  queue(filter: QueueFilter): Promise<readonly Waiting[]>;
  item(operator: Operator, id: string): Promise<WorkItem>;
  assign(operator: Operator, id: string, assignee: string | null): Promise<Waiting>;
  decisions(state: DecisionState | null, limit: number): Promise<readonly Decision[]>;
  decision(operator: Operator, id: string): Promise<Decision>;
  bulk(operator: Operator, id: string, after: string): Promise<readonly Decision[]>;
  propose(operator: Operator, asked: AskedDecision): Promise<MadeDecision>;
  decide(
    operator: Operator,
    id: string,
    verdict: 'approve' | 'reject',
    why: string | null,
  ): Promise<MadeDecision>;
}

export interface DeskOptions {
  readonly store: DeskStore;
  readonly doorbell: Pick<Doorbell, 'ring'>;
  readonly audit: Audit;
}

export function createDesk({ store, doorbell, audit }: DeskOptions): Desk {
  /** Who is refused is written down; what is done writes its line in its own transaction. */
  async function attempted<T>(operator: Operator, what: string, doing: Promise<T>): Promise<T> {
    try {
      return await doing;
    } catch (error) {
      if (error instanceof Problem && error.status < 500)
        await audit.write({ kind: 'write_refused', ...operator, action: what });
      throw error;
    }
  }
  async function rung(operator: Operator, decision: Decision): Promise<MadeDecision> {
    if (decision.state !== 'approved') return { decision, heard: false };
    const heard = await doorbell.ring(operator, decision);
    // It is done whatever comes now: that it cannot be read anew does not make it undone.
    const anew = heard ? await store.decision(decision.id).catch(() => decision) : decision;
    return { decision: anew, heard };
  }
  const looked = (operator: Operator, action: string, payment: string | null): Promise<unknown> =>
    audit.write({ kind: 'look', ...operator, action, workflowIds: payment === null ? [] : [payment] });

  return {
    queue: (filter) => store.queue(filter),
    async item(operator, id) {
      const item = await store.item(id);
      // Before anybody has seen anything.
      await looked(operator, `open ${id}`, item.payment.id);
      return item;
    },
    assign: (operator, id, assignee) =>
      attempted(operator, `assign ${id} to ${assignee ?? 'nobody'}`, store.assign(operator, id, assignee)),
    decisions: (state, limit) => store.decisions(state, limit),
    async decision(operator, id) {
      const decision = await store.decision(id);
      await looked(operator, `open ${id}`, decision.payment_id);
      return decision;
    },
    async bulk(operator, id, after) {
      await looked(operator, `open ${id}`, null);
      return store.bulk(id, after);
    },
    propose: async (operator, asked) =>
      rung(
        operator,
        await attempted(operator, `${asked.action} (${asked.id})`, store.propose(operator, asked)),
      ),
    decide: async (operator, id, verdict, why) =>
      rung(operator, await attempted(operator, `${verdict} ${id}`, store.decide(operator, id, verdict, why))),
  };
}
