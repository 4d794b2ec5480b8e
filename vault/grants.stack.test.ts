import { generateKeyPairSync, sign } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { request } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createGrantSigner } from '../activities/vault/grants.ts';
import { createKmsSigningKey } from '../platform/kms-signing.ts';
import { newId } from '../platform/new-id.ts';
import { grantKeysFile } from '../temporal-dev/certificates.ts';
import { GRANT_KEY_ALIAS } from '../temporal-dev/key-aliases.ts';
import { attemptId, authorizationIdOf } from '../workflows/domain/ids.ts';
import { joinGrant, signedBytes, type Delegation, type Grant } from './grants/form.ts';
import {
  ACCOUNT,
  ACQUIRER,
  aCard,
  aTokenizedPayment,
  eventually,
  MASTERCARD,
  startVaultFixture,
  VISA,
  type Asked,
  type VaultFixture,
} from './testing/fixture.ts';

/** A number is given for one attempt, for a short time, and only on the payments worker's word. */
let vault: VaultFixture;
beforeAll(async () => {
  vault = await startVaultFixture();
});
afterEach(() => {
  vault.kms.mend();
});
afterAll(async () => {
  await vault.close();
});

type Tokenized = Awaited<ReturnType<typeof aTokenizedPayment>>;
const asking = ({ merchant, payment, token, attempts }: Tokenized): Asked => ({
  merchant,
  payment,
  token,
  attempt: attempts[0],
});
const grantFor = ({ merchant, payment, attempts }: Tokenized, change: Partial<Grant> = {}) =>
  vault.signer.sign({
    ...{
      merchant,
      payment,
      attempt: attempts[0],
      account: ACCOUNT,
      acquirer: ACQUIRER,
      purpose: 'authorization',
    },
    ...change,
  });
const auditOf = ({ payment }: Pick<Tokenized, 'payment'>) =>
  vault.sql(
    'SELECT granted, refusal, account, purpose, signer FROM vault.audit_log WHERE payment = $1 ORDER BY id',
    [payment],
  );

const DAY_MS = 86_400_000;
interface Forged {
  readonly delegation?: Partial<Delegation>;
  readonly grant?: Partial<Grant>;
  /** Signs the delegation; the key service when left out. */
  readonly certify?: (message: Buffer) => Buffer | Promise<Buffer>;
}

/** A grant by hand, with whatever is wrong in it. */
async function forged(of: Tokenized, { delegation, grant, certify }: Forged): Promise<string> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const now = Date.now();
  const by = JSON.stringify({
    key: publicKey.export({ format: 'der', type: 'spki' }).toString('base64url'),
    worker: 'forged',
    notBefore: now - 1_000,
    notAfter: now + 3_600_000,
    ...delegation,
  });
  const text = JSON.stringify({
    ...{ merchant: of.merchant, payment: of.payment, attempt: of.attempts[0] },
    ...{ account: ACCOUNT, acquirer: ACQUIRER, purpose: 'authorization' },
    ...{ issued: now, expires: now + 60_000 },
    ...grant,
  });
  const kms = createKmsSigningKey({
    endpoint: vault.run.kms.endpoint,
    region: vault.run.kms.region,
    keyId: GRANT_KEY_ALIAS,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  try {
    const signature = await (certify ?? kms.sign)(signedBytes('delegation', by));
    return joinGrant(
      { text: by, signature },
      { text, signature: sign(null, signedBytes('grant', text), privateKey) },
    );
  } finally {
    kms.close();
  }
}

describe('a card verification', () => {
  it('takes a card as a payment does: one card, one security code, and grants under its own name', async () => {
    const merchant = newId('mer');
    const verification = newId('ver');
    const { staging } = await vault.api.stage({ merchant, idempotencyKey: verification, card: aCard() });
    const { token } = await vault.payments.tokenize({ merchant, payment: verification, staging });
    await expect(vault.payments.tokenize({ merchant, payment: newId('pay'), staging })).rejects.toMatchObject(
      { code: 'staging_used' },
    );
    const attempt = attemptId(verification, 1);
    const asked = { merchant, payment: verification, token, attempt };
    const about = { merchant, payment: verification, attempt, account: ACCOUNT, acquirer: ACQUIRER };
    // What was signed for a payment's message is no right to a verification's, nor the other way round.
    for (const [signed, purpose] of [
      ['verification', 'authorization'],
      ['authorization', 'verification'],
    ] as const) {
      const grant = await vault.signer.sign({ ...about, purpose: signed });
      await expect(vault.detokenize({ ...asked, purpose, grant })).rejects.toMatchObject({
        code: 'grant_wrong_purpose',
      });
    }
    const card = await vault.detokenize({ ...asked, purpose: 'verification' });
    expect(card).toMatchObject({ number: VISA, cvv: '737' });
    expect(await vault.acquirers.burn({ merchant, payment: verification, answered: attempt })).toEqual({
      burnt: true,
    });
    await expect(vault.detokenize({ ...asked, purpose: 'verification' })).rejects.toMatchObject({
      code: 'grant_spent',
    });
  });
});

describe('a grant', () => {
  it('is good for its attempt as often as it asks, and every time is written with who signed', async () => {
    const of = await aTokenizedPayment(vault);
    const grant = await grantFor(of);
    expect(await vault.detokenize({ ...asking(of), grant })).toMatchObject({ number: VISA, cvv: '737' });
    expect(await vault.detokenize({ ...asking(of), grant })).toMatchObject({ number: VISA, cvv: '737' });
    const written = { granted: true, refusal: null, account: ACCOUNT, purpose: 'authorization' };
    const signer = expect.stringMatching(/^test-[0-9a-f]{8}$/) as string;
    expect(await auditOf(of)).toEqual([
      { ...written, signer },
      { ...written, signer },
    ]);
  });

  it.each<[string, string, (of: Tokenized, other: Tokenized) => Promise<Partial<Asked>>]>([
    ['no grant', 'grant_missing', async () => ({ grant: null })],
    ['something else', 'grant_invalid', async () => ({ grant: 'something.else' })],
    [
      'another attempt’s, of the same payment',
      'grant_wrong_attempt',
      async (of) => ({ attempt: of.attempts[1], grant: await grantFor(of) }),
    ],
    [
      'another payment’s of the same merchant',
      'grant_wrong_payment',
      async (of, other) => ({ grant: await grantFor(of, { payment: other.payment }) }),
    ],
    [
      'another merchant’s',
      'grant_wrong_merchant',
      async (of) => ({ grant: await grantFor(of, { merchant: newId('mer') }) }),
    ],
    [
      'one for another account',
      'grant_wrong_account',
      async (of) => ({ grant: await grantFor(of, { account: newId('aca') }) }),
    ],
    [
      'one for another purpose',
      'grant_wrong_purpose',
      async (of) => ({ grant: await grantFor(of, { purpose: 'refund' }) }),
    ],
    [
      'one that was changed after it was signed',
      'grant_invalid',
      async (of) => ({ grant: await tampered(of) }),
    ],
    [
      'one that has expired',
      'grant_expired',
      async (of) => ({
        grant: await forged(of, { grant: { issued: Date.now() - 70_000, expires: Date.now() - 10_000 } }),
      }),
    ],
    [
      'one of tomorrow',
      'grant_not_yet_valid',
      async (of) => ({
        grant: await forged(of, { grant: { issued: Date.now() + 30_000, expires: Date.now() + 60_000 } }),
      }),
    ],
    [
      'one that is good for a day',
      'grant_invalid',
      async (of) => ({ grant: await forged(of, { grant: { expires: Date.now() + DAY_MS } }) }),
    ],
    [
      'one by a key whose certification has run out',
      'grant_expired',
      async (of) => ({
        grant: await forged(of, {
          delegation: { notBefore: Date.now() - 7_200_000, notAfter: Date.now() - 3_600_000 },
        }),
      }),
    ],
    [
      'one by a key that the key service did not certify',
      'grant_invalid',
      async (of) => ({ grant: await forged(of, { certify: strangersSignature }) }),
    ],
    [
      'one by a key that was certified for a month',
      'grant_invalid',
      async (of) => ({ grant: await forged(of, { delegation: { notAfter: Date.now() + 30 * DAY_MS } }) }),
    ],
  ])('refuses %s, typed, and writes that it was asked', async (_what, code, change) => {
    const of = await aTokenizedPayment(vault);
    const other = await aTokenizedPayment(vault, { number: MASTERCARD }, of.merchant);
    const request = { ...asking(of), ...(await change(of, other)) };
    await expect(vault.detokenize(request)).rejects.toMatchObject({ name: 'VaultRefused', code });
    expect(await auditOf(of)).toMatchObject([{ granted: false, refusal: code }]);
    // The security code was leased to nobody.
    expect(
      await vault.sql('SELECT attempt FROM vault.security_codes WHERE payment = $1', [of.payment]),
    ).toEqual([{ attempt: null }]);
  });

  it('does not open another merchant’s token, or another payment’s, however well it is signed', async () => {
    const mine = await aTokenizedPayment(vault);
    const theirs = await aTokenizedPayment(vault, { number: MASTERCARD });
    await expect(vault.detokenize({ ...asking(mine), token: theirs.token })).rejects.toMatchObject({
      code: 'unknown_token',
    });
    expect(await auditOf(mine)).toMatchObject([{ granted: false, refusal: 'unknown_token' }]);
  });

  it('gives a number within the skew that clocks may have', async () => {
    const of = await aTokenizedPayment(vault);
    const late = await forged(of, { grant: { issued: Date.now() - 60_000, expires: Date.now() - 1_000 } });
    expect(await vault.detokenize({ ...asking(of), grant: late })).toMatchObject({ number: VISA });
  });

  it.each<[string, (of: Tokenized) => Promise<unknown>]>([
    [
      'answered',
      ({ merchant, payment, attempts }) => vault.acquirers.burn({ merchant, payment, answered: attempts[0] }),
    ],
    [
      'released',
      ({ merchant, payment, attempts }) =>
        vault.payments.release({ merchant, payment, attempt: attempts[0] }),
    ],
  ])('is spent with its attempt once that is %s; the next attempt’s is not', async (_how, end) => {
    const of = await aTokenizedPayment(vault);
    const grant = await grantFor(of);
    await vault.detokenize({ ...asking(of), grant });
    await end(of);
    await end(of);
    await expect(vault.detokenize({ ...asking(of), grant })).rejects.toMatchObject({ code: 'grant_spent' });
    // Nor with a new one.
    await expect(vault.detokenize(asking(of))).rejects.toMatchObject({ code: 'grant_spent' });
    expect((await auditOf(of)).at(-1)).toMatchObject({ granted: false, refusal: 'grant_spent' });
    expect(await vault.detokenize({ ...asking(of), attempt: of.attempts[1] })).toMatchObject({
      number: VISA,
    });
  });

  it('outlives a burn that ends no attempt: what may have been executed is asked about again', async () => {
    const of = await aTokenizedPayment(vault);
    const { merchant, payment } = of;
    await vault.acquirers.burn({ merchant, payment });
    expect(await vault.detokenize(asking(of))).toMatchObject({ number: VISA, cvv: null });
  });
});

async function tampered(of: Tokenized): Promise<string> {
  const [by, bySignature, text = '', signature] = (await grantFor(of)).split('.');
  const grant = JSON.parse(Buffer.from(text, 'base64url').toString()) as Grant;
  const longer = Buffer.from(JSON.stringify({ ...grant, expires: grant.expires + 1 })).toString('base64url');
  return [by, bySignature, longer, signature].join('.');
}

const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const strangersSignature = (message: Buffer): Buffer => sign('sha256', message, stranger.privateKey);

describe('the key service', () => {
  const kmsKey = () =>
    createKmsSigningKey({
      endpoint: `http://127.0.0.1:${vault.kms.port}`,
      region: vault.run.kms.region,
      keyId: GRANT_KEY_ALIAS,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });

  it('is asked once for a thousand grants, and goes on being trusted while it is away', async () => {
    const kms = kmsKey();
    let asked = 0;
    let now = Date.now();
    const counted = {
      ...kms,
      sign: (message: Uint8Array) => {
        asked += 1;
        return kms.sign(message);
      },
    };
    const logger = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
    const signer = createGrantSigner({
      ...{ kms: counted, logger, worker: 'busy', lifetimeMs: 60_000 },
      now: () => now,
    });
    const about = {
      merchant: newId('mer'),
      payment: newId('pay'),
      attempt: attemptId(authorizationIdOf(newId('pay')), 1),
      account: ACCOUNT,
      acquirer: ACQUIRER,
      purpose: 'sale',
    } as const;
    try {
      // However many ask at once.
      await Promise.all(Array.from({ length: 1_000 }, () => signer.sign(about)));
      expect(asked).toBe(1);
      vault.kms.cut();
      now += 2 * 3_600_000;
      await signer.sign(about);
      now += 3 * 3_600_000;
      await expect(signer.sign(about)).rejects.toMatchObject({ name: 'KmsUnavailable' });
      vault.kms.mend();
      await signer.sign(about);
    } finally {
      signer.close();
      kms.close();
    }
  });

  it('that throttles is unavailable for now, and a key pair that is none is refused for good', async () => {
    const kms = kmsKey();
    try {
      await request(`${vault.run.kms.endpoint}/control/faults`, {
        method: 'POST',
        body: JSON.stringify({ type: 'ThrottlingException', times: 2 }),
      });
      await expect(kms.sign(Buffer.from('x'))).rejects.toMatchObject({ name: 'KmsUnavailable' });
      await kms.sign(Buffer.from('x'));
    } finally {
      kms.close();
    }
    const options = { endpoint: vault.run.kms.endpoint, region: vault.run.kms.region };
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const symmetric = createKmsSigningKey({ ...options, credentials, keyId: vault.run.kms.keyId });
    await expect(symmetric.sign(Buffer.from('x'))).rejects.toMatchObject({
      name: 'KmsRefused',
      code: 'InvalidKeyUsageException',
    });
    symmetric.close();
    const none = createKmsSigningKey({ ...options, credentials, keyId: 'alias/none' });
    await expect(none.publicKey()).rejects.toMatchObject({ name: 'UnknownKey' });
    none.close();
  });

  it('may get another key pair: pinned beside the old one, then alone, without a restart', async () => {
    const of = await aTokenizedPayment(vault);
    const path = grantKeysFile(vault.dir);
    const before = await readFile(path, 'utf8');
    const grant = await forged(of, { certify: strangersSignature });
    const ask = () => vault.detokenize({ ...asking(of), grant }).then(({ number }) => number);
    const pem = stranger.publicKey.export({ format: 'pem', type: 'spki' }) as string;
    try {
      await writeFile(path, `${before}${pem}`);
      await eventually(async () => (await ask().catch(() => null)) === VISA);
      expect(await vault.detokenize(asking(of))).toMatchObject({ number: VISA });
      await writeFile(path, pem);
      await eventually(async () => (await vault.detokenize(asking(of)).catch(() => null)) === null);
      expect(await ask()).toBe(VISA);
    } finally {
      await writeFile(path, before);
    }
    await eventually(async () => (await vault.detokenize(asking(of)).catch(() => null)) !== null);
  });
});
