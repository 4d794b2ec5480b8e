import { setTimeout as delay } from 'node:timers/promises';
import {
  requestChargeback,
  requestChargebackReversal,
  type TakenReport,
} from '../../../activities/ledger/reports.ts';
import { idOfUuid, newId } from '../../../platform/new-id.ts';
import {
  authorizationIdOf,
  type MerchantId,
  type OperationId,
  type PaymentId,
} from '../../../workflows/domain/ids.ts';
import type { CommandBody } from '../../../workflows/domain/payment.ts';
import { ACCEPTED, IN_REVIEW } from '../../../workflows/domain/testing/payments.ts';
import type { LedgerActivities } from '../../../workflows/ports/ledger.ts';
import { insert, newPayment, type MainDatabase, type Shop } from '../main-database.ts';
import { WalkDriver } from './driver.ts';
import type { Random } from './random.ts';
import type { Sender } from './sender.ts';

/** What somebody asked of a payment. */
interface Asked {
  readonly kind: CommandBody['kind'];
  readonly operation: OperationId;
}

/** One payment of the walk and everything that was asked of it. */
export interface Walked {
  readonly merchant: MerchantId;
  readonly payment: PaymentId;
  readonly asked: readonly Asked[];
  readonly driver: WalkDriver;
}

export interface LifeOptions {
  readonly database: MainDatabase;
  readonly shop: Shop;
  readonly ledgers: readonly LedgerActivities[];
  readonly sender: Sender;
  readonly random: Random;
  /** Times that something is asked while the payment is worked on. */
  readonly rounds: number;
  readonly onRefused: (error: unknown) => void;
}

const AMOUNT_MAX = 9_000;

/** One payment from its beginning until nobody asks anything of it any more; not all of it is at rest then. */
export async function live({
  database,
  shop: { merchant, testAccount },
  ledgers,
  sender,
  random,
  rounds,
  onRefused,
}: LifeOptions): Promise<Walked> {
  const payment = newId('pay');
  const asked: Asked[] = [];
  await insert(database.api, 'payments', {
    ...newPayment(merchant, payment),
    amount: random.int(1, AMOUNT_MAX),
    ...random.pick([
      { capture_method: 'automatic', authorization_type: 'final' },
      { capture_method: 'manual', authorization_type: 'final' },
      { capture_method: 'manual', authorization_type: 'pre' },
    ]),
    partial_approval: random.weighted({ allow: 1, refuse: 1 }),
  });
  const ask = async (kind: CommandBody['kind'], operation: OperationId, body: object): Promise<void> => {
    await insert(database.api, 'commands', {
      merchant_id: merchant,
      id: newId('cmd'),
      payment_id: payment,
      kind,
      origin: kind === 'review' ? 'operator' : 'merchant',
      operation_id: operation,
      body,
    });
    asked.push({ kind, operation });
  };
  /** As the acquirer's inbox hands it on, now and then twice. */
  const report = async (kind: 'chargeback' | 'chargeback_reversal'): Promise<void> => {
    const said = {
      merchant,
      payment,
      acquirerReference: `${payment} ${asked.length}`,
      reason: null,
      origin: 'acquirer' as const,
      amount: BigInt(random.int(1, Math.ceil(AMOUNT_MAX * random.pick([0.05, 0.3, 1.1])))),
    };
    const take = (): Promise<TakenReport> =>
      kind === 'chargeback'
        ? requestChargeback(database.worker, { ...said, fee: null, feeRecharged: null })
        : requestChargebackReversal(database.worker, said);
    const { operation } = await take();
    if (random.chance(0.3)) await take();
    asked.push({ kind, operation });
  };
  await ask('create', authorizationIdOf(payment), {});
  const risk = random.weighted({ accept: 80, review: 15, block: 3 });
  const driver = new WalkDriver({
    ref: { merchant, payment },
    ledgers,
    sender,
    account: testAccount,
    random,
    risk: { ...(risk === 'review' ? IN_REVIEW : ACCEPTED), decision: risk },
    singleMessage: random.chance(0.4),
    onRefused,
  });

  const meanwhile = async (): Promise<void> => {
    for (let count = random.int(0, 2); count > 0; count -= 1) {
      const { kind, body } = request(random);
      if (kind === 'chargeback' || kind === 'chargeback_reversal') await report(kind);
      else await ask(kind, kind === 'review' ? reviewId() : newId(PREFIXES[kind]), body);
      await delay(random.int(0, 5));
    }
    if (random.chance(0.02)) {
      const run = crypto.randomUUID();
      await driver.requestVoid(run);
      asked.push({ kind: 'void', operation: idOfUuid('void', run) });
    }
    if (random.chance(0.3)) await driver.stale();
    if (random.chance(0.15)) driver.tick(random.int(0, 400_000));
    if (random.chance(0.01)) driver.tick(3_000_000);
  };
  for (let round = 0; round < rounds; round += 1) {
    await Promise.all([
      driver.work(),
      meanwhile(),
      // A second run of the same payment, as after a worker that only seemed dead.
      ...(random.chance(0.15) ? [delay(random.int(0, 10)).then(() => driver.work())] : []),
    ]);
  }
  return { merchant, payment, asked, driver };
}

const PREFIXES = { increment: 'inc', capture: 'cap', refund: 'ref', void: 'void' } as const;
/** A reauthorization books its authorization twice: the model of one hold per payment does not know that. */
type Request = Exclude<
  CommandBody['kind'],
  | 'create'
  | 'reauthorize'
  | 'withdrawal'
  | 'late_answer'
  | 'adoption'
  | 'resolution'
  | 'nudge'
  | 'pause'
  | 'resume'
>;

/** Something that a merchant or an operator could ask, or an acquirer report, legal or not. */
function request(random: Random): { readonly kind: Request; readonly body: object } {
  const kind = random.weighted({
    increment: 3,
    capture: 6,
    refund: 7,
    void: 0.7,
    review: 1,
    chargeback: 1.5,
    chargeback_reversal: 0.7,
  } satisfies Record<Request, number>);
  const amount = random.chance(0.25)
    ? null
    : random.int(1, Math.ceil(AMOUNT_MAX * random.pick([0.05, 0.05, 0.3, 1.3])));
  switch (kind) {
    case 'increment':
      return { kind, body: { amount: amount ?? 1 } };
    case 'capture':
      return { kind, body: { amount, final: random.chance(0.15) } };
    case 'refund':
      return { kind, body: { amount, reason: null } };
    case 'void':
    case 'chargeback':
    case 'chargeback_reversal':
      return { kind, body: {} };
    case 'review':
      return { kind, body: { decision: random.pick(['approve', 'approve', 'reject']) } };
  }
}

function reviewId(): OperationId {
  return newId('cmd').replace('cmd_', 'review_') as OperationId;
}
