import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient, verifyWebhook, type Quittance } from '../../clients/typescript/index.ts';
import { readRunFile, type RunFile } from '../../temporal-dev/run-file.ts';
import { seedMerchant } from '../../temporal-dev/seed.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';
import { waitUntil } from '../../temporal-dev/testing/wait-until.ts';

// The promise: what `npx quittance` says is so, and how it ends says it to a script.

let run: RunFile;
let home: string;
let apiKey: string;
let client: Quittance;

beforeAll(async () => {
  run = await readRunFile(stackRunFile());
  home = await mkdtemp(join(tmpdir(), 'quittance-cli-'));
  apiKey = `sk_test_${randomBytes(32).toString('hex')}`;
  await seedMerchant({
    ownerUrl: run.postgres.urls.owner,
    apiKey,
    name: 'Command line shop',
    acquirers: run.acquirers.map(({ id }) => id),
  });
  client = createClient({ baseUrl: run.api, apiKey });
});
afterAll(() => rm(home, { recursive: true, force: true }));

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}
const environment = (): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: home,
  XDG_CONFIG_HOME: join(home, 'config'),
});

/** Runs the command as a person would. */
async function quittance(...args: readonly string[]): Promise<Ended> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['bin/quittance.js', ...args], {
      env: environment(),
      timeout: 60_000,
    });
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}
/** The same with this test's merchant. */
const asMerchant = (...args: readonly string[]): Promise<Ended> =>
  quittance(...args, '--api', run.api, '--key', apiKey);
const json = ({ out }: Ended): unknown => JSON.parse(out);

describe('login', () => {
  it('is kept for its owner alone, and the other commands speak for it', async () => {
    const ended = await quittance('login', '--api', run.api, '--key', apiKey);
    expect([ended.code, ended.err]).toEqual([0, '']);
    expect(ended.out).not.toContain(apiKey);
    const file = join(home, 'config', 'quittance', 'login.json');
    expect(((await stat(file)).mode & 0o777).toString(8)).toBe('600');
    const listed = await quittance('payments', 'list', '--json');
    expect([listed.code, Array.isArray(json(listed))]).toEqual([0, true]);
  });

  it('with a key that the API does not know is refused, and nothing is kept', async () => {
    const before = (await stat(join(home, 'config', 'quittance', 'login.json'))).mtimeMs;
    const ended = await quittance('login', '--api', run.api, '--key', `sk_test_${'0'.repeat(64)}`);
    expect([ended.code, ended.err]).toEqual([1, expect.stringContaining('api_key_invalid')]);
    expect((await stat(join(home, 'config', 'quittance', 'login.json'))).mtimeMs).toBe(before);
  });

  it('by the run file of a stack is that of its demo merchant', async () => {
    const other = join(home, 'other');
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['bin/quittance.js', 'login', '--json', '--run-file', stackRunFile()],
      { env: { ...environment(), XDG_CONFIG_HOME: other } },
    );
    expect(JSON.parse(stdout)).toMatchObject({ api: run.api, file: join(other, 'quittance', 'login.json') });
  });
});

describe('payments', () => {
  it('are taken, looked at, captured, given back and explained, as tables and as JSON', async () => {
    const made = await asMerchant(
      'payments',
      'create',
      '--amount',
      '4200',
      '--manual',
      '--order',
      'cli-1',
      '--metadata',
      'cart=7',
      '--json',
    );
    expect(made.code, made.err).toBe(0);
    const { id } = json(made) as { id: string };
    expect(json(made)).toMatchObject({
      status: 'authorized',
      order_reference: 'cli-1',
      metadata: { cart: '7' },
    });
    const [shown, listed, captured] = await Promise.all([
      asMerchant('payments', 'get', id),
      asMerchant('payments', 'list', '--order', 'cli-1'),
      asMerchant('payments', 'capture', id, '--amount', '4000'),
    ]);
    expect(shown.out).toMatch(/amount +42\.00 EUR/);
    expect(listed.out).toContain(id);
    expect(captured.out).toMatch(/captured +40\.00 EUR/);
    const refunded = await asMerchant('payments', 'refund', id, '--amount', '100', '--json');
    expect(json(refunded)).toMatchObject({ amount_refunded: 100 });
    const [refunds, captures, explained] = await Promise.all([
      asMerchant('refunds', 'list', '--payment', id, '--json'),
      asMerchant('captures', 'list', '--payment', id),
      asMerchant('explain', id),
    ]);
    expect(json(refunds)).toMatchObject([{ payment: id, amount: 100 }]);
    expect(captures.out).toContain('40.00 EUR');
    expect(explained.out).toContain(id);
  });

  it('end with 4 when they are declined, and with 1 and what to do when the API refuses', async () => {
    const [declined, wrong, again] = await Promise.all([
      asMerchant('payments', 'create', '--amount', '100', '--card', '4000000000009995'),
      asMerchant('payments', 'get', 'pay_01h455vb4pex5vsknk084sn02q'),
      asMerchant(
        'payments',
        'create',
        '--amount',
        '300',
        '--card',
        '5555555555554444',
        '--idempotency-key',
        'cli-key',
        '--json',
      ).then(
        async (first) =>
          [
            first,
            await asMerchant(
              'payments',
              'create',
              '--amount',
              '300',
              '--card',
              '5555555555554444',
              '--idempotency-key',
              'cli-key',
              '--json',
            ),
          ] as const,
      ),
    ]);
    expect([declined.code, declined.err]).toEqual([4, expect.stringContaining('quittance explain pay_')]);
    expect(declined.out).toMatch(/decline +51/);
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('payment_not_found')]);
    expect(again[1].out).toBe(again[0].out);
  });
});

describe('what was typed wrong', () => {
  it.each([
    [['payments', 'create'], '--amount'],
    [['payments', 'create', '--amount', '12.50'], 'minor units'],
    [['paiments'], 'Did you mean payments'],
    [['trigger', 'payment.expired'], 'which no request makes happen'],
    [['trigger', 'payment.expried'], 'there is no event'],
    [['listen', '--forward-to', 'here'], 'URL'],
  ])('%s ends with 2 and says what it is', async (args, text) => {
    const { code, err } = await quittance(...args);
    expect([code, err]).toEqual([2, expect.stringContaining(text)]);
  });

  it('is told from an API that does not answer, which ends with 3', async () => {
    const ended = await quittance('payments', 'list', '--api', 'http://127.0.0.1:1', '--key', 'sk_test_1');
    expect([ended.code, ended.err]).toEqual([3, expect.stringContaining('npx quittance up')]);
  });
});

describe('events', () => {
  it('are forwarded as they happen, with a signature that their receiver can check', async () => {
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    const taken: string[] = [];
    const server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        taken.push(verifyWebhook(Buffer.concat(pieces), request.headers, secret).type);
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const to = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`;
    const types = 'payment.authorized,payment.voided';
    const listening = spawn(
      process.execPath,
      [
        'bin/quittance.js',
        'listen',
        '--forward-to',
        to,
        '--secret',
        secret,
        '--types',
        types,
        '--count',
        '2',
        '--api',
        run.api,
        '--key',
        apiKey,
      ],
      { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let [out, err] = ['', ''];
    listening.stdout.on('data', (piece: Buffer) => (out += piece.toString('utf8')));
    listening.stderr.on('data', (piece: Buffer) => (err += piece.toString('utf8')));
    const ended = new Promise<number | null>((resolve) => listening.once('exit', resolve));
    try {
      await waitUntil('it listens', 20_000, () => err.includes('listening to test events'));
      const triggered = await asMerchant('trigger', 'payment.voided');
      expect(triggered.code, triggered.err).toBe(0);
      expect([await ended, err]).toEqual([0, expect.stringContaining(`forwarding to ${to}`)]);
    } finally {
      listening.kill();
      server.close();
    }
    expect(taken).toEqual(['payment.authorized', 'payment.voided']);
    expect(out).toMatch(/payment\.authorized.*→ 204/);
  });

  it('that are triggered are received and verified, and can be sent again', async () => {
    const got: string[] = [];
    const server = createServer((request, response) => {
      got.push(String(request.headers['webhook-id']));
      request.resume();
      response.writeHead(204).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const endpoint = await client.webhookEndpoints.create({ url, event_types: ['refund.succeeded'] });
    try {
      const received = await asMerchant('trigger', 'refund.succeeded', '--receive', '--json');
      expect(received.code, received.err).toBe(0);
      const { event } = json(received) as { event: { id: string } };
      expect(json(received)).toMatchObject({
        webhook: { verified: true },
        event: { type: 'refund.succeeded' },
      });
      // The receiver's own endpoint went with it.
      expect((await client.webhookEndpoints.list().page()).data.map(({ id }) => id)).toEqual([endpoint.id]);
      await waitUntil('it came here, too', 20_000, async () => {
        const [sent] = await client.webhookEndpoints.deliveries(endpoint.id, { event: event.id }).take(1);
        return sent?.state === 'delivered';
      });
      const replayed = await asMerchant('events', 'replay', event.id);
      expect([replayed.code, replayed.out]).toEqual([0, expect.stringContaining('_r1')]);
      await waitUntil('it came again', 20_000, () => got.length === 2);
      expect(got[1]).toContain('_r1');
      const nothing = await asMerchant('events', 'replay', '--failed', '--endpoint', endpoint.id);
      expect([nothing.code, nothing.out]).toEqual([0, `0 sent again to ${endpoint.id}\n`]);
    } finally {
      await client.webhookEndpoints.delete(endpoint.id);
      server.close();
    }
  });
});

it('ops has its own words, and its own help', async () => {
  const { code, out } = await quittance('ops', '--help');
  expect([code, out]).toEqual([0, expect.stringContaining('ops')]);
  expect((await quittance('ops', 'nonsense')).code).toBe(2);
});

describe('completion', () => {
  it.each([
    ['pay', ['payments']],
    ['payments ca', ['capture']],
    ['trigger payment.auth', ['payment.authorized']],
    ['payments create --curr', ['--currency']],
    ['payments --json li', ['list']],
  ])('of "%s" in bash', async (typed, expected) => {
    const { out } = await quittance('completion', 'bash');
    const words = typed.split(' ');
    const { stdout } = await promisify(execFile)('bash', [
      '-c',
      `${out}\nCOMP_WORDS=(quittance ${words.join(' ')}); COMP_CWORD=${words.length}; _quittance; printf '%s\\n' "\${COMPREPLY[@]}"`,
    ]);
    expect(stdout.trim().split('\n')).toEqual(expected);
  });
});
