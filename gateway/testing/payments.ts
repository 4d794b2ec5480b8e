import { randomBytes, randomUUID } from 'node:crypto';
import type { RunFile } from '../../temporal-dev/run-file.ts';
import { seedMerchant } from '../../temporal-dev/seed.ts';

/** A held payment of a merchant of its own, whose workflow is open. */
export interface HeldPayment {
  readonly id: string;
  readonly merchant: string;
  /** What the api says of it now. */
  readonly status: () => Promise<string>;
}

export async function heldPayment({ api, postgres, acquirers }: RunFile): Promise<HeldPayment> {
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
  const { id, status } = await request('/v1/payments', {
    amount: 4_200,
    currency: 'EUR',
    capture: 'manual',
    card: { number: '5555555555554444', expiry_month: 12, expiry_year: 2030, cvv: '123' },
  });
  if (status !== 'authorized') throw new Error(`${id} is ${status}, not authorized`);
  return { id, merchant, status: async () => (await request(`/v1/payments/${id}`)).status };
}
