import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aTokenizedPayment, startVaultFixture, type VaultFixture } from '../../vault/testing/fixture.ts';
import type { AttemptId, VerificationId } from '../../workflows/domain/ids.ts';
import type { VerificationActivities } from '../../workflows/ports/card-verification.ts';
import type { LedgerActivities } from '../../workflows/ports/ledger.ts';
import { createFencing, createVerificationFencing, VaultUnavailable, type VaultClient } from './index.ts';

/** What a worker that died with the security code in hand leaves in the vault, when its attempt is asked about. */
let vault: VaultFixture;
beforeAll(async () => {
  vault = await startVaultFixture();
});
afterAll(async () => {
  await vault.close();
});

const silent = { error() {}, warn() {}, info() {}, debug() {} };

type Fenced = Awaited<ReturnType<LedgerActivities['fence']>>;
const APPROVED: Fenced = {
  outcome: 'approved',
  reason: 'answered; its worker was lost',
  sent: true,
  answered: true,
};
const LOST: Fenced = { outcome: 'ambiguous', reason: 'its worker was lost while it was sending', sent: true };

type Payment = Awaited<ReturnType<typeof aTokenizedPayment>>;

/** Asks about the payment's first attempt, of which the record says that. */
function fence(
  of: Payment,
  said: Fenced,
  { burn = vault.payments.burn, tries = 1 }: { burn?: VaultClient['burn']; tries?: number } = {},
): Promise<Fenced> {
  const record = { fence: () => Promise.resolve(said) } satisfies Partial<LedgerActivities>;
  const fencing = createFencing(record as Partial<LedgerActivities> as LedgerActivities, { burn }, silent);
  const { merchant, payment, attempts } = of;
  return new MockActivityEnvironment({ attempt: tries }).run(() =>
    fencing.fence({ merchant, payment, attempt: attempts[0] }),
  );
}

const numberFor = ({ merchant, payment, token }: Payment, attempt: AttemptId) =>
  vault.detokenize({ merchant, payment, token, attempt });
const codesOf = ({ merchant, payment }: Payment) =>
  vault.sql('SELECT FROM vault.security_codes WHERE merchant = $1 AND payment = $2', [merchant, payment]);

describe('an attempt whose worker was lost', () => {
  it('behind its recorded answer keeps no security code, and gets no number any more', async () => {
    const of = await aTokenizedPayment(vault);
    expect((await numberFor(of, of.attempts[0])).cvv).toBe('737');
    expect(await fence(of, APPROVED)).toEqual(APPROVED);
    expect(await codesOf(of)).toHaveLength(0);
    await expect(numberFor(of, of.attempts[0])).rejects.toMatchObject({ code: 'grant_spent' });
    // The step may run twice.
    expect(await fence(of, APPROVED)).toEqual(APPROVED);
  });

  it('before an answer is left as it is: its repeat is the same message', async () => {
    const of = await aTokenizedPayment(vault);
    await numberFor(of, of.attempts[0]);
    expect(await fence(of, LOST)).toEqual(LOST);
    expect(await codesOf(of)).toHaveLength(1);
  });

  it('is asked about again while the vault is away, and in the end its answer counts without it', async () => {
    const of = await aTokenizedPayment(vault);
    const burn = () => Promise.reject(new VaultUnavailable('away'));
    await expect(fence(of, APPROVED, { burn })).rejects.toBeInstanceOf(VaultUnavailable);
    expect(await fence(of, APPROVED, { burn, tries: 3 })).toEqual(APPROVED);
  });

  it('of a card verification ends the same', async () => {
    const of = await aTokenizedPayment(vault);
    const { merchant, attempts } = of;
    expect((await numberFor(of, attempts[0])).cvv).toBe('737');
    const view = { attempts: [{ id: attempts[0], state: 'answered' }] };
    const record = { settleVerification: () => Promise.resolve(view) } as unknown as VerificationActivities;
    const fencing = createVerificationFencing(record, vault.payments, silent);
    // What is written under a payment's name in the vault is a verification's there.
    const input = { merchant, verification: of.payment as string as VerificationId, attempt: attempts[0] };
    expect(await new MockActivityEnvironment().run(() => fencing.settleVerification(input))).toEqual(view);
    expect(await codesOf(of)).toHaveLength(0);
  });
});
