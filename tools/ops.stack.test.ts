import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testCard } from '../proof/support/cards.ts';
import { idOf, openWorld, sale, until, type World } from '../proof/support/world.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';
import { runOps } from './ops/run-ops.ts';

/**
 * The promise: what the desk's pages can, `ops` can, as the one who logs in and with an exit code; and what
 * is decided about many is shown first, done at a pace, and not done twice when it is stopped and said again.
 */

let world: World;
let folder: string;

beforeAll(async () => {
  world = await openWorld(stackRunFile(), { singleMessage: false, acquirers: ['acquirer-1'] });
  folder = await mkdtemp(join(tmpdir(), 'quittance-ops-'));
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true });
});

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly errors: string;
}

async function ops(args: readonly string[], stdin = ''): Promise<Ended> {
  const out: string[] = [];
  const errors: string[] = [];
  const code = await runOps([...args, '--run-file', stackRunFile()], {
    out: (text) => out.push(text),
    err: (text) => errors.push(text),
    stdin: Readable.from([stdin]),
  });
  return { code, out: out.join(''), errors: errors.join('') };
}
const json = ({ out }: Ended) => JSON.parse(out) as Readonly<Record<string, unknown>>;

let cards = 7_300;
async function inReview(): Promise<string> {
  const created = await world.post(
    '/v1/payments',
    { ...sale(testCard((cards += 1))), amount: 2_500_000, capture: 'manual' },
    { wait: 20 },
  );
  expect(created.body['status'], created.text).toBe('in_review');
  return idOf(created);
}
const becomes = (payment: string, status: string): Promise<unknown> =>
  until(
    `${payment} is ${status}`,
    () => world.get(`/v1/payments/${payment}`),
    ({ body }) => body['status'] === status,
  );

describe('ops', () => {
  it('shows what waits, assigns it and decides it, and a second person confirms', async () => {
    const payment = await inReview();
    const list = await ops(['cases', 'list', '--kind', 'review', '--limit', '500']);
    expect(list).toMatchObject({ code: 0, errors: '' });
    expect(list.out).toMatch(/^id +kind +payment id +opened at +due at +overdue +assignee\n/);
    expect(list.out).toContain(`${payment}  review  ${payment}`);
    expect((await ops(['cases', 'assign', payment])).out).toMatch(/assignee +operator\n/);
    const shown = await ops(['cases', 'show', payment]);
    expect(shown.out).toContain('authorization_started');

    const decide = ['decide', 'reject_review', payment, '--reason', 'too much', '--second-person', '--json'];
    const proposed = json(await ops(decide));
    expect(proposed).toMatchObject({ state: 'proposed', proposed_by: 'operator' });
    const id = String(proposed['id']);
    expect(await ops(['confirm', id])).toMatchObject({
      code: 1,
      errors: expect.stringContaining('second_person_needed') as string,
    });
    expect((await ops(['decisions', 'list', '--limit', '500'])).out).toContain(id);
    const confirmed = await ops(['confirm', id, '--login', 'admin', '--why', 'seen']);
    expect(confirmed).toMatchObject({
      code: 0,
      out: expect.stringContaining(`${id} approved: reject_review of ${payment}, became cmd_`) as string,
    });
    await becomes(payment, 'voided');
  });

  it('ends with a code of its own for each way of not doing it', async () => {
    const payment = await inReview();
    const decide = ['decide', 'approve_review', payment, '--reason', 'x'];
    expect((await ops(['decide', 'approve_review', payment])).code).toBe(2);
    expect((await ops(['dance'])).code).toBe(2);
    expect((await ops([...decide, '--login', 'viewer'])).errors).toContain('refused (role_insufficient)');
    expect((await ops(['decide', 'release_hold', payment.slice(0, -1), '--reason', 'x'])).code).toBe(2);
    const wrong = await ops([...decide, '--password-stdin'], 'wrong\n');
    expect(wrong).toMatchObject({ code: 1, errors: expect.stringContaining('not let in') as string });
    const silent = await ops([...decide, '--gateway', 'http://127.0.0.1:9', '--password-stdin'], 'x\n');
    expect(silent.code).toBe(3);
    expect((await ops([])).out).toContain('cases list');
    await ops(decide);
  });

  it('decides about many: shown first, then done, and said again not done twice', async () => {
    const payments = [await inReview(), await inReview(), await inReview()];
    const query = `QuittanceMerchant = '${world.merchant}' AND QuittanceAttention = 'review'`;
    const progress = join(folder, 'progress.jsonl');
    const batch = ['--batch', `test-${world.merchant.slice(-8)}`, '--progress', progress];
    const asked = ['bulk', '--query', query, '--action', 'approve_review', '--reason', 'known', ...batch];
    const dry = await until(
      'the query finds all three',
      () => ops([...asked, '--second-person']),
      ({ out }) => payments.every((payment) => out.includes(`${payment} would approve_review`)),
    );
    expect(dry).toMatchObject({
      code: 0,
      out: expect.stringMatching(/nothing was done \(--list blk_\w+ --go\)/) as string,
    });
    for (const payment of payments)
      expect((await world.get(`/v1/payments/${payment}`)).body['status']).toBe('in_review');
    const list = /blk_\w+/.exec(dry.out)?.[0] ?? '';
    const go = ['bulk', ...batch, '--list', list, '--go', '--per-second', '50'];
    // It came after the dry run: it is told and left alone.
    const late = await inReview();
    await until(
      'the query finds it, too',
      () =>
        ops([
          'bulk',
          '--query',
          query,
          '--action',
          'ask_now',
          '--reason',
          'x',
          '--batch',
          'other',
          '--progress',
          join(folder, 'other'),
        ]),
      ({ out }) => out.includes(late),
    );

    // Two people: one proposes the list, which says so, the other agrees to all of it at once.
    expect((await ops([...go, '--second-person'])).errors).toContain('--second-person is of the list');
    const proposed = await ops(go);
    expect(proposed, proposed.errors).toMatchObject({ code: 0, errors: '' });
    expect(proposed.out).toContain(`${late} changed: the dry run did not show it`);
    expect(proposed.out).toContain('3 on the list, 3 decided, 0 before, 0 refused, 1 changed since');
    const lines = (await readFile(progress, 'utf8')).trim().split('\n');
    expect(lines.filter((line) => line !== '')).toHaveLength(3);
    const confirm = ['bulk', 'confirm', list, '--per-second', '50'];
    const look = await ops([...confirm, '--login', 'admin']);
    for (const payment of payments) expect(look.out).toContain(`"subject":"${payment}"`);
    const seen = /--seen (\w+) /.exec(look.out)?.[1] ?? '';
    expect(await ops([...confirm, '--go', '--seen', seen])).toMatchObject({
      code: 1,
      errors: expect.stringContaining('second_person_needed') as string,
    });
    expect((await ops([...confirm, '--go', '--login', 'admin', '--seen', 'x'])).code).toBe(2);
    expect((await ops([...confirm, '--go', '--login', 'admin', '--seen', seen])).out).toContain(
      '3 confirmed',
    );
    await Promise.all(payments.map((payment) => becomes(payment, 'authorized')));
    expect((await world.get(`/v1/payments/${late}`)).body['status']).toBe('in_review');

    // As if it had been killed after the first, and half a line of the second was written.
    await writeFile(progress, `${lines[0] ?? ''}\n{"payment": "pay`);
    const again = await ops(go);
    // What is decided is not refused and not done again: those decisions have the same ids.
    expect(again.out).toContain('3 on the list, 0 decided, 3 before, 0 refused');
    const rows = await world.sql<{ count: string }>(
      `select count(*) from commands where kind = 'review' and payment_id = any ($1)`,
      [payments],
    );
    expect(rows).toEqual([{ count: '3' }]);
  });
});
