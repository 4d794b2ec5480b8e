import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { WithStartWorkflowOperation } from '@temporalio/client';
import express from 'express';
import { listenOn, REQUEST_LIMITS } from '../../platform/http-server.ts';
import type { TemporalClient } from '../../platform/temporal.ts';
import { FLOOR_QUEUE, FLOORS, ring, USUAL_QUEUE, type Floor } from './contract.ts';

const QUEUES = {
  empty: FLOOR_QUEUE,
  floor: FLOOR_QUEUE,
  usual: USUAL_QUEUE,
} as const satisfies Record<Floor, string>;

/** As long as the payments API waits for a ring (ms). */
const LIMIT_MS = 20_000;

/** The least an api can do: read JSON, update-with-start, answer JSON with the workflow's id. */
export async function serveFloors({ client }: TemporalClient): Promise<number> {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(express.json());
  for (const floor of FLOORS) {
    app.post(`/${floor}`, async (_request, response) => {
      const id = randomUUID();
      await client.withDeadline(Date.now() + LIMIT_MS, () =>
        client.workflow.executeUpdateWithStart(ring, {
          updateId: id,
          args: [id],
          startWorkflowOperation: new WithStartWorkflowOperation(floor, {
            workflowId: id,
            taskQueue: QUEUES[floor],
            args: [{ merchant: 'mer_bench', payment: id }],
            workflowIdConflictPolicy: 'USE_EXISTING',
            workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          }),
        }),
      );
      response.status(201).json({ id });
    });
  }
  const server = createServer(REQUEST_LIMITS, (request, response) => void app(request, response));
  return (await listenOn(server, 0, '127.0.0.1')).port;
}
