import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { passesLuhn } from '../../../platform/scrub.ts';
import { createAuthority } from './authority.ts';
import { outcomeOfCard } from './cards.ts';
import { openJournal } from '../journal.ts';
import { journalEntrySchema } from './journal-entry.ts';
import { startHarness, type Harness } from './testing.ts';

describe('the journal of the simulator', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'journal-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('gives back after a restart what was appended, and cuts off a torn last line', async () => {
    const path = join(folder, 'journal.jsonl');
    const harness = await startHarness();
    const sale = await harness.plan('sale', 700n);
    await harness.activities.authorize(sale.ref);
    const whole = await readFile(harness.journalPath, 'utf8');
    await harness.stop();

    await writeFile(path, whole);
    await appendFile(path, '{"sequence":2,"at":"2025-');
    const journal = await openJournal(path, journalEntrySchema);
    expect(journal.recovered.map(({ kind, amount }) => [kind, amount])).toEqual([['sale', 700]]);
    await journal.close();
    expect(await readFile(path, 'utf8')).toBe(whole);
    expect(createAuthority(journal.recovered, true).transactions()).toMatchObject([
      { kind: 'sale', captured: 700, standing: 'open' },
    ]);
  });

  it('refuses a journal that was changed by hand, naming the line', async () => {
    const path = join(folder, 'journal.jsonl');
    await writeFile(path, '{"sequence":1}\n');
    await expect(openJournal(path, journalEntrySchema)).rejects.toThrow(
      /journal\.jsonl, line 1 is not a journal entry/,
    );
  });
});

describe('the test cards of the simulator', () => {
  it.each([
    '4242424242424242',
    '5555555555554444',
    '378282246310005',
    '4000000000000002',
    '4000000000009995',
    '4000000000000069',
    '4000000000000341',
    '4000000000000119',
    '4000000000000259',
    '4000000000000077',
    '4000000000005126',
    '4000000000000010',
  ])('%s passes Luhn and has an outcome', (number) => {
    expect(passesLuhn(number)).toBe(true);
    expect(outcomeOfCard(number).type).toBeTypeOf('string');
  });
});

describe('the control of the simulator', () => {
  let harness: Harness;
  let base: string;
  beforeEach(async () => {
    harness = await startHarness();
    base = `http://127.0.0.1:${harness.simulator().controlPort}`;
  });
  afterEach(async () => {
    await harness.stop();
  });
  const post = (path: string, body: unknown): Promise<Response> =>
    fetch(base + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  it('answers that it works', async () => {
    expect((await fetch(`${base}/healthz`)).status).toBe(200);
  });

  it('gives the journal as lines, all or after a sequence number, and the state', async () => {
    for (const amount of [100n, 200n])
      await harness.activities.authorize((await harness.plan('sale', amount)).ref);
    const lines = (await (await fetch(`${base}/journal?since=1`)).text()).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { sequence: 2, kind: 'sale', amount: 200, currency: 'EUR' },
    ]);
    expect((await fetch(`${base}/journal?since=x`)).status).toBe(400);
    expect(await (await fetch(`${base}/state`)).json()).toMatchObject({
      connections: 1,
      lines: 2,
      transactions: [{ captured: 100 }, { captured: 200 }],
    });
  });

  it('scripts faults for the next messages that match, and forgets them', async () => {
    const fault = {
      times: 2,
      match: { kind: 'sale', lastFour: '4242' },
      action: { type: 'decline', code: '91' },
    };
    expect((await post('/faults', fault)).status).toBe(201);
    const pay = async () =>
      (await harness.activities.authorize((await harness.plan('sale', 100n)).ref)).responseCode;
    expect(await pay()).toBe('91');
    expect(await (await fetch(`${base}/faults`)).json()).toMatchObject([{ times: 1 }]);
    expect((await fetch(`${base}/faults`, { method: 'DELETE' })).status).toBe(204);
    expect(await pay()).toBe('00');
  });

  it('refuses a fault it does not know, saying what is wrong', async () => {
    const response = await post('/faults', { action: { type: 'explode' } });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('action');
  });

  it('sets how slow the slow card is', async () => {
    expect((await post('/settings', { slowMs: 0 })).status).toBe(200);
    const attempt = await harness.plan('sale', 100n, { card: '4000000000000077' });
    expect(await harness.activities.authorize(attempt.ref)).toMatchObject({ outcome: 'approved' });
  });
});
