import { describe, expect, it } from 'vitest';
import { Webhook } from 'standardwebhooks';
import { KmsRefused, KmsUnavailable } from '../../platform/key-errors.ts';
import { createSigners } from './signers.ts';

const owner = { merchant: 'mer_a', id: 'whe_a' };
const secretA = `whsec_${Buffer.from('secret a').toString('base64')}`;
const secretB = `whsec_${Buffer.from('secret b').toString('base64')}`;

function fixture() {
  const state = { now: 0, opened: 0, failure: null as Error | null };
  const signers = createSigners({
    open: (_owner, sealed) => {
      state.opened += 1;
      return state.failure === null ? Promise.resolve(String(sealed)) : Promise.reject(state.failure);
    },
    maxAgeMs: 100,
    graceMs: 1_000,
    capacity: 2,
    now: () => state.now,
  });
  const at = new Date(0);
  const signed = async (sealed: string, who = owner) => (await signers(who, sealed)).sign('dlv_1', at, '{}');
  const expected = (secret: string) => new Webhook(secret).sign('dlv_1', at, '{}');
  return { state, signed, expected };
}

describe('signers', () => {
  it('open a secret once for many deliveries, also when they come at once', async () => {
    const { state, signed, expected } = fixture();
    const signatures = await Promise.all([signed(secretA), signed(secretA), signed(secretA)]);
    expect(new Set(signatures)).toEqual(new Set([expected(secretA)]));
    await signed(secretA);
    expect(state.opened).toBe(1);
  });

  it('take a new secret as soon as the endpoint has one', async () => {
    const { signed, expected } = fixture();
    await signed(secretA);
    expect(await signed(secretB)).toBe(expected(secretB));
  });

  it('ask the key service again when a secret has aged, and go on with it while that does not answer', async () => {
    const { state, signed, expected } = fixture();
    await signed(secretA);
    state.now = 150;
    state.failure = new KmsUnavailable('away');
    expect(await signed(secretA)).toBe(expected(secretA));
    expect(state.opened).toBe(2);
    state.now = 1_200;
    await expect(signed(secretA)).rejects.toThrow(KmsUnavailable);
  });

  it('stop using an aged secret that the key service refuses to open', async () => {
    const { state, signed } = fixture();
    await signed(secretA);
    state.now = 150;
    state.failure = new KmsRefused('disabled', 'DisabledException');
    await expect(signed(secretA)).rejects.toThrow(KmsRefused);
  });

  it('never use the old secret of an endpoint whose new one cannot be opened', async () => {
    const { state, signed } = fixture();
    await signed(secretA);
    state.failure = new KmsUnavailable('away');
    await expect(signed(secretB)).rejects.toThrow(KmsUnavailable);
  });

  it('hold no more secrets than they may', async () => {
    const { state, signed } = fixture();
    for (const id of ['whe_1', 'whe_2', 'whe_3']) await signed(secretA, { ...owner, id });
    await signed(secretA, { ...owner, id: 'whe_3' });
    expect(state.opened).toBe(3);
    await signed(secretA, { ...owner, id: 'whe_1' });
    expect(state.opened).toBe(4);
  });
});
