import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { readIfThere } from '../../files.ts';
import { waitUntil } from '../../testing/wait-until.ts';

export type EventLog = Awaited<ReturnType<typeof startEventLog>>;

/**
 * Waits until a simulator has written down that so many reports were taken: it does when it has read the
 * answer, which is after the log has the body. What it has not written is reported again after a restart.
 */
export async function untilReported(journalPath: string, reports: number): Promise<void> {
  await waitUntil(`${reports} reports are written down as taken`, 10_000, async () => {
    const lines = ((await readIfThere(`${journalPath}.reported`)) ?? '').split('\n').length - 1;
    return lines === reports;
  });
}

/** Whoever is reported to: keeps every body that it answered, and answers as it is told to. */
export async function startEventLog() {
  let status = 200;
  let bodies: string[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      bodies.push(body);
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the event log has no port');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    bodies: (): readonly string[] => bodies,
    answer: (next: number): void => void (status = next),
    forget: (): void => void (bodies = []),
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
