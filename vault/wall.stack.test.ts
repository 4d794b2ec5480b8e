import { X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createVaultClient } from '../activities/vault/client.ts';
import { newId } from '../platform/new-id.ts';
import type { TlsMaterial } from '../platform/tls.ts';
import {
  certificateFiles,
  createAuthority,
  issue,
  readAuthority,
  type Pair,
} from '../temporal-dev/certificates.ts';
import { waitUntil } from '../temporal-dev/testing/wait-until.ts';
import { aCard, eventually, postTo, startVaultFixture, type VaultFixture } from './testing/fixture.ts';

/** Who may speak to the vault at all: only a caller whose certificate says so, now. */
let vault: VaultFixture;
let authority: Pair;
beforeAll(async () => {
  vault = await startVaultFixture();
  authority = await readAuthority(vault.dir);
});
afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
});
afterAll(async () => {
  await vault.close();
});

const stageBody = () => JSON.stringify({ merchant: newId('mer'), idempotencyKey: 'k', card: aCard() });
const stage = () => vault.api.stage({ merchant: newId('mer'), idempotencyKey: newId('pay'), card: aCard() });
const yesterday = () => new Date(Date.now() - 86_400_000);

const open: TLSSocket[] = [];
/** A bare connection; rejects with what ended the handshake. */
function connectTo(options: ConnectionOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const { hostname: host, port } = new URL(vault.url);
    const socket = connect({ host, port: Number(port), rejectUnauthorized: false, ...options }, () => {
      resolve(socket);
    });
    open.push(socket);
    socket.once('error', reject);
  });
}

describe('the vault refuses, with a reason that is told and logged,', () => {
  it.each<[string, string, () => Promise<Pair | null>]>([
    ['whoever shows no certificate', 'no_certificate', async () => null],
    [
      'a certificate of an authority that nobody knows',
      'unknown_authority',
      async () => issue(await createAuthority('somebody else'), 'api'),
    ],
    [
      'an authority of the same name as ours',
      'unknown_authority',
      async () => issue(await createAuthority('quittance development authority'), 'api'),
    ],
    [
      'a certificate that has expired',
      'certificate_expired',
      () => issue(authority, 'api', { notAfter: yesterday() }),
    ],
    [
      'a process that is none of its callers',
      'unknown_caller',
      () => issue(authority, 'api', { name: 'spiffe://quittance/webhooks' }),
    ],
    [
      'a name that only begins like a caller’s',
      'unknown_caller',
      () => issue(authority, 'api', { name: 'spiffe://quittance/api/x' }),
    ],
    ['the certificate of a server', 'certificate_unusable', () => issue(authority, 'vault')],
  ])('%s', async (_who, code, certificate) => {
    const [before] = await vault.sql('SELECT count(*) FROM vault.staged_cards');
    const { status, headers, text } = await postTo(vault, '/v1/stage', stageBody(), await certificate());
    expect([status, headers['connection']]).toEqual([401, 'close']);
    expect(JSON.parse(text)).toMatchObject({ error: { code } });
    expect(vault.logged).toContainEqual(
      expect.objectContaining({
        event: 'vault_call_refused',
        fields: expect.objectContaining({ code }) as unknown,
      }),
    );
    expect(await vault.sql('SELECT count(*) FROM vault.staged_cards')).toEqual([before]);
  });

  it('a caller that asks for what is another’s', async () => {
    const { status, text } = await postTo(vault, '/v1/stage', stageBody(), vault.tls.payments.current());
    expect([status, JSON.parse(text)]).toMatchObject([403, { error: { code: 'forbidden' } }]);
  });

  it('a connection whose certificate expires while it is open', async () => {
    const ask = (socket: TLSSocket) =>
      new Promise<string>((resolve) => {
        socket.once('data', (answer: Buffer) => {
          resolve(answer.toString().slice(0, 12));
        });
        socket.write('POST /v1/nothing HTTP/1.1\r\nhost: vault\r\ncontent-length: 0\r\n\r\n');
      });
    // The first question has to be answered while the certificate holds: once that is over, with another one.
    const { socket, first } = await waitUntil('it is asked in time', 30_000, async () => {
      const soon = await issue(authority, 'api', { notAfter: new Date(Date.now() + 3_000) });
      const connection = await connectTo({ cert: soon.certificate, key: soon.key });
      const answer = await ask(connection);
      const end = Date.parse(new X509Certificate(soon.certificate).validTo);
      return Date.now() < end && { socket: connection, first: answer };
    });
    expect(first).toBe('HTTP/1.1 404');
    let last = '';
    await eventually(async () => (last = await ask(socket)) !== 'HTTP/1.1 404');
    expect(last).toBe('HTTP/1.1 401');
  });
});

describe('the wall', () => {
  it('speaks TLS 1.3 and nothing older', async () => {
    const { certificate: cert, key } = vault.tls.api.current();
    expect((await connectTo({ cert, key })).getProtocol()).toBe('TLSv1.3');
    await expect(connectTo({ cert, key, maxVersion: 'TLSv1.2' })).rejects.toThrow(/protocol version/i);
    await eventually(async () => vault.logged.some(({ event }) => event === 'vault_handshake_failed'));
  });

  it('takes up no session of before: every connection shows its certificate', async () => {
    const { certificate: cert, key } = vault.tls.api.current();
    const sessions: Buffer[] = [];
    const first = await connectTo({ cert, key });
    first.on('session', (session) => sessions.push(session));
    // Tickets come with the first bytes of the server.
    first.write('POST /v1/nothing HTTP/1.1\r\nhost: vault\r\ncontent-length: 0\r\n\r\n');
    await new Promise((resolve) => first.once('data', resolve));
    const [session] = sessions;
    const again = await connectTo({ cert, key, ...(session === undefined ? {} : { session }) });
    expect(again.isSessionReused()).toBe(false);
  });

  it('is asked by nobody who has not seen that it is the vault', async () => {
    const impostor = certificateFiles(vault.dir, 'vault');
    const before = await Promise.all([
      readFile(impostor.certificate, 'utf8'),
      readFile(impostor.key, 'utf8'),
    ]);
    const other = await issue(authority, 'vault', { name: 'spiffe://quittance/api' });
    await replace(impostor, other);
    const client = createVaultClient({ url: vault.url, tls: vault.tls.payments });
    try {
      await eventually(async () => rereadTo(other));
      await expect(client.burn({ merchant: newId('mer'), payment: newId('pay') })).rejects.toThrow(
        /WRONG_SERVER/,
      );
    } finally {
      await replace(impostor, { certificate: before[0], key: before[1] });
      await eventually(async () => (await stage().catch(() => null)) !== null);
      await client.close();
    }
  });
});

const replace = async (files: ReturnType<typeof certificateFiles>, pair: Pair): Promise<void> => {
  await writeFile(files.key, pair.key);
  await writeFile(files.certificate, pair.certificate);
};
/** Whether the last files that were read again are those. */
const rereadTo = ({ certificate }: Pair): boolean =>
  vault.logged.some(
    ({ event, fields }) =>
      event === 'tls_files_reread' &&
      (fields as { fingerprint: string }).fingerprint === fingerprintOf(certificate),
  );

describe('certificates are renewed without a restart', () => {
  it('of the vault and of a caller, with calls under way all the time and none failing', async () => {
    let running = true;
    let calls = 0;
    const failures: unknown[] = [];
    const work = async (): Promise<void> => {
      while (running) {
        await stage().catch((error: unknown) => failures.push(error));
        calls += 1;
      }
    };
    const workers = [work(), work(), work(), work()];
    const fresh = {
      vault: await issue(authority, 'vault'),
      api: await issue(authority, 'api'),
    };
    await replace(certificateFiles(vault.dir, 'vault'), fresh.vault);
    await replace(certificateFiles(vault.dir, 'api'), fresh.api);
    await eventually(async () => rereadTo(fresh.vault) && rereadTo(fresh.api));
    const seen = calls;
    await eventually(async () => calls > seen + 20);
    running = false;
    await Promise.all(workers);
    expect(failures).toEqual([]);
    const socket = await connectTo({});
    expect(socket.getPeerX509Certificate()?.fingerprint256).toBe(fingerprintOf(fresh.vault.certificate));
  });

  it('and files that do not belong together leave the last good ones in use', async () => {
    const files = certificateFiles(vault.dir, 'vault');
    const key = await readFile(files.key, 'utf8');
    await writeFile(files.key, (await issue(authority, 'vault')).key);
    await eventually(async () => vault.logged.some(({ event }) => event === 'tls_files_failed'));
    await stage();
    await writeFile(files.key, key);
    await eventually(async () => vault.logged.some(({ event }) => event === 'tls_files_recovered'));
    await stage();
  });

  it('of the authority: with both believed for a while, the old one is believed no more', async () => {
    const next = await createAuthority('the next one');
    const files = certificateFiles(vault.dir, 'vault');
    const taken = (text: string) => async () =>
      vault.tls.api.current().authority === text && (await stage().catch(() => null)) !== null;
    const old = vault.tls.api.current();
    await writeFile(files.authority, `${authority.certificate}${next.certificate}`);
    await eventually(taken(`${authority.certificate}${next.certificate}`));
    for (const role of ['vault', 'api', 'payments', 'acquirers'] as const)
      await replace(certificateFiles(vault.dir, role), await issue(next, role));
    await eventually(async () => vault.tls.api.current().fingerprint !== old.fingerprint);
    await writeFile(files.authority, next.certificate);
    await eventually(taken(next.certificate));
    await eventually(async () => (await asked(old)).includes('unknown_authority'));
    authority = next;
  });
});

const asked = async (who: TlsMaterial): Promise<string> =>
  (await postTo(vault, '/v1/stage', stageBody(), who)).text;

function fingerprintOf(certificate: string): string {
  return new X509Certificate(certificate).fingerprint256;
}
