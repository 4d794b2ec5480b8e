import type { Payload } from '@temporalio/common';
import { z } from 'zod';
import type { Keyring } from '../../platform/keyring.ts';
import type { Logger } from '../../platform/logger.ts';
import { openPayload, sealPayload, type PayloadKeyPurpose } from '../../platform/payload-codec/codec.ts';
import { fromWire, toWire } from '../codec-server.ts';
import { Problem } from '../problem.ts';
import type { Operator } from '../roles.ts';
import type { TemporalWeb } from '../temporal-web.ts';
import type { Decision } from './records.ts';
import type { DeskStore } from './store.ts';

/** The update of a payment by which somebody rings (workflows/payment/payment.contract.ts). */
const RING = 'ring';

export interface DoorbellOptions {
  readonly keyring: Keyring<PayloadKeyPurpose>;
  readonly web: Pick<TemporalWeb, 'post'>;
  readonly namespace: string;
  readonly store: Pick<DeskStore, 'decision' | 'decide'>;
  readonly logger: Logger;
}

/** Ringing for decisions: by the gateway when one was made here, and by people in Temporal Web. */
export interface Doorbell {
  /**
   * Rings the payment of a decision that became a command, by update, in the operator's name; whether it
   * was heard. Where not, the relay rings within seconds: nothing rests on this.
   */
  ring(operator: Operator, decision: Decision): Promise<boolean>;
  /**
   * Somebody sends an update to a payment from Temporal Web. It may carry the id of a command or of a
   * decision and nothing else; the id of a decision that waits for a second person is that person's yes.
   * @throws Problem that says why it is not passed on.
   */
  heard(operator: Operator, workflow: string | null, update: string | null, body: unknown): Promise<void>;
}

const base64 = z.base64();
const ringBody = z.looseObject({
  request: z.looseObject({
    input: z.looseObject({
      args: z.looseObject({
        payloads: z
          .array(
            z.looseObject({ metadata: z.record(z.string(), base64).optional(), data: base64.optional() }),
          )
          .length(1),
      }),
    }),
  }),
});
const SUFFIX = '[0-7][0-9a-hjkmnp-tv-z]{25}';
const RUNG_FOR = new RegExp(`^(cmd|dcs)_${SUFFIX}$`);

export function createDoorbell({ keyring, web, namespace, store, logger }: DoorbellOptions): Doorbell {
  /** What the one payload of an update says; null when it is not one that was sealed here for JSON. */
  async function readPayload(body: unknown): Promise<unknown> {
    const [wire] = ringBody.safeParse(body).data?.request.input.args.payloads ?? [];
    if (wire === undefined) return null;
    const opened = await openPayload(keyring, fromWire(wire), null);
    if (typeof opened === 'string' || !('operator' in opened)) return null;
    try {
      return JSON.parse(Buffer.from(opened.payload.data ?? []).toString()) as unknown;
    } catch {
      return null;
    }
  }

  return {
    async ring({ login }, { id, payment_id: payment, effect }) {
      if (payment === null || effect?.startsWith('cmd_') !== true) return false;
      try {
        const sealed = await sealPayload(keyring, { namespace, operator: login }, jsonPayload(id));
        const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/workflows/${payment}/update/${RING}`;
        const body = {
          workflowExecution: { workflowId: payment },
          // The answer is in PostgreSQL; what is waited for is that the run has it.
          waitPolicy: { lifecycleStage: 'UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ACCEPTED' },
          request: {
            meta: { updateId: id, identity: `operator:${login}` },
            input: { name: RING, args: { payloads: [toWire(sealed)] } },
          },
        };
        const { status } = await web.post(path, JSON.stringify(body));
        if (status < 300) return true;
        logger.info('decision_not_heard', { decision: id, payment_id: payment, status });
      } catch (error) {
        logger.warn('decision_not_heard', { decision: id, payment_id: payment, error });
      }
      return false;
    },
    async heard(operator, workflow, update, body) {
      if (update !== RING) return;
      const said = await readPayload(body);
      if (typeof said !== 'string' || !RUNG_FOR.test(said))
        throw new Problem(
          'malformed_request',
          `an update of ${workflow ?? 'a payment'} carries the id of a decision (dcs_…) or of a command (cmd_…), as one JSON string, and nothing else`,
        );
      // That of a command wakes, and says nothing: the row is there or it is not.
      if (said.startsWith('cmd_')) return;
      const decision = await store.decision(said);
      if (decision.payment_id !== workflow)
        throw new Problem(
          'decision_refused',
          `decision ${said} is not about ${workflow ?? 'this workflow'}: ring the one that it is about`,
        );
      if (decision.state === 'rejected')
        throw new Problem(
          'decision_refused',
          `decision ${said} was rejected by ${decision.decided_by ?? ''}`,
        );
      if (decision.state === 'proposed') await store.decide(operator, said, 'approve', null);
    },
  };
}

function jsonPayload(value: unknown): Payload {
  return {
    metadata: { encoding: Buffer.from('json/plain') },
    data: Buffer.from(JSON.stringify(value)),
  };
}
