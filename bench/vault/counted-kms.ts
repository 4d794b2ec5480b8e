import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { request } from 'undici';
import { KMS_REGION, SEEDED_KEYS } from '../../temporal-dev/key-aliases.ts';
import { startKmsServer } from '../../temporal-dev/kms/server.ts';

/** The KMS emulator behind a door that counts who comes in. */
export interface CountedKms {
  readonly endpoint: string;
  calls(): number;
  close(): Promise<void>;
}

export async function startCountedKms(dir: string): Promise<CountedKms> {
  const kms = await startKmsServer({
    port: 0,
    keyFile: join(dir, 'kms-keys.json'),
    region: KMS_REGION,
    seededAliases: SEEDED_KEYS,
    now: () => Date.now() / 1_000,
  });
  let calls = 0;
  async function pass(incoming: IncomingMessage) {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    if (incoming.method === 'POST') calls += 1;
    const target = incoming.headers['x-amz-target'];
    const answer = await request(`${kms.endpoint}${incoming.url ?? ''}`, {
      method: incoming.method === 'POST' ? 'POST' : 'GET',
      headers: target === undefined ? {} : { 'x-amz-target': String(target) },
      ...(incoming.method === 'POST' ? { body: Buffer.concat(chunks) } : {}),
    });
    return { status: answer.statusCode, text: await answer.body.text() };
  }
  const server = createServer((incoming, response) => {
    pass(incoming).then(
      ({ status, text }) =>
        response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(text),
      () => response.destroy(),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: () => calls,
    async close() {
      server.closeAllConnections();
      server.close();
      await kms.close();
    },
  };
}
