import { readFile, readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpServer } from '../../platform/http-server.ts';
import { ISO8583_TEST_CARDS, STRIPE_TEST_CARDS } from '../../platform/test-cards.ts';
import { createApp } from '../app.ts';
import { PROBLEMS, type ProblemCode } from '../problem.ts';
import { listen } from '../server.ts';
import { describedRoutes, idleOptions } from '../testing/contract.ts';

// What anybody may read without a key: the contract, its pages, and a paragraph for every problem.

let server: HttpServer;
const CODES = Object.keys(PROBLEMS) as ProblemCode[];

beforeAll(async () => {
  const quiet = {
    error: () => undefined,
    warn: () => undefined,
    info: () => undefined,
    debug: () => undefined,
  };
  const app = createApp({
    ...idleOptions(),
    tenants: { as: (_, work) => work() },
    issuer: 'https://api.example',
    trustedProxies: 0,
    load: { take: () => () => undefined },
    limits: { rate: () => Promise.resolve({}), place: () => () => undefined },
    eventSources: new Map(),
    count: () => undefined,
    logger: quiet,
    healthy: () => Promise.resolve(true),
  });
  server = await listen(app, 0);
});
afterAll(() => server.close(1_000));

const get = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${server.port}${path}`);

describe('without a key', () => {
  it('the document is the committed one', async () => {
    const response = await get('/openapi.json');
    const committed: unknown = JSON.parse(await readFile('docs/openapi.json', 'utf8'));
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual(committed);
  });

  it('the reference has every operation, runs nothing, and loads nothing from elsewhere', async () => {
    const response = await get('/docs');
    const text = await response.text();
    for (const { contract } of describedRoutes()) expect(text).toContain(`<section id="${contract.id}">`);
    expect(text).not.toMatch(/<script|style=|\son[a-z]+=|(?:src|href)="(?!\/|#)/);
    expect(response.headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect((await get('/docs/style.css')).headers.get('content-type')).toBe('text/css; charset=utf-8');
  });

  it('every test card is on its page, with what becomes of a payment', async () => {
    const response = await get('/docs/test-cards');
    const text = await response.text();
    expect(response.status).toBe(200);
    for (const { number, payment } of [...ISO8583_TEST_CARDS, ...STRIPE_TEST_CARDS]) {
      expect(text).toContain(`<code>${number}</code>`);
      expect(text).toContain(`<code>${payment['status'] ?? ''}</code>`);
    }
    expect(text).not.toMatch(/undefined|<script/);
  });

  it.each(CODES)('%s is explained where its documents point', async (code) => {
    const response = await get(`/problems/${code}`);
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(text).toContain(PROBLEMS[code].title.replaceAll("'", '&#39;'));
    expect(text).not.toContain('undefined');
  });

  it.each(['nothing', '__proto__', 'constructor', '<b>'])('the problem %s does not exist', async (code) => {
    const response = await get(`/problems/${encodeURIComponent(code)}`);
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([
      404,
      'route_not_found',
    ]);
  });
});

/** Codes that no test of HTTP provokes, with why. */
const NOT_PROVOKED: Partial<Record<ProblemCode, string>> = {
  request_timeout:
    'sent by api/server.ts when Node’s own deadline for a request is over, which takes minutes',
  event_refused: 'for acquirers alone, whose signatures have tests of their own (activities/acquirers)',
  void_refused:
    'an acquirer that refuses a void and keeps doing so until the authorization ends, which takes days',
  payment_not_adoptable: 'answers what an acquirer did by itself, which has no HTTP of ours',
  review_not_open: 'only operators decide reviews, by a row; a race of two decisions in the domain',
  payment_not_disputable: 'answers a report of an acquirer, which has no HTTP of ours',
  operation_not_withdrawable: 'answers a report of an acquirer, which has no HTTP of ours',
  reversal_exceeds_disputed: 'answers a report of an acquirer, which has no HTTP of ours',
};

describe('every code', () => {
  it('is provoked by a test, or has a reason why not', async () => {
    const folders = ['api', 'activities', 'workflows', 'proof', 'temporal-dev', 'schema'];
    const files = await Promise.all(
      folders.map(async (folder) =>
        (await readdir(folder, { recursive: true }))
          .filter((name) => name.endsWith('.test.ts') && !name.endsWith('docs.test.ts'))
          .map((name) => `${folder}/${name}`),
      ),
    );
    const tests = (await Promise.all(files.flat().map((file) => readFile(file, 'utf8')))).join('\n');
    const missing = CODES.filter((code) => !tests.includes(`'${code}'`) && NOT_PROVOKED[code] === undefined);
    expect(missing).toEqual([]);
  });
});
