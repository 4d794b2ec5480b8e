import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { confirmBulk } from './bulk-confirm.ts';
import { runBulk, type BulkResult } from './bulk.ts';
import { GatewayRefusal, type Gateway } from './gateway.ts';
import type { Given } from './parse.ts';

// The promise: a batch decides about what its dry run showed and nothing else, and nothing twice; and a second
// person agrees to what they saw.

const PAYMENT = 'pay_01h455vb4pex5vsknk084sn02q';
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quittance-bulk-'));
});
afterEach(() => rm(folder, { recursive: true }));

type Recorded = Readonly<Record<string, unknown>>;

/** A gateway that finds payments and records decisions as propose_decision and decide_decision do. */
function gatewayWith(
  decisions: Map<string, Recorded>,
  login = 'operator',
  found: readonly string[] = [PAYMENT],
): Gateway {
  return {
    login,
    get: (path) => {
      if (path === '/internal/v1') return Promise.resolve({ namespace: 'default' });
      if (path.startsWith('/api/v1/'))
        return Promise.resolve({ executions: found.map((workflowId) => ({ execution: { workflowId } })) });
      if (path.startsWith('/internal/v1/bulks/')) {
        const [bulk = '', after = ''] = path.slice('/internal/v1/bulks/'.length).split('/decisions?after=');
        const all = [...decisions.values()].filter((one) => one['bulk'] === bulk.replace('/decisions', ''));
        const sorted = all.sort((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1));
        return Promise.resolve({ data: sorted.filter(({ id }) => String(id) > after).slice(0, 1), page: 1 });
      }
      const there = decisions.get(path.split('/').at(-1) ?? '');
      return there === undefined
        ? Promise.reject(new GatewayRefusal(404, 'not_found', 'there is none'))
        : Promise.resolve(there);
    },
    post: (path, body) => {
      if (path.endsWith('/confirm')) {
        const id = path.split('/').at(-2) ?? '';
        const agreed = { ...decisions.get(id), state: 'approved', decided_by: login };
        decisions.set(id, agreed);
        return Promise.resolve(agreed);
      }
      const asked = body as { readonly id: string; readonly action: string; readonly reason: string };
      const there = decisions.get(asked.id);
      if (asked.action === 'force_reversal' && asked.reason === 'impossible')
        return Promise.reject(new GatewayRefusal(422, 'decision_refused', 'it has moved on'));
      if (there !== undefined && (there['reason'] !== asked.reason || there['proposed_by'] !== login))
        return Promise.reject(new GatewayRefusal(422, 'decision_refused', 'it is there with another reason'));
      const made = there ?? { ...asked, proposed_by: login, state: 'proposed' };
      decisions.set(asked.id, made);
      return Promise.resolve(made);
    },
    leave: () => Promise.resolve(),
  };
}

const progress = (): string => join(folder, 'progress.jsonl');
const list = (): string => `${progress()}.list.json`;

async function run(
  gateway: Gateway,
  given: Given,
): Promise<{ result: BulkResult; lines: readonly Recorded[] }> {
  const lines: Recorded[] = [];
  const asked = { batch: 'b1', 'per-second': '100', progress: progress(), ...given };
  const result = await runBulk(gateway, asked, (line) => lines.push({ ...line }));
  return { result, lines };
}
const show = (gateway: Gateway, given: Given) => run(gateway, { query: 'true', reason: 'known', ...given });
/** Shown, and then done. */
async function bulk(gateway: Gateway, given: Given) {
  const { result } = await show(gateway, given);
  return run(gateway, { go: true, list: result.list });
}

it('another action of the same batch is another decision, and the same one is not made again', async () => {
  const decisions = new Map<string, Recorded>();
  const gateway = gatewayWith(decisions);
  await bulk(gateway, { action: 'ask_now' });
  expect((await bulk(gateway, { action: 'ask_now' })).result).toMatchObject({ done: 0, before: 1 });
  expect((await bulk(gateway, { action: 'force_reversal' })).result).toMatchObject({ done: 1, before: 0 });
  expect([...decisions.values()].map(({ action }) => action)).toEqual(['ask_now', 'force_reversal']);
});

it('what a killed run recorded is told as what it is, also to somebody else with another reason', async () => {
  const decisions = new Map<string, Recorded>();
  await bulk(gatewayWith(decisions), { action: 'ask_now' });
  await writeFile(progress(), '');
  const { result, lines } = await bulk(gatewayWith(decisions, 'admin'), {
    action: 'ask_now',
    reason: 'other',
  });
  expect(result).toMatchObject({ done: 0, before: 1, refused: 0 });
  expect(lines).toEqual([
    expect.objectContaining({
      result: 'proposed',
      detail: expect.stringContaining('operator, known') as string,
    }),
  ]);
  expect(await readFile(progress(), 'utf8')).toContain('"result":"proposed"');
});

it('what is refused and is not there is refused', async () => {
  const { result } = await bulk(gatewayWith(new Map()), { action: 'force_reversal', reason: 'impossible' });
  expect(result).toMatchObject({ done: 0, before: 0, refused: 1 });
});

const [LEFT, CAME] = ['pay_01h455vb4pex5vsknk084sn02r', 'pay_01h455vb4pex5vsknk084sn02s'] as const;

it('decides about what was shown and is still found; what left and what came is told, and left alone', async () => {
  const decisions = new Map<string, Recorded>();
  const shown = await show(gatewayWith(decisions, 'operator', [PAYMENT, LEFT]), { action: 'ask_now' });
  expect(shown.lines).toHaveLength(2);
  const now = gatewayWith(decisions, 'operator', [CAME, PAYMENT]);
  const { result, lines } = await run(now, { go: true, list: shown.result.list });
  expect(result).toMatchObject({ found: 2, done: 1, changed: 2 });
  expect(lines.filter((line) => line['result'] === 'changed').map((line) => line['payment'])).toEqual([
    LEFT,
    CAME,
  ]);
  expect([...decisions.values()].map((one) => [one['payment_id'], one['bulk']])).toEqual([
    [PAYMENT, shown.result.list],
  ]);
  // Decided about, it leaves the query; killed before it said so, the next run finds it decided.
  await writeFile(progress(), '');
  const after = await run(gatewayWith(decisions, 'operator', []), { go: true, list: shown.result.list });
  expect(after.result).toMatchObject({ done: 0, before: 1, changed: 1 });
});

it('is done by no other list than the one that is meant', async () => {
  const gateway = gatewayWith(new Map());
  await expect(run(gateway, { go: true, list: `blk_${'0'.repeat(32)}` })).rejects.toThrow('is not there');
  const { result } = await show(gateway, { action: 'ask_now' });
  const go = { go: true, list: result.list };
  await expect(run(gateway, { ...go, action: 'force_reversal' })).rejects.toThrow('--action is of the list');
  await expect(run(gateway, { ...go, batch: 'b2' })).rejects.toThrow('--batch is not that of');
  await expect(run(gateway, { go: true })).rejects.toThrow('--list is missing');
  const text = await readFile(list(), 'utf8');
  await writeFile(list(), text.replace(PAYMENT, LEFT));
  await expect(run(gateway, go)).rejects.toThrow('look at it');
});

const ADJUST = {
  ...{ action: 'adjust', evidence: 'ticket 7', merchant: 'mer_1', mode: 'test' },
  ...{ debit: 'suspense', credit: 'fees', currency: 'EUR' },
};

it('sends all that the dry run was given, from the list: a second person and the amount, too', async () => {
  const decisions = new Map<string, Recorded>();
  const gateway = gatewayWith(decisions);
  const shown = await show(gateway, { ...ADJUST, amount: '500', 'second-person': true });
  const each = {
    ...{ action: 'adjust', merchant_id: 'mer_1', reason: 'known', evidence: 'ticket 7', second_person: true },
    body: { mode: 'test', debit_code: 'suspense', credit_code: 'fees', amount: 500, currency: 'EUR' },
  };
  expect(shown.result.each).toEqual(each);
  await run(gateway, { go: true, list: shown.result.list });
  expect([...decisions.values()]).toEqual([
    expect.objectContaining({ ...each, payment_id: PAYMENT, bulk: shown.result.list }),
  ]);
});

it('shows nothing that could not be decided as it stands', async () => {
  await expect(show(gatewayWith(new Map()), ADJUST)).rejects.toThrow('--amount is missing');
  await expect(show(gatewayWith(new Map()), { ...ADJUST, amount: 'x' })).rejects.toThrow('whole number');
  await expect(readFile(list(), 'utf8')).rejects.toThrow('ENOENT');
});

it('is another list with another of its options, and takes none of them with --go', async () => {
  const decisions = new Map<string, Recorded>();
  const gateway = gatewayWith(decisions);
  const options = {
    ...{ evidence: 'e', merchant: 'mer_1', subject: 's', mode: 'test', debit: 'd', credit: 'c' },
    ...{ amount: '1', currency: 'EUR', 'second-person': true },
  };
  const ids = new Set<string>();
  for (const [name, value] of Object.entries(options))
    ids.add((await show(gateway, { action: 'ask_now', [name]: value })).result.list);
  const plain = await show(gateway, { action: 'ask_now' });
  ids.add(plain.result.list);
  expect(ids.size).toBe(Object.keys(options).length + 1);

  const go = { go: true, list: plain.result.list };
  for (const [name, value] of Object.entries({
    ...options,
    reason: 'known',
    query: 'true',
    action: 'ask_now',
  }))
    await expect(run(gateway, { ...go, [name]: value })).rejects.toThrow(`--${name} is of the list`);
  // Nor by hand, in its file.
  const text = await readFile(list(), 'utf8');
  await writeFile(list(), text.replace('"reason"', '"second-person": true, "reason"'));
  await expect(run(gateway, go)).rejects.toThrow('look at it');
  expect(decisions.size).toBe(0);
});

it('shows a second person the whole of what they would agree to', async () => {
  const gateway = gatewayWith(new Map());
  const shown = await bulk(gateway, { ...ADJUST, amount: '500', subject: 'sub_1' });
  const lines: Recorded[] = [];
  const { seen } = await confirmBulk(gateway, shown.result.list, {}, (line) => lines.push({ ...line }));
  expect(seen).toMatch(/^[0-9a-f]{32}$/);
  const text = String(lines[0]?.['detail']);
  for (const part of ['adjust', 'mer_1', 'sub_1', '"amount":500', 'known', 'ticket 7', 'operator'])
    expect(text).toContain(part);
});

it('a second person agrees to all that they saw, once, and to no other list', async () => {
  const decisions = new Map<string, Recorded>();
  const gateway = gatewayWith(decisions, 'operator', [PAYMENT, LEFT]);
  const { result } = await bulk(gateway, { action: 'force_reversal' });
  const ben = gatewayWith(decisions, 'ben');
  const confirm = (given: Given) =>
    confirmBulk(ben, result.list, { 'per-second': '100', ...given }, () => undefined);
  const seen = await confirm({});
  expect(seen).toMatchObject({ found: 2, done: 0 });
  await expect(confirm({ go: true })).rejects.toThrow('--seen is missing');
  await expect(confirm({ go: true, seen: 'another' })).rejects.toThrow('look again');
  expect([...decisions.values()].map(({ state }) => state)).toEqual(['proposed', 'proposed']);
  // What was confirmed when it was stopped is not asked again.
  const [first] = decisions.keys();
  await ben.post(`/internal/v1/decisions/${first ?? ''}/confirm`, {});
  expect(await confirm({ go: true, seen: seen.seen })).toMatchObject({ done: 1, before: 1 });
  expect(await confirm({ go: true, seen: seen.seen })).toMatchObject({ done: 0, before: 2 });
  // One more was slipped in.
  const [one] = decisions.values();
  decisions.set('dcs_z', { ...one, id: 'dcs_z', state: 'proposed' });
  await expect(confirm({ go: true, seen: seen.seen })).rejects.toThrow('look again');
  await expect(confirmBulk(ben, 'blk_none', {}, () => undefined)).rejects.toThrow('no decision was made');
});
