import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVaultClient, type VaultClient } from '../activities/vault/client.ts';
import { acquirerNames, issue, readAuthority } from '../temporal-dev/certificates.ts';
import type { Grant } from './grants/form.ts';
import { ACCOUNT, aTokenizedPayment, startVaultFixture, VISA, type VaultFixture } from './testing/fixture.ts';

/** A worker for one acquirer is worth that acquirer: its certificate uses no grant for another's account. */
let strict: VaultFixture;
let upgrading: VaultFixture;
beforeAll(async () => {
  [strict, upgrading] = await Promise.all([
    startVaultFixture(),
    startVaultFixture({ allowsUnnamedAcquirers: true }),
  ]);
});
afterAll(async () => {
  await Promise.all([strict.close(), upgrading.close()]);
});

/** Who asks, with a certificate of the vault's own authority that has those names beside its URI. */
async function as<T>(vault: VaultFixture, dns: readonly string[], ask: (by: VaultClient) => Promise<T>) {
  const authority = await readAuthority(vault.dir);
  const pair = await issue(authority, 'acquirers', { dns });
  const client = createVaultClient({
    url: vault.url,
    tls: {
      current: () => ({
        ...pair,
        authority: authority.certificate,
        fingerprint: '',
        validTo: new Date(),
      }),
      onChange: () => undefined,
      close: () => undefined,
    },
  });
  return ask(client).finally(() => client.close());
}

/** One payment whose number is asked for with such a certificate and a grant for that acquirer's account (null = it names none). */
async function detokenized(vault: VaultFixture, dns: readonly string[], acquirer: string | null) {
  const { merchant, payment, token, attempts } = await aTokenizedPayment(vault);
  const about = {
    merchant,
    payment,
    attempt: attempts[0],
    account: ACCOUNT,
    purpose: 'authorization',
  } as const;
  const named = { ...about, ...(acquirer === null ? {} : { acquirer }) } as Omit<Grant, 'issued' | 'expires'>;
  const grant = await vault.signer.sign(named);
  const result = await as(vault, dns, (by) => by.detokenize({ ...about, token, grant })).then(
    ({ number }) => number,
    (error: unknown) => {
      const { name, message, code } = error as { name: string; message: string; code?: string };
      return name === 'VaultRefused' ? code : `${name} ${message}`;
    },
  );
  const [audited] = await vault.sql<{
    granted: boolean;
    refusal: string | null;
    account: string;
    signer: string;
  }>('SELECT granted, refusal, account, signer FROM vault.audit_log WHERE payment = $1', [payment]);
  const [lease] = await vault.sql<{ attempt: string | null }>(
    'SELECT attempt FROM vault.security_codes WHERE payment = $1',
    [payment],
  );
  return { result, audited, leased: lease?.attempt !== null };
}

const one = acquirerNames(['acquirer-1']);
const GIVEN = { audited: { granted: true, refusal: null }, leased: true };
const refused = (refusal: string) => ({
  audited: { granted: false, refusal, account: ACCOUNT, signer: expect.stringMatching(/^test-/) as string },
  leased: false,
});

describe('a certificate of an acquirer worker', () => {
  it.each<[string, readonly string[], string | null]>([
    ['of its acquirer', one, 'acquirer-1'],
    ['of one of its several', acquirerNames(['acquirer-9', 'acquirer-1']), 'acquirer-9'],
    ['of any, if it names all', acquirerNames(['*']), 'acquirer-9'],
    ['that names no acquirer, if it names all', acquirerNames(['*']), null],
  ])('uses a grant %s', async (_whose, dns, acquirer) => {
    expect(await detokenized(strict, dns, acquirer)).toMatchObject({ result: VISA, ...GIVEN });
  });

  it.each<[string, readonly string[], string]>([
    ['of another acquirer', one, 'acquirer-9'],
    ['of one whose name only ends or begins like its own', one, 'xacquirer-1'],
    ['of one whose name is of another domain', [...one, 'acquirer-9.acquirers.example'], 'acquirer-9'],
    ['of one that is written in capitals', one, 'ACQUIRER-1'],
  ])(
    'uses no grant %s: a typed refusal, a row of the audit log, and the security code is not leased',
    async (_whose, dns, acquirer) => {
      expect(await detokenized(strict, dns, acquirer)).toMatchObject({
        result: 'grant_wrong_acquirer',
        ...refused('grant_wrong_acquirer'),
      });
    },
  );

  it('that hides another name within one has none of them', async () => {
    const dns = [...one, 'x, DNS:acquirer-9.acquirers.quittance, y'];
    await expect(detokenized(strict, dns, 'acquirer-9')).resolves.toMatchObject({
      // Not even the name of who it is.
      result: expect.stringMatching(/unknown_caller|no caller/) as string,
    });
  });

  it('that names none uses no grant until it is renewed; one that is older than names is asked for anew', async () => {
    const unnamed = await detokenized(strict, [], 'acquirer-1');
    expect(unnamed).toMatchObject({
      result: expect.stringContaining('VaultUnavailable') as string,
      ...refused('certificate_unnamed'),
    });
    expect(await detokenized(strict, one, null)).toMatchObject({
      result: expect.stringContaining('VaultUnavailable') as string,
      ...refused('grant_unnamed'),
    });
  });
});

describe('while an installation is upgraded', () => {
  it('certificates and grants without names are good for what they were, and named ones for no more', async () => {
    expect(await detokenized(upgrading, [], 'acquirer-1')).toMatchObject({ result: VISA, ...GIVEN });
    expect(await detokenized(upgrading, [], null)).toMatchObject({ result: VISA, ...GIVEN });
    expect(await detokenized(upgrading, one, null)).toMatchObject({ result: VISA, ...GIVEN });
    expect(await detokenized(upgrading, one, 'acquirer-9')).toMatchObject({
      result: 'grant_wrong_acquirer',
      ...refused('grant_wrong_acquirer'),
    });
  });
});
