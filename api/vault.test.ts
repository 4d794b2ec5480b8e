import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { newId } from '../platform/new-id.ts';
import { createVaultStage, VaultRefused, VaultUnavailable } from './vault.ts';

const request = {
  merchant: newId('mer'),
  idempotencyKey: 'order-1',
  card: { number: '4242424242424242', expiryMonth: 12, expiryYear: 2034, cvv: '737' },
};

/** Stages at a vault that gives this answer; also what it was asked. */
async function stageAt(status: number, answer: unknown) {
  const seen: unknown[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as unknown;
      seen.push(incoming.url, incoming.headers.authorization, body);
      response.writeHead(status).end(JSON.stringify(answer));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const vault = createVaultStage({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    secret: 'the-secret',
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
    expect(seen).toEqual(['/v1/stage', 'Bearer the-secret', request]);
  });

  it('says that the vault is unavailable, or that it refused and why', async () => {
    const error = { code: 'database_unavailable', message: 'away', retryable: true };
    expect((await stageAt(503, { error })).result).toBeInstanceOf(VaultUnavailable);
    const { result } = await stageAt(400, {
      error: { code: 'malformed', message: 'card.number', retryable: false },
    });
    expect(result).toBeInstanceOf(VaultRefused);
    expect(result).toMatchObject({ code: 'malformed' });
  });
});
