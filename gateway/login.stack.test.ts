import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRunFile } from '../temporal-dev/run-file.ts';
import { LOGIN_LIMITS } from './login.ts';
import { openGateway, type OwnGateway } from './testing/own-gateway.ts';
import { createVisitor } from './testing/visitor.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

/** The promise: only a known person with their password gets in, for a while, and guessing does not help. */

const LIST = '/api/v1/namespaces';
const SESSION_MS = 7_200_000;

let gateway: OwnGateway;

beforeAll(async () => {
  gateway = await openGateway(await readRunFile(stackRunFile()));
});
afterAll(() => gateway.close());

describe('who is not logged in', () => {
  it('sees nothing of Temporal Web, its API or the codec server', async () => {
    const visitor = await gateway.visitor();
    const page = await visitor.get('/namespaces/default/workflows?query=a', { accept: 'text/html' });
    expect(page.status).toBe(303);
    expect(page.headers.get('location')).toBe('/login?next=%2Fnamespaces%2Fdefault%2Fworkflows%3Fquery%3Da');
    for (const path of [LIST, '/api/v1/settings', '/_app/version.json'])
      expect(await visitor.get(path)).toMatchObject({ status: 401, body: { code: 'login_required' } });
    for (const path of ['/codec/decode', '/codec/encode', `${LIST}/default/workflows/pay_1/terminate`])
      expect(await visitor.post(path, {})).toMatchObject({ status: 401, body: { code: 'login_required' } });
  });

  it('sees a login page that runs no script and shows in no frame', async () => {
    const { status, headers, text } = await (await gateway.visitor()).get('/login?next=%22%3E%3Cscript%3E');
    expect(status).toBe(200);
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none';style-src 'nonce-[^']+';form-action 'self';frame-ancestors 'none';base-uri 'none'$/,
    );
    expect(text).not.toContain('<script');
  });
});

describe('a login', () => {
  it('with the right password opens Temporal Web, in a cookie that no script and no other site has', async () => {
    const { login, password } = await gateway.addOperator('viewer');
    const visitor = await gateway.visitor();
    const answer = await visitor.logIn(login, password, '/namespaces/default/workflows');
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe('/namespaces/default/workflows');
    const cookie = answer.headers.get('set-cookie') ?? '';
    for (const part of ['HttpOnly', 'SameSite=Strict', 'Path=/', `Max-Age=${SESSION_MS / 1_000}`])
      expect(cookie).toContain(part);
    expect((await visitor.get(LIST)).body).toHaveProperty('namespaces');
    expect((await visitor.get('/', { accept: 'text/html' })).text).toContain(login);
  });

  it('lets in nobody by a link: a page that Temporal Web makes of an address runs no script', async () => {
    const { login, password } = await gateway.addOperator('viewer');
    const visitor = await gateway.visitor();
    await visitor.logIn(login, password, '/');
    const content = encodeURIComponent("<script>fetch('/internal/v1/decisions')</script>");
    const { status, headers } = await visitor.get(`/render?content=${content}`, { accept: 'text/html' });
    expect(status).toBe(200);
    // Its own policy, which shuts scripts out, and ours.
    const policy = headers.get('content-security-policy') ?? '';
    for (const part of ["default-src 'none'", 'sandbox', "connect-src 'self'"])
      expect(policy).toContain(part);
    expect(policy).not.toMatch(/allow-scripts/);
  });

  it('with a wrong password, or of nobody, or of somebody disabled is refused in the same words', async () => {
    const known = await gateway.addOperator('viewer');
    const disabled = await gateway.addOperator('admin');
    await gateway.owner.query('update gateway_operators set disabled_at = now() where login = $1', [
      disabled.login,
    ]);
    const answers = await Promise.all(
      [
        [known.login, 'wrong-password'],
        ['nobody-at-all', known.password],
        [disabled.login, disabled.password],
        ["' or true --", 'x'],
      ].map(async ([login = '', password = '']) => (await gateway.visitor()).logIn(login, password)),
    );
    for (const { status, text, headers } of answers) {
      expect(status).toBe(401);
      expect(text).toContain('do not belong together');
      expect(headers.get('set-cookie')).toBeNull();
    }
  });

  it('is good for its time and no longer', async () => {
    const visitor = await gateway.visitor('viewer');
    gateway.later(SESSION_MS - 60_000);
    expect((await visitor.get(LIST)).status).toBe(200);
    gateway.later(60_000);
    expect((await visitor.get(LIST)).status).toBe(401);
  });

  it('ends with the logout, also for whoever kept the cookie', async () => {
    const visitor = await gateway.visitor('viewer');
    const kept = visitor.cookie();
    expect((await visitor.post('/logout', '')).status).toBe(303);
    visitor.setCookie(kept);
    expect((await visitor.get(LIST)).status).toBe(401);
    expect((await gateway.audit(visitor.login)).map(({ kind }) => kind)).toEqual([
      'login_tried',
      'login',
      'logout',
    ]);
  });

  it('ends when its person is disabled, and another role holds at once', async () => {
    const visitor = await gateway.visitor('admin');
    const role = (value: string) =>
      gateway.owner.query('update gateway_operators set role = $2 where login = $1', [visitor.login, value]);
    await role('viewer');
    expect((await visitor.get('/api/v1/settings')).body).toMatchObject({ DisableWriteActions: true });
    await gateway.owner.query('update gateway_operators set disabled_at = now() where login = $1', [
      visitor.login,
    ]);
    expect((await visitor.get(LIST)).status).toBe(401);
  });
});

describe('a forged cookie', () => {
  it('opens nothing: neither one with another time, nor one that was signed elsewhere', async () => {
    const visitor = await gateway.visitor('admin');
    const [name = '', value = ''] = visitor.cookie().split('=');
    const [id = '', expiry = '', signature = ''] = value.split('.');
    const flipped = (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1);
    for (const forged of [
      `${id}.${Number(expiry) + 1_000}.${signature}`,
      `${'A'.repeat(43)}.${expiry}.${signature}`,
      `${id}.${expiry}.${flipped}`,
      `${id}.${expiry}`,
      '',
      '../..',
    ]) {
      visitor.setCookie(`${name}=${forged}`);
      expect((await visitor.get(LIST)).status, forged).toBe(401);
    }
    // Somebody else's beside our own: neither is believed.
    visitor.setCookie(`${name}=${value}; ${name}=${value}`);
    expect((await visitor.get(LIST)).status).toBe(401);
  });
});

describe('guessing', () => {
  it('ends after some tries, also with the right password; elsewhere the person still gets in', async () => {
    const { login, password } = await gateway.addOperator('viewer');
    const guesser = await gateway.visitor();
    for (let tries = 0; tries < LOGIN_LIMITS.pair; tries += 1)
      expect((await guesser.logIn(login, `guess-${tries}`)).status).toBe(401);
    const refused = await guesser.logIn(login, password);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe(String(LOGIN_LIMITS.windowS));
    expect((await (await gateway.visitor()).logIn(login, password)).status).toBe(303);
    // What is refused for being too much fills no table.
    expect((await gateway.audit(login)).filter(({ kind }) => kind === 'login_tried')).toHaveLength(
      LOGIN_LIMITS.pair + 1,
    );
  });

  it('at the same moment does not get more tries', async () => {
    const { login } = await gateway.addOperator('viewer');
    const guesser = await gateway.visitor();
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) => guesser.logIn(login, `guess-${index}`)),
    );
    const looked = answers.filter(({ status }) => status === 401).length;
    expect(looked).toBeLessThanOrEqual(LOGIN_LIMITS.pair);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(12 - looked);
  });

  it('of many logins from one place ends, too', async () => {
    const guesser = createVisitor(
      gateway.url,
      `192.0.2.1, 2001:db8:ffff::${Date.now().toString(16).slice(-4)}`,
    );
    // Not the forms of logins: nothing is looked up for them, and they count.
    for (let tries = 0; tries < LOGIN_LIMITS.address; tries += 5)
      await Promise.all(Array.from({ length: 5 }, (_, index) => guesser.logIn(`!${tries + index}`, 'x')));
    const { login, password } = await gateway.addOperator('viewer');
    expect((await guesser.logIn(login, password)).status).toBe(429);
  });
});

describe('another site', () => {
  it('can neither log somebody in or out, nor write, nor ask the codec', async () => {
    const visitor = await gateway.visitor('admin');
    const { login, password } = await gateway.addOperator('viewer');
    const form = new URLSearchParams({ login, password }).toString();
    for (const origin of [
      'https://evil.example',
      'null',
      'http://127.0.0.1',
      `${gateway.url}.evil.example`,
    ]) {
      const foreign = { origin };
      for (const path of [
        '/login',
        '/logout',
        '/codec/decode',
        `${LIST}/default/workflows/pay_1/signal/knock`,
      ])
        expect(await visitor.post(path, form, foreign), `${path} from ${origin}`).toMatchObject({
          status: 403,
          body: { code: 'foreign_origin' },
        });
    }
    const preflight = await fetch(`${gateway.url}/codec/decode`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(403);
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
    expect((await visitor.get(LIST)).status).toBe(200);
  });

  it('that gives this address another name is sent to the right one', async () => {
    const { port } = new URL(gateway.url);
    const response = await fetch(`http://localhost:${port}//evil.example/x`, { redirect: 'manual' });
    expect(response.status).toBe(307);
    expect(response.headers.get('location')).toBe(`${gateway.url}/evil.example/x`);
  });
});

describe('the audit log', () => {
  it('cannot be changed or shortened, not even by who owns the table', async () => {
    const visitor = await gateway.visitor('viewer');
    for (const statement of [
      'update gateway_audit set login = null',
      'delete from gateway_audit',
      'truncate gateway_audit',
      'delete from gateway_operators',
    ])
      await expect(gateway.owner.query(statement), statement).rejects.toThrow(/append-only|foreign key/);
    expect(await gateway.audit(visitor.login)).toHaveLength(2);
  });
});
