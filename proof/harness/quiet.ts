import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '../check/session.ts';

/** What is still on its way. What waits for a person (an unknown refund on a wire that cannot be asked) is not counted. */
const UNDERWAY = `
  select (select count(*) from operations where state = 'pending' and phase <> 'case')
       + (select count(*) from commands c where state = 'pending' and not exists (
            select from operations o where o.merchant_id = c.merchant_id and o.payment_id = c.payment_id and o.phase = 'case'))
       + (select count(*) from deliveries where state in ('pending', 'retrying')) as count`;

/** Waits until nothing is on its way any more. @returns what still is after the limit; 0 = quiet. */
export async function waitForQuiet(mainUrl: string, limitMs: number): Promise<number> {
  const end = Date.now() + limitMs;
  let left = -1;
  while (left !== 0 && Date.now() < end) {
    left = await count(mainUrl).catch(() => -1);
    if (left !== 0) await delay(500);
  }
  return left;
}

async function count(mainUrl: string): Promise<number> {
  const main = await connect(mainUrl, 'proof-quiet');
  try {
    const { rows } = await main.query<{ count: string }>(UNDERWAY);
    return Number(rows[0]?.count ?? -1);
  } finally {
    await main.end();
  }
}
