import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startEventLog, untilReported } from '../testing/event-log.ts';
import { silent } from '../testing/memory-attempts.ts';
import { startSimulator } from './server.ts';

it('what Stripe did and nobody took is told after its restart, with the same names, and once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stripe-restart-'));
  const journalPath = join(folder, 'journal.jsonl');
  const log = await startEventLog();
  const start = () =>
    startSimulator({
      port: 0,
      controlPort: 0,
      journalPath,
      apiKey: 'sk_test_of_the_simulator',
      refundsPendMs: null,
      events: { url: log.url, secret: 'whsec_of_the_simulator' },
      logger: silent,
    });
  const create = (port: number) =>
    fetch(`http://127.0.0.1:${port}/v1/payment_intents`, {
      method: 'POST',
      headers: {
        authorization: 'Bearer sk_test_of_the_simulator',
        'idempotency-key': crypto.randomUUID(),
        'stripe-account': 'acct_test',
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'amount=900&currency=eur&capture_method=manual',
    });
  const told = (): readonly string[] =>
    log.bodies().map((body) => {
      const { id, type } = JSON.parse(body) as { id: string; type: string };
      return `${id} ${type}`;
    });
  try {
    log.answer(503);
    const first = await start();
    expect((await create(first.port)).status).toBe(200);
    await expect.poll(told).toEqual(['evt_sim000000000001x0 payment_intent.created']);
    await first.close();

    log.forget();
    log.answer(200);
    const second = await start();
    await expect.poll(told).toEqual(['evt_sim000000000001x0 payment_intent.created']);
    await untilReported(journalPath, 1);
    await second.close();
    const third = await start();
    await create(third.port);
    await expect
      .poll(told)
      .toEqual([
        'evt_sim000000000001x0 payment_intent.created',
        'evt_sim000000000002x0 payment_intent.created',
      ]);
    await third.close();
  } finally {
    await log.close();
    await rm(folder, { recursive: true, force: true });
  }
});
