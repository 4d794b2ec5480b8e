import { setTimeout as delay } from 'node:timers/promises';
import { ACQUIRER_WIRES, type AcquirerName } from '../../temporal-dev/addresses.ts';
import { readRunFile, type RunFile } from '../../temporal-dev/run-file.ts';
import type { CanaryShop } from './payments.ts';

/** Amounts that the acquirers are told to misbehave about. */
const AMOUNTS = { declined: 61_101, lost: 61_202, silent: 61_303, held: 61_404 } as const;

async function addFault(control: string, fault: object): Promise<void> {
  const response = await fetch(`${control}/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fault),
    signal: AbortSignal.timeout(5_000),
  });
  if (response.status !== 201) throw new Error(`${control} did not take a fault: ${await response.text()}`);
}

/** Tells every simulator what to do with payments of these amounts, whatever wire it speaks. */
async function misbehave({ acquirers }: RunFile): Promise<void> {
  const actions = [
    [AMOUNTS.declined, { type: 'decline', code: '05' }],
    [AMOUNTS.lost, { type: 'lose_answer' }],
    [AMOUNTS.silent, { type: 'no_answer_not_executed' }],
    [AMOUNTS.held, { type: 'hold', holdMs: 3_000 }],
  ] as const;
  for (const { control } of acquirers)
    for (const [amount, action] of actions) await addFault(control, { match: { amount }, action, times: 2 });
}

/** Pays where the acquirer quotes in its error message the card number that it was sent. For a stack of one's own. */
export async function payWhereCardsAreQuoted({ acquirers }: RunFile, shop: CanaryShop): Promise<void> {
  for (const scheme of ['visa', 'amex'] as const) {
    const body = shop.body(scheme);
    const { number } = body['card'] as { readonly number: string };
    for (const { id, control } of acquirers)
      // ISO 8583 has no such messages.
      if (ACQUIRER_WIRES[id as AcquirerName] !== 'iso8583')
        await addFault(control, {
          match: { lastFour: number.slice(-4) },
          action: { type: 'echo_card' },
          times: 1,
        });
    await shop.pay(scheme, body);
  }
}

/** Answers that are no, late, or never come. */
export async function payUnluckily(run: RunFile, shop: CanaryShop): Promise<void> {
  await misbehave(run);
  await Promise.all(
    Object.values(AMOUNTS).flatMap((amount) =>
      (['visa', 'amex'] as const).map((scheme) => shop.pay(scheme, { amount })),
    ),
  );
}

type Blow = 'SIGSTOP' | 'SIGKILL' | 'SIGABRT';

/** Each part away, or dying in the middle: with SIGABRT the kernel would leave a core dump, were it allowed to. */
const BLOWS: readonly (readonly [string, Blow])[] = [
  ['vault', 'SIGSTOP'],
  ['vault', 'SIGABRT'],
  ['kms', 'SIGSTOP'],
  ['postgres', 'SIGKILL'],
  ['redis', 'SIGSTOP'],
  ['temporal', 'SIGSTOP'],
  ['acquirers', 'SIGABRT'],
  ['acquirers', 'SIGKILL'],
  ['payments', 'SIGKILL'],
  ['webhooks', 'SIGKILL'],
  ['api', 'SIGABRT'],
  ['acquirer-1', 'SIGSTOP'],
];
const AWAY_MS = 3_000;

/** Payments while each part in turn is away or dies. For a stack that is there for this alone. */
export async function payWhilePartsAreAway(
  runPath: string,
  shops: readonly CanaryShop[],
  say: (line: string) => void,
): Promise<void> {
  for (const [role, blow] of BLOWS) {
    const pid = (await readRunFile(runPath)).processes[role];
    if (pid === undefined) throw new Error(`no process ${role} in ${runPath}`);
    const shopAt = (turn: number): CanaryShop => {
      const shop = shops[turn % shops.length];
      if (shop === undefined) throw new Error('there is no shop');
      return shop;
    };
    // One is under way at the acquirer as the blow falls, and others come while the part is away.
    const before = [shopAt(0).pay('visa', { amount: AMOUNTS.held }), shopAt(1).pay('amex')];
    await delay(150);
    process.kill(pid, blow);
    const during = [shopAt(2).pay('visa'), shopAt(0).pay('amex', { capture: 'manual' })];
    if (blow === 'SIGSTOP') {
      await delay(AWAY_MS);
      process.kill(pid, 'SIGCONT');
    }
    const taken = (await Promise.all([...before, ...during])).filter((id) => id !== null).length;
    say(`${blow} ${role}: ${taken} of 4 payments were answered with an id`);
    await untilHealthy(runPath, role, blow === 'SIGSTOP' ? null : pid);
  }
}

/**
 * Until the api answers, and a part that was killed is another process: the run file has it once it is healthy.
 */
async function untilHealthy(runPath: string, role: string, killed: number | null): Promise<void> {
  const end = Date.now() + 90_000;
  for (;;) {
    const { api, processes } = await readRunFile(runPath);
    const answers = await fetch(`${api}/healthz`, { signal: AbortSignal.timeout(2_000) }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers && processes[role] !== killed) return;
    if (Date.now() > end) throw new Error(`${role} of ${runPath} was not healthy again within 90 s`);
    await delay(200);
  }
}
