import express from 'express';
import type { Server } from 'node:http';
import { z } from 'zod';

export interface ControlServer {
  readonly port: number;
  close(): Promise<void>;
}

const sinceSchema = z.coerce.number().int().min(0).default(0);

/** What a simulator shows and lets be changed. */
export interface Controlled<Fault, Settings> {
  /** Its journal so far. */
  readonly entries: () => readonly object[];
  /** What the state is made of, for people. */
  readonly state: () => object;
  readonly faultSchema: z.ZodType<Fault>;
  readonly faults: {
    readonly add: (fault: Fault) => void;
    readonly clear: () => void;
    list(): readonly Fault[];
  };
  readonly settingsSchema: z.ZodType<Settings>;
  readonly set: (settings: Settings) => void;
}

/**
 * For tests and people, on 127.0.0.1; the same for every wire:
 *
 * - GET /healthz
 * - GET /journal?since=N: the lines after sequence N, one JSON object a line
 * - GET /state: what stands, and the number of connections
 * - POST /faults {times, match: {…}, action: {type, …}}; GET lists, DELETE clears
 * - POST /settings
 */
export async function startControlServer<Fault, Settings>(
  port: number,
  { entries, state, faultSchema, faults, settingsSchema, set }: Controlled<Fault, Settings>,
): Promise<ControlServer> {
  const app = express();
  app.disable('x-powered-by');
  app.use(express.json({ limit: '16kb' }));

  app.get('/healthz', (_request, response) => void response.type('text').send('ok\n'));
  app.get('/journal', (request, response) => {
    const since = sinceSchema.safeParse(request.query['since']);
    if (!since.success)
      return void response.status(400).json({ detail: 'since is a sequence number, 0 or above' });
    const lines = entries()
      .slice(since.data)
      .map((entry) => `${JSON.stringify(entry)}\n`);
    return void response.type('application/x-ndjson').send(lines.join(''));
  });
  app.get('/state', (_request, response) => void response.json(state()));
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
    set(settings.data);
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
