import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { createAttemptStore } from '../../../activities/acquirers/attempts.ts';
import {
  createBlockLeases,
  createIso8583Planner,
  createNumberBlocks,
} from '../../../activities/acquirers/iso8583/index.ts';
import { createLedgerActivities } from '../../../activities/ledger/index.ts';
import { createRetries, type RetryCounts } from '../../../activities/ledger/retries.ts';
import { createPool } from '../../../platform/database.ts';
import { idOfUuid, newId } from '../../../platform/new-id.ts';
import type { Logger } from '../../../platform/logger.ts';
import {
  authorizationIdOf,
  type MerchantId,
  type OperationId,
  type PaymentId,
} from '../../../workflows/domain/ids.ts';
import type { CommandBody } from '../../../workflows/domain/payment.ts';
import { ACCEPTED, IN_REVIEW } from '../../../workflows/domain/testing/payments.ts';
import { insert, newPayment, type MainDatabase, type Shop } from '../main-database.ts';
import { WalkAcquirer } from './acquirer.ts';
import { betweenLoadAndRecord, WalkDriver } from './driver.ts';
import { DEADLOCK_TIMEOUT_MS, injectConflicts, startFaults, type FaultCounts } from './faults.ts';
import { openPostgresProxy, type Cut } from './postgres-proxy.ts';
import { createRandom, type Random } from './random.ts';
import { createSender, type Sender } from './sender.ts';

/** What somebody asked of a payment. */
export interface Asked {
  readonly kind: CommandBody['kind'];
  readonly command: string;
  readonly operation: OperationId;
}

/** One payment of the walk and everything that was asked of it. */
export interface Walked {
  readonly merchant: MerchantId;
  readonly payment: PaymentId;
  readonly asked: readonly Asked[];
}

export interface WalkOptions {
  readonly database: MainDatabase;
  readonly seed: number;
  readonly payments: number;
  /** Times that something is asked of each payment while it is worked on. */
  readonly rounds: number;
  /** Payments that are alive at once. */
  readonly atOnce: number;
}

export interface WalkReport {
  readonly payments: readonly Walked[];
  readonly acquirer: WalkAcquirer;
  readonly told: Sender['told'];
  /** Steps that the database refused: there must be none. */
  readonly refused: readonly unknown[];
  readonly steps: number;
  readonly requests: number;
  /** Steps that failed as a whole and were asked again from outside. */
  readonly failures: number;
  readonly retries: RetryCounts;
  /** Reasons of those retries, with ids left out, and how often each came. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly cuts: Readonly<Record<Cut, number>>;
  readonly faults: FaultCounts;
  /** Forgeries that the database accepted: there must be none. */
  readonly forged: readonly string[];
}

const MERCHANTS = 3;
const AMOUNT_MAX = 9_000;
const AUTHORIZATION_VALIDITY_MS = 2_000_000;

/**
 * Many payments of few merchants at once, through the activities and the attempt store that production
 * uses, over connections that break, against an acquirer on a bad line. When it is over everything that
 * can be known has been made known: messages arrive, nothing breaks, clocks are put forward.
 */
export async function walk({ database, seed, payments, rounds, atOnce }: WalkOptions): Promise<WalkReport> {
  const random = createRandom(seed);
  const reasons: Record<string, number> = {};
  const logger = countingLogger(reasons);
  const { urls, superuser, owner } = database;
  await injectConflicts(owner);
  await superuser.query(
    `do $$ begin execute format('alter database %I set deadlock_timeout = ${DEADLOCK_TIMEOUT_MS}', current_database()); end $$`,
  );
  const proxies = [
    await openPostgresProxy(urls.worker),
    await openPostgresProxy(urls.worker),
    await openPostgresProxy(urls.worker),
  ] as const;
  const connect = (url: string, poolSize: number): pg.Pool =>
    createPool({ url, poolSize, statementTimeoutMs: 10_000, role: 'walk' }, logger);
  // Two payments workers and one of the acquirer's.
  const paying = [connect(proxies[0].url, 6), connect(proxies[1].url, 6)] as const;
  const sending = connect(proxies[2].url, 6);

  const shops: Shop[] = [];
  for (let count = 0; count < MERCHANTS; count += 1) shops.push(await database.addShop());
  await addNumberBlocks(owner);

  const acquirer = new WalkAcquirer();
  const sender = createSender(createAttemptStore(sending), acquirer);
  const retries = createRetries(logger);
  const ledgers = paying.map((pool) => {
    const planner = createIso8583Planner({ blocks: createNumberBlocks(createBlockLeases(pool)) });
    return createLedgerActivities({
      pool,
      planners: {
        iso8583: {
          plan: async (request) => {
            await betweenLoadAndRecord.getStore()?.();
            return planner.plan(request);
          },
        },
      },
      authorizationValidityMs: AUTHORIZATION_VALIDITY_MS,
      retries,
    });
  });
  const refused: unknown[] = [];
  const walked: Walked[] = [];
  const drivers: WalkDriver[] = [];

  const [first, ...rest] = shops.map(({ merchant }) => merchant);
  if (first === undefined) throw new Error('a walk needs merchants');
  const faults = startFaults({
    superuser,
    superuserUrl: urls.superuser,
    worker: database.worker,
    role: new URL(urls.worker).username,
    proxies,
    merchants: [first, ...rest],
    random: random.fork(),
  });

  /** One payment from its beginning until nobody asks anything of it any more. */
  async function live(own: Random): Promise<void> {
    const shop = shops[own.int(0, shops.length - 1)];
    if (shop === undefined) return;
    const { merchant, testAccount } = shop;
    const payment = newId('pay');
    const asked: Asked[] = [];
    await insert(database.api, 'payments', {
      ...newPayment(merchant, payment),
      amount: own.int(1, AMOUNT_MAX),
      capture_method: own.weighted({ automatic: 2, manual: 3 }),
      partial_approval: own.weighted({ allow: 1, refuse: 1 }),
    });
    const ask = async (kind: CommandBody['kind'], operation: OperationId, body: object): Promise<void> => {
      const one = { kind, command: newId('cmd'), operation };
      await insert(database.api, 'commands', {
        merchant_id: merchant,
        id: one.command,
        payment_id: payment,
        kind,
        origin: kind === 'review' ? 'operator' : 'merchant',
        operation_id: operation,
        body,
      });
      asked.push(one);
    };
    await ask('create', authorizationIdOf(payment), {});
    const risk = own.weighted({ accept: 80, review: 15, block: 3 });
    const driver = new WalkDriver({
      ref: { merchant, payment },
      ledgers,
      sender,
      account: testAccount,
      random: own,
      risk: { ...(risk === 'review' ? IN_REVIEW : ACCEPTED), decision: risk },
      singleMessage: own.chance(0.4),
      onRefused: (error) => refused.push(error),
    });
    drivers.push(driver);
    walked.push({ merchant, payment, asked });

    const meanwhile = async (): Promise<void> => {
      for (let count = own.int(0, 2); count > 0; count -= 1) {
        const { kind, body } = request(own);
        await ask(kind, kind === 'review' ? reviewIdOf() : newId(PREFIXES[kind]), body);
        await delay(own.int(0, 5));
      }
      if (own.chance(0.02)) {
        const run = crypto.randomUUID();
        await driver.requestVoid(run);
        asked.push({ kind: 'void', command: '', operation: idOfUuid('void', run) });
      }
      if (own.chance(0.3)) await driver.stale();
      if (own.chance(0.15)) driver.tick(own.int(0, 400_000));
      if (own.chance(0.01)) driver.tick(3_000_000);
    };
    for (let round = 0; round < rounds; round += 1) {
      await Promise.all([
        driver.work(),
        meanwhile(),
        // A second run of the same payment, as after a worker that only seemed dead.
        ...(own.chance(0.15) ? [delay(own.int(0, 10)).then(() => driver.work())] : []),
      ]);
    }
  }

  let started = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (started < payments) {
        started += 1;
        await live(random.fork());
      }
    }),
  );

  const broken = await faults.stop();
  sender.calm();
  await owner.query(
    'drop trigger walk_conflict on payment_history; drop trigger walk_late_conflict on events',
  );
  for (const tell of sender.late.values()) await tell();
  await eachOf(drivers, atOnce, (driver) => driver.work(true));
  // Reversals that ended while their original's answer was on its way: told now, it must change nothing.
  for (const driver of drivers) await driver.stale();

  await Promise.all([...paying, sending].map((pool) => pool.end()));
  const cuts = addUp(proxies.map((proxy) => proxy.cuts));
  await Promise.all(proxies.map((proxy) => proxy.close()));
  return {
    payments: walked,
    acquirer,
    told: sender.told,
    refused,
    steps: drivers.reduce((sum, { steps }) => sum + steps, 0),
    requests: walked.reduce((sum, { asked }) => sum + asked.length, 0),
    failures: drivers.reduce((sum, { failures }) => sum + failures, 0),
    retries: retries.counts(),
    reasons,
    cuts,
    faults: broken,
    forged: faults.accepted,
  };
}

const PREFIXES = { capture: 'cap', refund: 'ref', void: 'void' } as const;
type Request = Exclude<CommandBody['kind'], 'create'>;

/** Something that a merchant or an operator could ask, legal or not. */
function request(random: Random): { readonly kind: Request; readonly body: object } {
  const kind = random.weighted({ capture: 6, refund: 7, void: 0.7, review: 1 } satisfies Record<
    Request,
    number
  >);
  const amount = random.chance(0.25)
    ? null
    : random.int(1, Math.ceil(AMOUNT_MAX * random.pick([0.05, 0.05, 0.3, 1.3])));
  switch (kind) {
    case 'capture':
      return { kind, body: { amount } };
    case 'refund':
      return { kind, body: { amount, reason: null } };
    case 'void':
      return { kind, body: {} };
    case 'review':
      return { kind, body: { decision: random.pick(['approve', 'approve', 'reject']) } };
  }
}

function reviewIdOf(): OperationId {
  return newId('cmd').replace('cmd_', 'review_') as OperationId;
}

async function addNumberBlocks(owner: pg.Pool): Promise<void> {
  await owner.query(
    `insert into number_blocks (acquirer_id, institution_id, terminal_id)
     values ('acquirer-1', '400123', 'TERM0001'), ('acquirer-1', '400123', '*')`,
  );
}

async function eachOf<T>(
  items: readonly T[],
  atOnce: number,
  run: (item: T) => Promise<unknown>,
): Promise<void> {
  const left = [...items];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let item = left.pop(); item !== undefined; item = left.pop()) await run(item);
    }),
  );
}

function addUp<Name extends string>(counts: readonly Readonly<Record<Name, number>>[]): Record<Name, number> {
  const sum: Partial<Record<Name, number>> = {};
  for (const one of counts)
    for (const [name, count] of Object.entries<number>(one) as [Name, number][])
      sum[name] = (sum[name] ?? 0) + count;
  return sum as Record<Name, number>;
}

/** Keeps why steps were repeated, and nothing else. */
function countingLogger(reasons: Record<string, number>): Logger {
  const ignore = (): void => undefined;
  return {
    error: ignore,
    info: ignore,
    debug: ignore,
    warn(event, fields = {}) {
      if (event !== 'step_repeated') return;
      const reason = String(fields['reason']).replace(/\b[a-z]+_[0-9a-z_]{20,}/g, '…');
      reasons[reason] = (reasons[reason] ?? 0) + 1;
    },
  };
}
