import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsOptions } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openConnection } from '../../../activities/acquirers/iso8583/connection.ts';
import { readLinkTls } from '../../../activities/acquirers/iso8583/index.ts';
import { createAuthority, issue, type Pair } from '../../certificates.ts';
import { eventually, startHarness, type Harness, type HarnessOptions } from './testing.ts';

/**
 * A link over TLS speaks to the acquirer that it was told of, or to nobody: until the handshake is done nothing
 * of a payment is written, so whatever goes wrong by then is certainly not sent.
 */
const NAME = 'host.acquirer.example';
const CARD = '4242424242424242';
let folder: string;
let host: Pair;
let authority: Pair;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'link-tls-'));
  authority = await createAuthority('of the acquirer');
  host = await issue(authority, 'vault', { dns: [NAME], ips: ['127.0.0.1'] });
  const client = await issue(authority, 'acquirers');
  await Promise.all([
    writeFile(join(folder, 'authority.pem'), authority.certificate),
    writeFile(join(folder, 'stranger.pem'), (await createAuthority('of somebody else')).certificate),
    writeFile(join(folder, 'certificate.pem'), client.certificate),
    writeFile(join(folder, 'key.pem'), client.key),
    writeFile(join(folder, 'other-key.pem'), host.key),
  ]);
});
afterAll(() => rm(folder, { recursive: true }));

const file = (name: string): string => join(folder, `${name}.pem`);
const own = () => ({ certificateFile: file('certificate'), keyFile: file('key') });
const hostTls = (more: TlsOptions = {}): TlsOptions => ({ cert: host.certificate, key: host.key, ...more });
const asksForOurs = (): TlsOptions =>
  hostTls({ requestCert: true, rejectUnauthorized: true, ca: authority.certificate });

let harness: Harness;
const logged: { event: string; fields: unknown }[] = [];
const servers: { server: Server; sockets: Set<Socket> }[] = [];
afterEach(async () => {
  await harness.stop();
  for (const { server, sockets } of servers.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
  logged.splice(0);
});
async function start(options: HarnessOptions): Promise<void> {
  harness = await startHarness({
    ...options,
    onLog: (event, fields) => void logged.push({ event, fields }),
  });
}

/** Somebody at the acquirer's address who is no TLS server; also what was said to it. */
async function aPeer(answer: (socket: Socket) => void): Promise<{ port: number; heard: Buffer[] }> {
  const heard: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      heard.push(bytes);
      answer(socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push({ server, sockets });
  return { port: (server.address() as AddressInfo).port, heard };
}

/** One authorization: what came of it and of its row. */
async function authorize(by: Pick<Harness, 'activities'> = harness) {
  const attempt = await harness.plan('authorization', 500n, { card: CARD });
  return { attempt, result: await by.activities.authorize(attempt.ref) };
}

async function expectNothingSent(reason: RegExp): Promise<void> {
  await eventually('the link says why', () =>
    logged.some(({ event, fields }) => event === 'acquirer_link_lost' && reason.test(JSON.stringify(fields))),
  );
  const { attempt, result } = await authorize();
  expect(result).toEqual({
    outcome: 'retryable',
    responseCode: null,
    reason: 'no connection to acquirer-1',
  });
  expect(attempt).toMatchObject({ state: 'planned', sends: 0 });
  // Nobody even asked for the number.
  expect(harness.vault.grants).toEqual([]);
  expect(harness.vault.burnt).toEqual([]);
  expect(harness.journal()).toEqual([]);
}

describe('over TLS', () => {
  it.each<[string, () => HarnessOptions]>([
    ['1.3, by the address', () => ({ hostTls: hostTls(), linkTls: { authorityFile: file('authority') } })],
    [
      '1.2, by a name of its own',
      () => ({
        hostTls: hostTls({ maxVersion: 'TLSv1.2' }),
        linkTls: { authorityFile: file('authority'), serverName: NAME },
      }),
    ],
    [
      'and with a certificate of ours',
      () => ({ hostTls: asksForOurs(), linkTls: { authorityFile: file('authority'), ...own() } }),
    ],
  ])('%s, an authorization passes and the connection is signed off at the end', async (_how, options) => {
    await start(options());
    expect((await authorize()).result).toMatchObject({ outcome: 'approved' });
    expect(harness.simulator().signOffs()).toBe(0);
    await harness.pool.drain(1_000);
    await eventually('the connection is closed', () => harness.simulator().connections() === 0);
    expect(harness.simulator().signOffs()).toBe(1);
  });

  it('a connection that is cut after the bytes leaves what became of them unknown', async () => {
    await start({ hostTls: hostTls(), linkTls: { authorityFile: file('authority') } });
    harness.simulator().addFault({ times: 1, match: {}, action: { type: 'reset_before' } });
    const { attempt, result } = await authorize();
    expect(result).toMatchObject({
      outcome: 'ambiguous',
      reason: expect.stringContaining('connection lost') as string,
    });
    expect(attempt).toMatchObject({ state: 'sending', sends: 1 });
    expect((await harness.reverse(attempt)).result).toMatchObject({ responseCode: '25' });
  });

  it('an answer that does not come leaves it unknown, and the late one is heard on the same connection', async () => {
    await start({ hostTls: hostTls(), linkTls: { authorityFile: file('authority') }, slowMs: 500 });
    const attempt = await harness.plan('authorization', 500n, { card: '4000000000000077' });
    expect(await harness.impatient.authorize(attempt.ref)).toMatchObject({ outcome: 'ambiguous' });
    await eventually('the late answer', () => harness.late.length === 1);
    expect(attempt).toMatchObject({ state: 'answered', answer: { outcome: 'approved' } });
  });
});

describe('certainly not sent is what has no connection, because', () => {
  const authorityFile = () => ({ authorityFile: file('authority') });
  it.each<[string, () => HarnessOptions, RegExp]>([
    [
      'another authority signed the host’s certificate',
      () => ({ hostTls: hostTls(), linkTls: { authorityFile: file('stranger') } }),
      /unable to verify|self.signed|issuer/i,
    ],
    [
      'the host’s certificate has another name',
      () => ({ hostTls: hostTls(), linkTls: { ...authorityFile(), serverName: 'else.example' } }),
      /else\.example/,
    ],
    [
      'the host wants a certificate and we have none',
      () => ({ hostTls: asksForOurs(), linkTls: authorityFile() }),
      /certificate required|sign-on|reset|closed/i,
    ],
    [
      'our own files cannot be used',
      () => ({ hostTls: hostTls(), linkTls: { ...authorityFile(), certificateFile: file('certificate'), keyFile: file('other-key') } }), // prettier-ignore
      /not the key of that certificate/,
    ],
  ])('%s', async (_why, options, reason) => {
    await start({ ...options(), linkWaitMs: 50 });
    await expectNothingSent(reason);
  });

  it.each<[string, (socket: Socket) => void, RegExp]>([
    [
      'who answers speaks in the clear',
      // An acknowledged sign-on, as a host without TLS would write it.
      (socket) => void socket.write(Buffer.from('\0\x040810', 'latin1')),
      /wrong version number|packet length|unexpected message/i,
    ],
    [
      'the connection is cut during the handshake',
      (socket) => void socket.destroy(),
      /handshake|socket disconnected|ECONNRESET/i,
    ],
    ['it is reset during the handshake', (socket) => void socket.resetAndDestroy(), /ECONNRESET|handshake/],
  ])('%s', async (_why, answer, reason) => {
    const { port, heard } = await aPeer(answer);
    await start({ linkTls: authorityFile(), linkPort: port, linkWaitMs: 50 });
    await expectNothingSent(reason);
    // A greeting of TLS, and not one digit more.
    const bytes = Buffer.concat(heard);
    expect(bytes[0]).toBe(0x16);
    expect(bytes.includes('0800')).toBe(false);
    expect(bytes.includes(CARD)).toBe(false);
  });

  it('who answers says nothing in the handshake: by the limit of a connection it is none', async () => {
    const silent: Socket[] = [];
    const { port, heard } = await aPeer((socket) => void silent.push(socket));
    const tls = await readLinkTls({ authorityFile: file('authority') });
    const nothing = { onStray: () => undefined, onActivity: () => undefined };
    await expect(
      openConnection({ host: '127.0.0.1', port, connectLimitMs: 100, tls }, nothing),
    ).rejects.toThrow(/no connection to .* within 100 ms/);
    expect(Buffer.concat(heard).includes('0800')).toBe(false);
    await start({ linkTls: authorityFile(), linkPort: port, linkWaitMs: 50 });
    expect((await authorize()).result).toMatchObject({ outcome: 'retryable' });
    expect(harness.vault.grants).toEqual([]);
    // The link must not wait for its own limit to end.
    for (const socket of silent) socket.destroy();
  });

  it('the authority is not there yet: once it is, the next connection uses it, without a restart', async () => {
    const late = file('late');
    await writeFile(late, 'no certificate');
    await start({ hostTls: hostTls(), linkTls: { authorityFile: late }, linkWaitMs: 50 });
    await expectNothingSent(/not PEM/);
    await writeFile(late, authority.certificate);
    await eventually('the link is ready', () => harness.pool.ready());
    expect((await authorize()).result).toMatchObject({ outcome: 'approved' });
  });
});

describe('the files of a link', () => {
  it('that cannot be used are named, and nothing of them is quoted', async () => {
    await expect(readLinkTls({ authorityFile: file('none') })).rejects.toThrow(/none\.pem cannot be read/);
    await expect(
      readLinkTls({ authorityFile: file('authority'), certificateFile: file('key'), keyFile: file('key') }),
    ).rejects.toThrow(new RegExp(`^${[file('authority'), file('key'), file('key')].join(', ')}: not PEM`));
  });
});
