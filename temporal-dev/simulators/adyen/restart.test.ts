import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { silent } from '../testing/memory-attempts.ts';
import { startEventLog, untilReported, type EventLog } from '../testing/event-log.ts';
import { startSimulator } from './server.ts';

/** The promise: what Adyen's simulator did is reported, however often it dies in between, in its order. */
let folder: string;
let log: EventLog;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'adyen-restart-'));
  log = await startEventLog();
});
afterAll(async () => {
  await log.close();
  await rm(folder, { recursive: true, force: true });
});

const API_KEY = 'test_key_of_the_adyen_simulator';
const start = (journal: string) =>
  startSimulator({
    port: 0,
    controlPort: 0,
    journalPath: join(folder, journal),
    apiKey: API_KEY,
    hmacKey: '00112233445566778899AABBCCDDEEFF',
    webhookUrl: log.url,
    settleAfterMs: 0,
    logger: silent,
  });

async function post(port: number, path: string, body: object): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/v71${path}`, {
    method: 'POST',
    headers: { 'x-api-key': API_KEY, 'idempotency-key': crypto.randomUUID() },
    body: JSON.stringify({ merchantAccount: 'TestShop', ...body }),
  });
  const { pspReference } = (await response.json()) as { pspReference: string };
  return pspReference;
}

const amount = { value: 900, currency: 'EUR' };
const pay = (port: number, reference: string): Promise<string> =>
  post(port, '/payments', {
    reference,
    amount,
    paymentMethod: { type: 'scheme', number: '4111111111111111', expiryMonth: '03', expiryYear: '2030' },
    additionalData: { manualCapture: 'true' },
  });

/** What was posted, as "event of name". */
const told = (): readonly string[] =>
  log.bodies().map((body) => {
    const { notificationItems } = JSON.parse(body) as {
      notificationItems: readonly {
        NotificationRequestItem: { eventCode: string; merchantReference: string };
      }[];
    };
    return notificationItems
      .map(({ NotificationRequestItem: item }) => `${item.eventCode} of ${item.merchantReference}`)
      .join();
  });

it('what was not taken before it died is reported afterwards, in the order in which it happened, and once', async () => {
  log.forget();
  const first = await start('journal.jsonl');
  const payment = await pay(first.port, 'att_0');
  await expect.poll(told).toEqual(['AUTHORISATION of att_0']);
  await untilReported(join(folder, 'journal.jsonl'), 1);
  log.answer(503);
  await post(first.port, `/payments/${payment}/captures`, { reference: 'att_1', amount });
  await expect.poll(() => first.entries().map(({ kind }) => kind)).toContain('captured');
  await post(first.port, `/payments/${payment}/refunds`, { reference: 'att_2', amount });
  await expect.poll(() => first.entries().map(({ kind }) => kind)).toContain('refunded');
  await first.close();
  const journal = await readFile(join(folder, 'journal.jsonl'), 'utf8');

  log.forget();
  log.answer(200);
  const second = await start('journal.jsonl');
  await expect.poll(told).toEqual(['CAPTURE of att_1', 'REFUND of att_2']);
  await untilReported(join(folder, 'journal.jsonl'), 3);
  await second.close();
  const third = await start('journal.jsonl');
  await pay(third.port, 'att_3');
  await expect.poll(told).toEqual(['CAPTURE of att_1', 'REFUND of att_2', 'AUTHORISATION of att_3']);
  await third.close();
  // What it remembers of its reports stands beside the journal, not in it.
  expect((await readFile(join(folder, 'journal.jsonl'), 'utf8')).startsWith(journal)).toBe(true);
});

it('a journal from before reports were remembered is not reported again', async () => {
  const first = await start('old.jsonl');
  await pay(first.port, 'att_old');
  await expect.poll(told).toContain('AUTHORISATION of att_old');
  await first.close();
  await rm(join(folder, 'old.jsonl.reported'));
  log.forget();
  const second = await start('old.jsonl');
  await pay(second.port, 'att_new');
  await expect.poll(told).toEqual(['AUTHORISATION of att_new']);
  await second.close();
});

it('a journal that was moved away takes its reports with it, and half a line is no line', async () => {
  const first = await start('moved.jsonl');
  await pay(first.port, 'att_before');
  await expect.poll(told).toContain('AUTHORISATION of att_before');
  await first.close();
  await writeFile(join(folder, 'moved.jsonl'), '');
  await appendFile(join(folder, 'moved.jsonl.reported'), '{"done":"1.0 ');
  log.answer(503);
  const second = await start('moved.jsonl');
  await pay(second.port, 'att_after');
  await second.close();
  log.answer(200);
  log.forget();
  const third = await start('moved.jsonl');
  await expect.poll(told).toEqual(['AUTHORISATION of att_after']);
  await third.close();
});
