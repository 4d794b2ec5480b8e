import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readRunFile, type RunFile } from '../../temporal-dev/run-file.ts';
import { openedText, storedText } from '../../temporal-dev/testing/open-history.ts';
import { openPayloads, type OpenPayloads } from '../../temporal-dev/testing/payloads.ts';
import { idOf, openWorld, sale, settled, until, type World } from '../support/world.ts';

let world: World;
let run: RunFile;
let connection: Connection;
let client: Client;
let payloads: OpenPayloads;

beforeAll(async () => {
  run = await readRunFile(inject('runFile'));
  world = await openWorld(inject('runFile'));
  connection = await Connection.connect({ address: run.temporal.address });
  client = new Client({ connection, namespace: run.temporal.namespace });
  payloads = openPayloads(run);
});
afterAll(async () => {
  await payloads.close();
  await connection.close();
  await world.close();
});

/** State transitions of a payment's closed run, as the server counts them. */
async function closedTransitions(id: string): Promise<number> {
  const { raw } = await until(
    'the run is closed',
    () => client.workflow.getHandle(id).describe(),
    ({ status }) => status.name === 'COMPLETED',
  );
  return Number(raw.workflowExecutionInfo?.stateTransitionCount);
}

describe('what a payment costs in Temporal', () => {
  it('a one-message purchase is at most 7 state transitions', async () => {
    const created = await world.post('/v1/payments', sale('4242424242424242'));
    expect(created.body['status'], created.text).toBe('captured');
    expect(await closedTransitions(idOf(created))).toBeLessThanOrEqual(7);
  });

  it('authorize, then capture, of one request is at most 11', async () => {
    const shop = await openWorld(inject('runFile'), { singleMessage: false });
    const created = await shop.post('/v1/payments', sale('5555555555554444'));
    expect(created.body['status'], created.text).toBe('captured');
    expect(await closedTransitions(idOf(created))).toBeLessThanOrEqual(11);
    expect((await shop.journal()).map(({ kind }) => kind)).toEqual(['approved', 'captured']);
    await shop.close();
  });

  it('a capture that comes as a request of its own adds 5', async () => {
    const created = await world.post('/v1/payments', { ...sale('5555555555554444'), capture: 'manual' });
    expect(created.body['status'], created.text).toBe('authorized');
    const captured = await world.post(`/v1/payments/${idOf(created)}/capture`, {});
    expect(captured.body['status'], captured.text).toBe('captured');
    expect(await closedTransitions(idOf(created))).toBeLessThanOrEqual(12);
  });
});

/** Distinctive test values: numbers of the schemes' test ranges and codes that no clock or id spells. */
const CANARIES = [
  { number: '4000000000009995', cvv: '739' },
  { number: '4000000000000119', cvv: '862' },
  { number: '378282246310005', cvv: '4196' },
] as const;

function needles(): string[] {
  return CANARIES.flatMap(({ number, cvv }) => [
    number,
    number.replace(/(\d{4})(?=\d)/g, '$1 '),
    number.replace(/(\d{4})(?=\d)/g, '$1-'),
    Buffer.from(number).toString('base64').replace(/=+$/, ''),
    Buffer.from(number).toString('hex'),
    // A code of three digits is everywhere; only where something calls it a code is it a leak.
    `"cvv":"${cvv}"`,
    `cvv=${cvv}`,
  ]);
}

function findings(place: string, text: string): string[] {
  return needles()
    .filter((needle) => text.includes(needle))
    .map((needle) => `${place}: ${needle}`);
}

async function histories(ids: readonly string[]): Promise<string> {
  const texts = await Promise.all(
    ids.map(async (id) => {
      const history = await client.workflow.getHandle(id).fetchHistory();
      // As it is stored, and what stands in the sealed payloads: else nothing would ever be found.
      return storedText(history) + (await openedText(history, payloads.dataConverter.payloadCodecs?.[0]));
    }),
  );
  return texts.join('\n');
}

async function logs(): Promise<string> {
  const files = await readdir(run.logs);
  return (await Promise.all(files.map((file) => readFile(join(run.logs, file), 'utf8')))).join('\n');
}

/** Every row of every table as text, as it is stored. */
async function dumpOf(database: string): Promise<string> {
  const pool = new pg.Pool({
    connectionString: run.postgres.superuserUrl.replace(/\/[^/]*$/, `/${database}`),
    max: 1,
  });
  try {
    const { rows: tables } = await pool.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    const texts: string[] = [];
    for (const { name } of tables) {
      const { rows } = await pool.query<{ row: string }>(`select t::text as row from ${name} t`);
      texts.push(...rows.map(({ row }) => row));
    }
    return texts.join('\n');
  } finally {
    await pool.end();
  }
}

describe('where a card number is', () => {
  it('in no history, no log, and no table, plain or encoded; expiry stands only beside a token', async () => {
    const ids: string[] = [];
    for (const { number, cvv } of CANARIES) {
      const body = sale(number, { card: { number, expiry_month: 11, expiry_year: 2031, cvv } });
      const created = await world.post('/v1/payments', body);
      ids.push(idOf(created));
      await settled(world, idOf(created));
      const refused = await world.post('/v1/payments', { ...body, description: `my card is ${number}` });
      expect(refused.status).toBe(400);
      await world.post('/v1/payments', { ...body, amount: 'x' });
    }
    const history = await histories(ids);
    const [tokenized] = await world.sql<{ card_token: string }>(
      'select card_token from payments where id = $1',
      [ids[0]],
    );
    expect(history, 'the search must be able to read payloads').toContain(tokenized?.card_token);
    const main = await dumpOf('quittance');
    const vault = await dumpOf('quittance_vault');
    expect(main.length, 'the search must be able to read tables').toBeGreaterThan(10_000);
    expect(vault.length).toBeGreaterThan(1_000);
    const log = await logs();
    expect([
      ...findings('histories', history),
      ...findings('main database', main),
      ...findings('vault database', vault),
      ...findings('logs', log),
    ]).toEqual([]);
    // The check checks itself: a planted number is found.
    expect(findings('planted', `${log}${CANARIES[0].number}`)).toHaveLength(1);

    const lonely = await world.sql(
      'select id from payments where card_token is null and card_expiry_year is not null',
    );
    expect(lonely).toEqual([]);
  });
});
