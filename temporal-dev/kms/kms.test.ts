import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GenerateMacCommand,
  GenerateRandomCommand,
  GetPublicKeyCommand,
  KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
  ReEncryptCommand,
  ScheduleKeyDeletionCommand,
  SignCommand,
  UpdateAliasCommand,
  VerifyCommand,
  VerifyMacCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startKmsServer } from './server.ts';
import type { KmsServer } from './server.ts';

/** The emulator, spoken to by the real AWS client over a socket. */
const ALIAS = 'alias/seeded';
let folder: string;
let server: KmsServer;
let client: KMSClient;
let nowSeconds = 1_700_000_000;

const bytes = (text: string) => Buffer.from(text, 'utf8');

async function open(): Promise<void> {
  const keyFile = join(folder, 'keys.json');
  server = await startKmsServer({
    port: 0,
    keyFile,
    region: 'eu-west-1',
    seededAliases: { [ALIAS]: 'SYMMETRIC_DEFAULT' },
    now: () => nowSeconds,
  });
  client = new KMSClient({
    endpoint: server.endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });
}

async function close(): Promise<void> {
  client.destroy();
  await server.close();
}

async function faults(type: string, times: number): Promise<void> {
  await fetch(`${server.endpoint}/control/faults`, { method: 'POST', body: JSON.stringify({ type, times }) });
}

async function newKey(
  KeySpec: 'SYMMETRIC_DEFAULT' | 'HMAC_256' | 'ECC_NIST_P256' = 'SYMMETRIC_DEFAULT',
): Promise<string> {
  const KeyUsage = (
    {
      SYMMETRIC_DEFAULT: 'ENCRYPT_DECRYPT',
      HMAC_256: 'GENERATE_VERIFY_MAC',
      ECC_NIST_P256: 'SIGN_VERIFY',
    } as const
  )[KeySpec];
  const { KeyMetadata } = await client.send(
    new CreateKeyCommand({ KeySpec, KeyUsage, Description: 'of a test' }),
  );
  return KeyMetadata?.KeyId ?? '';
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quittance-kms-'));
  await open();
});

afterAll(async () => {
  await close();
  await rm(folder, { recursive: true, force: true });
});

describe('keys and aliases', () => {
  it('describes a key found by id, ARN, alias and alias ARN', async () => {
    const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: ALIAS }));
    const { Aliases } = await client.send(new ListAliasesCommand({ KeyId: KeyMetadata?.KeyId }));
    expect(Aliases?.[0]?.AliasName).toBe(ALIAS);
    for (const name of [KeyMetadata?.KeyId, KeyMetadata?.Arn, Aliases?.[0]?.AliasArn]) {
      const again = await client.send(new DescribeKeyCommand({ KeyId: name }));
      expect(again.KeyMetadata).toEqual(KeyMetadata);
    }
    expect(KeyMetadata).toMatchObject({
      KeyState: 'Enabled',
      Enabled: true,
      CreationDate: new Date(nowSeconds * 1000),
    });
    const { Keys } = await client.send(new ListKeysCommand({}));
    expect(Keys?.map((key) => key.KeyId)).toContain(KeyMetadata?.KeyId);
  });

  it('lets an alias be made once and moved later', async () => {
    const [first, second] = [await newKey(), await newKey()];
    await client.send(new CreateAliasCommand({ AliasName: 'alias/moving', TargetKeyId: first }));
    await expect(
      client.send(new CreateAliasCommand({ AliasName: 'alias/moving', TargetKeyId: second })),
    ).rejects.toMatchObject({
      name: 'AlreadyExistsException',
    });
    await client.send(new UpdateAliasCommand({ AliasName: 'alias/moving', TargetKeyId: second }));
    const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: 'alias/moving' }));
    expect(KeyMetadata?.KeyId).toBe(second);
  });

  it('keeps its keys in a file that only its owner reads, and opens old ciphertexts after a restart', async () => {
    const { CiphertextBlob } = await client.send(
      new EncryptCommand({ KeyId: ALIAS, Plaintext: bytes('kept') }),
    );
    await close();
    await open();
    const { Plaintext } = await client.send(new DecryptCommand({ CiphertextBlob }));
    expect(Buffer.from(Plaintext ?? []).toString()).toBe('kept');
    expect((await stat(join(folder, 'keys.json'))).mode & 0o777).toBe(0o600);
  });
});

describe('data keys and encryption', () => {
  const EncryptionContext = { merchant: 'mer_1', purpose: 'card' };

  it('gives a data key in the clear and wrapped, and unwraps it with the same context in any order', async () => {
    const made = await client.send(
      new GenerateDataKeyCommand({ KeyId: ALIAS, KeySpec: 'AES_256', EncryptionContext }),
    );
    expect(made.Plaintext).toHaveLength(32);
    const opened = await client.send(
      new DecryptCommand({
        CiphertextBlob: made.CiphertextBlob,
        EncryptionContext: { purpose: 'card', merchant: 'mer_1' },
      }),
    );
    expect(opened.Plaintext).toEqual(made.Plaintext);
    expect(opened.KeyId).toBe(made.KeyId);
    const wrapped = await client.send(
      new GenerateDataKeyWithoutPlaintextCommand({ KeyId: ALIAS, NumberOfBytes: 64 }),
    );
    const unwrapped = await client.send(new DecryptCommand({ CiphertextBlob: wrapped.CiphertextBlob }));
    expect(unwrapped.Plaintext).toHaveLength(64);
  });

  it('gives random bytes of the length asked for', async () => {
    const { Plaintext } = await client.send(new GenerateRandomCommand({ NumberOfBytes: 17 }));
    expect(Plaintext).toHaveLength(17);
  });

  it('moves a ciphertext to another key and context without showing it', async () => {
    const [from, to] = [await newKey(), await newKey()];
    const { CiphertextBlob } = await client.send(
      new EncryptCommand({ KeyId: from, Plaintext: bytes('moved'), EncryptionContext }),
    );
    const moved = await client.send(
      new ReEncryptCommand({
        CiphertextBlob,
        SourceEncryptionContext: EncryptionContext,
        DestinationKeyId: to,
        DestinationEncryptionContext: { merchant: 'mer_2' },
      }),
    );
    await client.send(new DisableKeyCommand({ KeyId: from }));
    const opened = await client.send(
      new DecryptCommand({ CiphertextBlob: moved.CiphertextBlob, EncryptionContext: { merchant: 'mer_2' } }),
    );
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('moved');
  });

  it('refuses another context, a changed ciphertext and no ciphertext at all', async () => {
    const { CiphertextBlob } = await client.send(
      new EncryptCommand({ KeyId: ALIAS, Plaintext: bytes('x'), EncryptionContext }),
    );
    const changed = Buffer.from(CiphertextBlob ?? []);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    for (const request of [
      { CiphertextBlob, EncryptionContext: { ...EncryptionContext, merchant: 'mer_2' } },
      { CiphertextBlob },
      { CiphertextBlob: changed, EncryptionContext },
      { CiphertextBlob: bytes('short') },
    ]) {
      await expect(client.send(new DecryptCommand(request))).rejects.toMatchObject({
        name: 'InvalidCiphertextException',
      });
    }
  });

  it('refuses a ciphertext of another key than the caller names', async () => {
    const { CiphertextBlob } = await client.send(new EncryptCommand({ KeyId: ALIAS, Plaintext: bytes('x') }));
    await expect(
      client.send(new DecryptCommand({ CiphertextBlob, KeyId: await newKey() })),
    ).rejects.toMatchObject({
      name: 'IncorrectKeyException',
    });
  });
});

describe('macs and signatures', () => {
  it('verifies its own MAC and no other', async () => {
    const KeyId = await newKey('HMAC_256');
    const MacAlgorithm = 'HMAC_SHA_256';
    const { Mac } = await client.send(
      new GenerateMacCommand({ KeyId, Message: bytes('said'), MacAlgorithm }),
    );
    const verified = await client.send(
      new VerifyMacCommand({ KeyId, Message: bytes('said'), Mac, MacAlgorithm }),
    );
    expect(verified.MacValid).toBe(true);
    await expect(
      client.send(new VerifyMacCommand({ KeyId, Message: bytes('other'), Mac, MacAlgorithm })),
    ).rejects.toMatchObject({
      name: 'KMSInvalidMacException',
    });
  });

  it('verifies its own signature and no other', async () => {
    const KeyId = await newKey('ECC_NIST_P256');
    const SigningAlgorithm = 'ECDSA_SHA_256';
    const { Signature } = await client.send(
      new SignCommand({ KeyId, Message: bytes('said'), SigningAlgorithm }),
    );
    const verified = await client.send(
      new VerifyCommand({ KeyId, Message: bytes('said'), Signature, SigningAlgorithm }),
    );
    expect(verified.SignatureValid).toBe(true);
    await expect(
      client.send(new VerifyCommand({ KeyId, Message: bytes('other'), Signature, SigningAlgorithm })),
    ).rejects.toMatchObject({
      name: 'KMSInvalidSignatureException',
    });
    const { PublicKey } = await client.send(new GetPublicKeyCommand({ KeyId }));
    expect(PublicKey?.length).toBeGreaterThan(64);
  });
});

describe('what is refused', () => {
  it('says that a key or an alias does not exist', async () => {
    for (const KeyId of [randomUUID(), 'alias/nobody']) {
      await expect(
        client.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' })),
      ).rejects.toMatchObject({
        name: 'NotFoundException',
      });
    }
  });

  it('does not use a disabled key until it is enabled again', async () => {
    const KeyId = await newKey();
    await client.send(new DisableKeyCommand({ KeyId }));
    await expect(client.send(new EncryptCommand({ KeyId, Plaintext: bytes('x') }))).rejects.toMatchObject({
      name: 'DisabledException',
    });
    await client.send(new EnableKeyCommand({ KeyId }));
    await client.send(new EncryptCommand({ KeyId, Plaintext: bytes('x') }));
  });

  it('does not use a key that waits for its deletion, and forgets it afterwards unless that was cancelled', async () => {
    const [gone, kept] = [await newKey(), await newKey()];
    for (const KeyId of [gone, kept]) {
      await client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
      await expect(client.send(new EncryptCommand({ KeyId, Plaintext: bytes('x') }))).rejects.toMatchObject({
        name: 'KMSInvalidStateException',
      });
    }
    await client.send(new CancelKeyDeletionCommand({ KeyId: kept }));
    nowSeconds += 8 * 86_400;
    await expect(client.send(new DescribeKeyCommand({ KeyId: gone }))).rejects.toMatchObject({
      name: 'NotFoundException',
    });
    const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: kept }));
    expect(KeyMetadata?.KeyState).toBe('Disabled');
  });

  it('does not use a key for what it is not made for', async () => {
    const KeyId = await newKey('HMAC_256');
    await expect(client.send(new EncryptCommand({ KeyId, Plaintext: bytes('x') }))).rejects.toMatchObject({
      name: 'InvalidKeyUsageException',
    });
  });

  it('refuses lengths and shapes outside of the protocol', async () => {
    for (const command of [
      new GenerateDataKeyCommand({ KeyId: ALIAS }),
      new GenerateDataKeyCommand({ KeyId: ALIAS, KeySpec: 'AES_256', NumberOfBytes: 32 }),
      new GenerateRandomCommand({ NumberOfBytes: 1025 }),
    ]) {
      await expect(client.send(command as GenerateRandomCommand)).rejects.toMatchObject({
        name: 'ValidationException',
      });
    }
    await expect(
      client.send(new EncryptCommand({ KeyId: ALIAS, Plaintext: Buffer.alloc(4097) })),
    ).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('is throttled or broken for as many requests as the control asks', async () => {
    await faults('ThrottlingException', 1);
    await expect(client.send(new ListKeysCommand({}))).rejects.toMatchObject({ name: 'ThrottlingException' });
    await faults('KMSInternalException', 1);
    await expect(client.send(new ListKeysCommand({}))).rejects.toMatchObject({
      name: 'KMSInternalException',
      $metadata: { httpStatusCode: 500 },
    });
    await client.send(new ListKeysCommand({}));
  });
});
