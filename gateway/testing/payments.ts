import { randomBytes, randomUUID } from 'node:crypto';
import type { RunFile } from '../../temporal-dev/run-file.ts';
import { seedMerchant } from '../../temporal-dev/seed.ts';
import { waitUntil } from '../../temporal-dev/testing/wait-until.ts';

/** A held payment of a merchant of its own, whose workflow is open; in review when it is of so much. */
export interface HeldPayment {
  readonly id: string;
  readonly merchant: string;
  /** What the api says of it now. */
  readonly status: () => Promise<string>;
}

/** 25 000.00 EUR: 35 points for the amount, 30 more above 20 000.00. */
export const REVIEWED_AMOUNT = 2_500_000;

export async function heldPayment(
  { api, postgres, acquirers }: RunFile,
  amount = 4_200,
): Promise<HeldPayment> {
  const apiKey = `sk_test_${randomBytes(32).toString('hex')}`;
  const merchant = await seedMerchant({
    ownerUrl: postgres.urls.owner,
    apiKey,
    name: 'Gateway shop',
    acquirers: acquirers.map(({ id }) => id),
  });
  const request = async (path: string, body?: object) => {
    const response = await fetch(`${api}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${apiKey}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(45_000),
    });
    return (await response.json()) as { id: string; status: string };
  };
  const { id } = await request('/v1/payments', {
    amount,
    currency: 'EUR',
    capture: 'manual',
    card: { number: '5555555555554444', expiry_month: 12, expiry_year: 2030, cvv: '123' },
  });
  const status = async () => (await request(`/v1/payments/${id}`)).status;
  const held = amount === REVIEWED_AMOUNT ? 'in_review' : 'authorized';
  await waitUntil(`${id} is ${held}`, 60_000, async () => (await status()) === held);
  return { id, merchant, status };
}
