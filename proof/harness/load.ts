import type { Random } from './random.ts';
import type { FinalAnswer, RecordingClient } from './client.ts';

/** Published test numbers with an outcome at the simulators: approved ones are drawn more often. */
const CARDS: readonly [string, ...string[]] = [
  '4242424242424242',
  '5555555555554444',
  '378282246310005',
  '4012888888881881',
  '5105105105105100',
  '4000000000000077',
  '4000000000000119',
  '4000000000009995',
  '4000000000005126',
  '4000000000000010',
];

/** How a payment ended, as its client knows. */
type Ending = string;

/** One payment from its creation to whatever its client wants of it, all drawn from its own seed. */
export async function livePayment(client: RecordingClient, random: Random, name: string): Promise<Ending> {
  let step = 0;
  const key = (): string => `${name}-${(step += 1)}`;
  const capture = random.of(['automatic', 'automatic', 'manual']);
  const card = random.of(CARDS);
  const amount = 1_000 + random.whole(9_000);
  const created = await client.ask(
    'create',
    '/v1/payments',
    {
      amount,
      currency: random.of(['EUR', 'EUR', 'USD', 'JPY']),
      capture,
      card: {
        number: card,
        expiry_month: 12,
        expiry_year: 2030,
        cvv: card.startsWith('37') ? '1234' : '123',
      },
    },
    key(),
  );
  if (created === null) return 'create: no final answer';
  const payment = created.body['id'];
  if (typeof payment !== 'string' || created.status >= 400) return `create: ${created.status}`;
  if (random.whole(2) === 0) await client.read(payment);
  let last: FinalAnswer = created;
  const status = (): string => String(last.body['status']);
  const next = async (kind: 'capture' | 'void' | 'refund', body: unknown): Promise<boolean> => {
    const path = `/v1/payments/${payment}/${kind === 'refund' ? 'refunds' : kind}`;
    const answer = await client.ask(kind, path, body, key());
    if (random.whole(2) === 0) await client.read(payment);
    if (answer === null) return false;
    if (kind !== 'refund') last = answer;
    return answer.status < 400;
  };
  if (status() === 'authorized') {
    // Some stay held: what nobody takes must still be what everybody says is held.
    if (random.whole(5) === 0) return 'authorized, left held';
    if (random.whole(4) === 0) return (await next('void', {})) ? 'voided' : 'void: refused or unknown';
    if (random.whole(2) === 0) await next('capture', { amount: Math.floor(amount / 3) });
    await next('capture', {});
  }
  if (['captured', 'partially_captured'].includes(status()) && random.whole(2) === 0) {
    const refunds = 1 + random.whole(2);
    let given = 0;
    for (let count = 0; count < refunds; count += 1)
      if (await next('refund', { amount: Math.max(1, Math.floor(amount / 7)) })) given += 1;
    return `${status()}, ${given} refunds`;
  }
  return status();
}
