import { Webhook } from 'standardwebhooks';
import { expect, it } from 'vitest';
import { KmsRefused, KmsUnavailable, Tampered } from '../../platform/key-errors.ts';
import type { DeliveryId, EndpointId, EventId, MerchantId } from '../../workflows/domain/ids.ts';
import { createAttempt } from './attempt.ts';
import type { Signers } from './signers.ts';
import type { SendableDelivery } from './store.ts';

/** The promise: a secret that was rolled away keeps no webhook from being sent; the endpoint's own does. */

const CURRENT = `whsec_${Buffer.from('current').toString('base64')}`;
const PREVIOUS = `whsec_${Buffer.from('previous').toString('base64')}`;
const delivery: SendableDelivery = {
  merchant: 'mer_test' as MerchantId,
  delivery: 'dlv_test' as DeliveryId,
  state: 'retrying',
  event: 'evt_test' as EventId,
  endpoint: 'whe_test' as EndpointId,
  version: '2026-11-01',
  traceparent: null,
  behind: null,
  body: '{}',
  target: { url: 'https://shop.example/hook', sealedSecret: CURRENT, previousSecret: PREVIOUS },
};

/** An attempt whose secrets are sealed by nothing; `fails` cannot be opened. What was signed with, and logged. */
function scene(fails: string | null, why: Error = new Error('never')) {
  const signedWith: string[] = [];
  const logged: string[] = [];
  const log = (event: string) => void logged.push(event);
  const signers: Signers = (_owner, sealed) =>
    sealed === fails ? Promise.reject(why) : Promise.resolve(new Webhook(String(sealed)));
  const attempt = createAttempt({
    signers,
    send({ headers, body }) {
      for (const secret of [CURRENT, PREVIOUS]) {
        try {
          new Webhook(secret).verify(body, headers);
          signedWith.push(secret);
        } catch {
          // Not by this one.
        }
      }
      return Promise.resolve({ status: 204, error: null, latencyMs: 1 });
    },
    logger: { error: log, warn: log, info: log, debug: log },
  });
  return { signedWith, logged, run: () => attempt(delivery) };
}

it('is signed with both secrets while they overlap', async () => {
  const { run, signedWith, logged } = scene(null);
  expect(await run()).toMatchObject({ delivered: true });
  expect(signedWith).toEqual([CURRENT, PREVIOUS]);
  expect(logged).toEqual([]);
});

it.each([
  new KmsRefused('disabled', 'DisabledException'),
  new Tampered('changed'),
  new TypeError('not a secret'),
])(
  'is signed with the current one alone where the one before cannot be opened, and that is logged: $name',
  async (why) => {
    const { run, signedWith, logged } = scene(PREVIOUS, why);
    expect(await run()).toMatchObject({ delivered: true });
    expect(signedWith).toEqual([CURRENT]);
    expect(logged).toEqual(['previous_secret_not_opened']);
  },
);

it('waits for a key service that is away: who knows only the secret before would refuse it', async () => {
  const { run, signedWith } = scene(PREVIOUS, new KmsUnavailable('away'));
  await expect(run()).rejects.toBeInstanceOf(KmsUnavailable);
  expect(signedWith).toEqual([]);
});

it('is not sent where the current one cannot be opened: tried again, or said to be ours', async () => {
  const refused = scene(CURRENT, new KmsRefused('disabled', 'DisabledException'));
  await expect(refused.run()).rejects.toThrow(KmsRefused);
  const tampered = scene(CURRENT, new Tampered('changed'));
  expect(await tampered.run()).toMatchObject({ delivered: false, ours: true });
  expect([...refused.signedWith, ...tampered.signedWith]).toEqual([]);
});
