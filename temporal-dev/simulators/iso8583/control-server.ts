import express from 'express';
import type { Server } from 'node:http';
import { z } from 'zod';
import type { Authority } from './authority.ts';
import { faultSchema, type Faults } from './faults.ts';

export interface ControlServer {
  readonly port: number;
  close(): Promise<void>;
}

const sinceSchema = z.coerce.number().int().min(0).default(0);
const settingsSchema = z.strictObject({ slowMs: z.number().int().min(0).max(600_000) });

/**
 * For tests and people, on 127.0.0.1:
 *
 * - GET /healthz
 * - GET /journal?since=N: the lines after sequence N, one JSON object a line
 * - GET /state: every authorization and sale as it stands, and the number of connections
 * - POST /faults {times, match: {mti?, kind?, amount?, bin?, lastFour?}, action: {type, …}}; GET lists, DELETE clears
 * - POST /settings {slowMs}: how late the slow card is answered
 */
export async function startControlServer(
  port: number,
  {
    authority,
    faults,
    connections,
  }: { readonly authority: Authority; readonly faults: Faults; readonly connections: () => number },
): Promise<ControlServer> {
  const app = express();
  app.disable('x-powered-by');
  app.use(express.json({ limit: '16kb' }));

  app.get('/healthz', (_request, response) => void response.type('text').send('ok\n'));
  app.get('/journal', (request, response) => {
    const since = sinceSchema.safeParse(request.query['since']);
    if (!since.success)
      return void response.status(400).json({ detail: 'since is a sequence number, 0 or above' });
    const lines = authority
      .entries()
      .slice(since.data)
      .map((entry) => `${JSON.stringify(entry)}\n`);
    return void response.type('application/x-ndjson').send(lines.join(''));
  });
  app.get('/state', (_request, response) => {
    response.json({
      connections: connections(),
      lines: authority.entries().length,
      transactions: authority.transactions(),
    });
  });
  app.get('/faults', (_request, response) => void response.json(faults.list()));
  app.post('/faults', (request, response) => {
    const fault = faultSchema.safeParse(request.body);
    if (!fault.success) return void response.status(400).json({ detail: z.prettifyError(fault.error) });
    faults.add(fault.data);
    return void response.status(201).json(fault.data);
  });
  app.delete('/faults', (_request, response) => {
    faults.clear();
    response.status(204).end();
  });
  app.post('/settings', (request, response) => {
    const settings = settingsSchema.safeParse(request.body);
    if (!settings.success) return void response.status(400).json({ detail: z.prettifyError(settings.error) });
    faults.setSlowMs(settings.data.slowMs);
    return void response.json(settings.data);
  });

  const server = await new Promise<Server>((resolve, reject) => {
    const listening: Server = app.listen(port, '127.0.0.1', (error) => {
      if (error === undefined) resolve(listening);
      else reject(error);
    });
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the control server has no port');
  return {
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}
