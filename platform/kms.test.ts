import { createServer, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { KmsRefused, KmsUnavailable, Tampered, UnknownKey } from './key-errors.ts';
import { createKms, type Kms } from './kms.ts';

type Reply = (response: ServerResponse, request: Readonly<Record<string, unknown>>) => void;

let cleanup: (() => Promise<void>) | null = null;
afterEach(async () => {
  await cleanup?.();
  cleanup = null;
});

/** The real AWS client against a socket that answers as scripted. */
async function kmsThat(reply: Reply): Promise<Kms> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      reply(response, JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const kms = createKms({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'eu-west-1',
    keyId: 'alias/test',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  cleanup = async () => {
    kms.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return kms;
}

const answer =
  (status: number, body: unknown): Reply =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
  };
const base64 = (bytes: number) => Buffer.alloc(bytes, 7).toString('base64');

describe('the key service client', () => {
  it('hands out a key, its wrapped form, and the master key by its own name', async () => {
    const kms = await kmsThat(
      answer(200, { KeyId: 'arn:aws:kms:x:y:key/1', Plaintext: base64(32), CiphertextBlob: base64(60) }),
    );
    const key = await kms.generateDataKey({ purpose: 'card' });
    expect(key.masterKey).toBe('arn:aws:kms:x:y:key/1');
    expect(key.plaintext.equals(Buffer.alloc(32, 7))).toBe(true);
    expect(key.wrapped.byteLength).toBe(60);
  });

  it('binds a key to its context and to the master key that its row names', async () => {
    let seen: Readonly<Record<string, unknown>> = {};
    const kms = await kmsThat((response, request) => {
      seen = request;
      answer(200, { KeyId: 'key/1', Plaintext: base64(32) })(response, request);
    });
    await kms.unwrap(Buffer.alloc(60), 'key/1', { purpose: 'card', data_key: 'dk_1' });
    expect(seen).toMatchObject({ KeyId: 'key/1', EncryptionContext: { purpose: 'card', data_key: 'dk_1' } });
  });

  it.each([
    ['InvalidCiphertextException', Tampered],
    ['NotFoundException', UnknownKey],
    ['IncorrectKeyException', UnknownKey],
    ['DisabledException', KmsRefused],
    ['KMSInvalidStateException', KmsRefused],
    ['AccessDeniedException', KmsRefused],
    ['ThrottlingException', KmsUnavailable],
    ['LimitExceededException', KmsUnavailable],
    ['SomethingNewException', KmsUnavailable],
  ])('says what %s means', async (type, expected) => {
    const kms = await kmsThat(answer(400, { __type: type, message: 'no' }));
    await expect(kms.unwrap(Buffer.alloc(60), 'key/1', {})).rejects.toThrow(expected);
  });

  it.each([
    ['an internal error', answer(500, { __type: 'KMSInternalException' })],
    [
      'an answer that is not its protocol',
      (response) => {
        response.writeHead(200).end('<html>');
      },
    ],
    [
      'a connection cut in the middle',
      (response) => {
        response.destroy();
      },
    ],
    ['half a key', answer(200, { KeyId: 'key/1', Plaintext: base64(16), CiphertextBlob: base64(60) })],
  ])('calls %s unavailable', async (_what, reply) => {
    const kms = await kmsThat(reply);
    await expect(kms.generateDataKey({})).rejects.toThrow(KmsUnavailable);
  });

  it('does not wait for a service that never answers', async () => {
    const kms = await kmsThat(() => undefined);
    await expect(kms.generateDataKey({})).rejects.toThrow(KmsUnavailable);
  });

  it('calls a service that is not there unavailable', async () => {
    const kms = await kmsThat(() => undefined);
    await cleanup?.();
    cleanup = null;
    await expect(kms.generateDataKey({})).rejects.toThrow(KmsUnavailable);
  });
});
