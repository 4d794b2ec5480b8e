import { expect } from 'vitest';
import type { ExtraAcquirers } from '../../temporal-dev/testing/extra-acquirers.ts';
import type { World } from './world.ts';

/** Makes this acquirer the merchant's first choice, by its rule or by its price, and leaves nothing to chance. */
export async function routeTo(
  world: World,
  first: string,
  by: 'rule' | 'price',
  settings: { failoverLimit?: number; failoverAfterAnswer?: boolean; breaker?: boolean } = {},
): Promise<void> {
  await world.sql(
    by === 'rule'
      ? `insert into routing_rules (merchant_id, id, mode, kind, accounts)
         select merchant_id, 'first', 'test', 'prefer', array[id] from merchant_acquirer_accounts where merchant_id = $1 and acquirer_id = $2`
      : `insert into routing_costs (merchant_id, account_id, kind, ppm, source)
         select merchant_id, id, 'acquirer', 5000, 'this test' from merchant_acquirer_accounts where merchant_id = $1 and acquirer_id <> $2`,
    [world.merchant, first],
  );
  await world.sql(
    `insert into routing_settings (merchant_id, mode, exploration_ppm, failover_limit, failover_after_answer, breaker)
     values ($1, 'test', 0, $2, $3, $4)
     on conflict (merchant_id, mode) do update set failover_limit = excluded.failover_limit,
       failover_after_answer = excluded.failover_after_answer, breaker = excluded.breaker`,
    [
      world.merchant,
      settings.failoverLimit ?? 2,
      settings.failoverAfterAnswer ?? false,
      settings.breaker ?? true,
    ],
  );
}

/** Our record and the hosts' journals, all of them, tell the same story: nobody was charged twice. */
export async function expectNoDoubleCharge(world: World, acquirers: ExtraAcquirers): Promise<void> {
  // Each acquirer counts its references for itself.
  const attempts = await world.sql<{ payment_id: string; reference: string }>(
    "select payment_id, acquirer_id || ' ' || (wire ->> 'rrn') as reference from attempts where merchant_id = $1 and kind in ('sale', 'authorization')",
    [world.merchant],
  );
  const payments = await world.sql<{ id: string; amount_captured: string }>(
    'select id, amount_captured::text from payments where merchant_id = $1',
    [world.merchant],
  );
  const accounts = await world.sql<{ merchant_account: string }>(
    'select merchant_account from merchant_acquirer_accounts where merchant_id = $1',
    [world.merchant],
  );
  const ours = new Set(accounts.map(({ merchant_account: account }) => account));
  const paymentOf = new Map(attempts.map(({ reference, payment_id: payment }) => [reference, payment]));
  const charged = new Map<string, bigint>();
  const sales = new Map<string, number>();
  for (const [place, simulator] of acquirers.simulators.entries()) {
    const entries = simulator.entries().filter(({ merchantAccount }) => ours.has(merchantAccount.trim()));
    const undone = new Set(
      entries.filter(({ kind }) => kind === 'reversed').map(({ originalKey }) => originalKey),
    );
    for (const { kind, key, rrn, amount } of entries) {
      if (kind !== 'sale' || undone.has(key)) continue;
      const payment = paymentOf.get(`${acquirers.ids[place] ?? ''} ${rrn}`) ?? 'nobody';
      charged.set(payment, (charged.get(payment) ?? 0n) + BigInt(amount));
      sales.set(payment, (sales.get(payment) ?? 0) + 1);
    }
  }
  expect(
    [...sales].filter(([, count]) => count > 1),
    'payments that were charged twice',
  ).toEqual([]);
  const captured = payments.map(({ id, amount_captured: amount }) => [id, BigInt(amount)] as const);
  expect(charged, 'the hosts’ journals against the payments').toEqual(
    new Map(captured.filter(([, amount]) => amount > 0n)),
  );
}
