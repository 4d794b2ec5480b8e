import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { newId } from '../platform/new-id.ts';
import { createAuthority, issue } from '../temporal-dev/certificates.ts';
import { createVaultStage, VaultRefused, VaultUnavailable } from './vault.ts';

const request = {
  merchant: newId('mer'),
  mode: 'test' as const,
  idempotencyKey: 'order-1',
  card: { number: '4242424242424242', expiryMonth: 12, expiryYear: 2034, cvv: '737' },
};

/** Stages at a vault that gives this answer; also what it was asked. */
async function stageAt(status: number, answer: unknown, headers: Readonly<Record<string, string>> = {}) {
  const seen: unknown[] = [];
  const authority = await createAuthority('test');
  const [vaultPair, apiPair] = await Promise.all([issue(authority, 'vault'), issue(authority, 'api')]);
  const server = createServer(
    { cert: vaultPair.certificate, key: vaultPair.key, ca: authority.certificate, requestCert: true },
    (incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const body = JSON.parse(Buffer.concat(chunks).toString()) as unknown;
        seen.push(
          incoming.url,
          incoming.socket instanceof TLSSocket
            ? incoming.socket.getPeerX509Certificate()?.subject
            : 'in the clear',
          body,
        );
        response.writeHead(status, headers).end(JSON.stringify(answer));
      });
    },
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const vault = createVaultStage({
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tls: {
      current: () => ({
        ...apiPair,
        authority: authority.certificate,
        fingerprint: '',
        validTo: new Date(),
      }),
      onChange: () => undefined,
      close: () => undefined,
    },
  });
  try {
    const result: unknown = await vault.stage(request).catch((error: unknown) => error);
    return { result, seen };
  } finally {
    await vault.close();
    server.closeAllConnections();
    server.close();
  }
}

describe('staging a card from the API', () => {
  it('sends the card to the vault’s stage route only, and answers what comes back', async () => {
    const { result, seen } = await stageAt(200, { staging: 'stg_1' });
    expect(result).toEqual({ staging: 'stg_1' });
    expect(seen).toEqual(['/v1/stage', 'CN=api', request]);
  });

  it('says that the vault is unavailable, or that it refused and why', async () => {
    const error = { code: 'database_unavailable', message: 'away', retryable: true };
    const away = (await stageAt(503, { error }, { 'retry-after': '9' })).result;
    expect(away).toBeInstanceOf(VaultUnavailable);
    expect(away).toMatchObject({ tooMany: null });
    const { result } = await stageAt(400, {
      error: { code: 'malformed', message: 'card.number', retryable: false },
    });
    expect(result).toBeInstanceOf(VaultRefused);
    expect(result).toMatchObject({ code: 'malformed' });
  });

  it('tells what the vault will not do now from a vault that is away, with when to come again', async () => {
    const error = { code: 'locked', message: 'an alarm', retryable: true };
    const { result } = await stageAt(429, { error }, { 'retry-after': '3540' });
    expect(result).toBeInstanceOf(VaultUnavailable);
    expect(result).toMatchObject({ tooMany: { retryAfterS: 3540 } });
    const said = (await stageAt(429, { error }, { 'retry-after': 'Fri, 31 Dec 1999 23:59:59 GMT' })).result;
    expect(said).toMatchObject({ tooMany: { retryAfterS: 1 } });
  });

  it('is not told that a merchant asks too much when it is the API itself that does', async () => {
    const error = { code: 'locked', message: 'an alarm', retryable: true, ofCaller: true };
    const { result } = await stageAt(429, { error }, { 'retry-after': '3540' });
    expect(result).toBeInstanceOf(VaultUnavailable);
    expect(result).toMatchObject({ tooMany: null });
  });
});
