import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '../check/session.ts';

/**
 * What is still on its way. Not counted, with the commands that wait for it: what waits for a person (an
 * unknown refund on a wire that cannot be asked), and what is asked about next only after the wait is over. What
 * an acquirer told is under way until it is worked off.
 */
const UNDERWAY = `
  with open_operations as (
    select merchant_id, payment_id, phase = 'case' or coalesce(due_at > $1, false) as "rests"
      from operations where state = 'pending'
  )
  select (select count(*) from open_operations where not "rests")
       + (select count(*) from commands c where state = 'pending' and not exists (
            select from open_operations o where o.merchant_id = c.merchant_id and o.payment_id = c.payment_id and o."rests"))
       + (select count(*) from deliveries where state in ('pending', 'retrying'))
       + (select count(*) from acquirer_events where state = 'waiting' and due_at <= $1) as count`;

/** Waits until nothing is on its way any more. @returns what still is after the limit; 0 = quiet. */
export async function waitForQuiet(mainUrl: string, limitMs: number): Promise<number> {
  const end = Date.now() + limitMs;
  let left = -1;
  while (left !== 0 && Date.now() < end) {
    left = await count(mainUrl, new Date(end)).catch(() => -1);
    if (left !== 0) await delay(500);
  }
  return left;
}

async function count(mainUrl: string, end: Date): Promise<number> {
  const main = await connect(mainUrl, 'proof-quiet');
  try {
    const { rows } = await main.query<{ count: string }>(UNDERWAY, [end]);
    return Number(rows[0]?.count ?? -1);
  } finally {
    await main.end();
  }
}
