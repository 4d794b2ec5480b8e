import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpServer } from '../../platform/http-server.ts';
import { createLogger } from '../../platform/logger.ts';
import { createAuthority, issue, type Pair } from '../../temporal-dev/certificates.ts';
import { waitUntil } from '../../temporal-dev/testing/wait-until.ts';
import { startPublicListener } from './server.ts';

/** The promise: the address for pages and apps speaks TLS with a certificate that is renewed under it. */

let dir: string;
let authority: Pair;
let server: HttpServer;
const file = (name: string): string => join(dir, name);

async function renew(): Promise<void> {
  const { certificate, key } = await issue(authority, 'vault');
  await writeFile(file('key.pem'), key, { mode: 0o600 });
  await writeFile(file('certificate.pem'), certificate);
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'quittance-public-'));
  authority = await createAuthority('test');
  await renew();
  server = await startPublicListener(
    {
      host: '127.0.0.1',
      port: 0,
      tls: { certificate: file('certificate.pem'), key: file('key.pem') },
      perKeyAndMinute: 100,
      perAddressAndMinute: 100,
      trustedProxies: 0,
    },
    {
      findKey: async () => null,
      isKnownOrigin: async () => false,
      create: () => Promise.reject(new Error('nobody has a key')),
      expire: async () => 0,
    },
    createLogger('vault', 'error'),
  );
});
afterAll(async () => {
  await server.close(0);
  await rm(dir, { recursive: true });
});

/** Its name is of no host: what is looked at is who signed it. */
const trust = () => ({ ca: authority.certificate, checkServerIdentity: () => undefined });

async function shown(version: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3'): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect(
      { host: '127.0.0.1', port: server.port, minVersion: version, maxVersion: version, ...trust() },
      () => {
        resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? 'none');
        socket.end();
      },
    );
    socket.once('error', reject);
  });
}

describe('the public address of the vault over TLS', () => {
  it('answers whoever has no key that it is not let in, and asks for no certificate', async () => {
    const agent = new Agent({ connect: trust() });
    const answer = await request(`https://127.0.0.1:${server.port}/v1/card-tokens`, {
      method: 'POST',
      headers: { authorization: `Bearer pk_test_${'0'.repeat(24)}` },
      dispatcher: agent,
    });
    expect([answer.statusCode, await answer.body.json()]).toMatchObject([
      401,
      { code: 'publishable_key_invalid' },
    ]);
    await agent.close();
  });

  it('speaks TLS 1.2 with old telephones, and nothing below', async () => {
    await expect(shown('TLSv1.2')).resolves.toMatch(/^[0-9A-F:]+$/);
    await expect(shown('TLSv1.1')).rejects.toThrow();
  });

  it('takes a renewed certificate without a restart, and keeps it when the next one is damaged', async () => {
    const first = await shown();
    await renew();
    await waitUntil('the new certificate is shown', 20_000, async () => (await shown()) !== first);
    const second = await shown();
    await writeFile(file('certificate.pem'), 'damaged');
    await renew();
    await waitUntil('one more is shown', 20_000, async () => (await shown()) !== second);
  });
});
