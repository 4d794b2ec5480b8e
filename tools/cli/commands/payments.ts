import { Option, type Command } from 'commander';
import {
  isProcessing,
  type ChangeOptions,
  type Payment,
  type ProcessingPayment,
  type Quittance,
  type Refund,
} from '../../../clients/typescript/index.ts';
import { contextOf, type Context, type Surroundings } from '../context.ts';
import { EXIT, Failure, failureOf, type ExitCode } from '../failure.ts';
import { count, currency, expiry, minorUnits, pair, seconds } from '../options.ts';
import { PAYMENT_COLUMNS, paymentRow, renderPayment, renderRows } from '../render.ts';
import type { Session } from '../session.ts';
import { withProgress } from '../terminal.ts';

type NewPayment = Parameters<Quittance['payments']['create']>[0];

interface CreateOptions {
  readonly amount: number;
  readonly currency: string;
  readonly card?: string;
  readonly expiry: { readonly month: number; readonly year: number };
  readonly cvv?: string;
  readonly cardToken?: string;
  readonly manual?: boolean;
  readonly pre?: boolean;
  readonly description?: string;
  readonly order?: string;
  readonly metadata?: Record<string, string>;
  readonly idempotencyKey?: string;
  readonly wait: number;
}

const TEST_CARD = '4242424242424242';
const WAIT_S = '60';

export const idempotencyKey = (): Option =>
  new Option('--idempotency-key <key>', 'the same request with the same key is done once');
export const waitSeconds = (): Option =>
  new Option('--wait <seconds>', 'how long to wait for an outcome; 0 = not at all')
    .default(Number(WAIT_S), WAIT_S)
    .argParser(seconds);

/** `payments create|get|list|capture|void|refund`. */
export function addPayments(program: Command, surroundings: Surroundings): void {
  const payments = program.command('payments').description('Take payments and look at them.');

  payments
    .command('create')
    .description('Takes a payment. Without --card or --card-token with the test card 4242424242424242.')
    .requiredOption('--amount <units>', 'minor units: 4200 is 42.00 EUR', minorUnits)
    .option('--currency <code>', 'ISO 4217', currency, 'EUR')
    .option('--card <number>', 'a test number (docs/test-cards.md); only with a test key')
    .option('--expiry <month/year>', 'of the card', expiry, {
      month: 12,
      year: new Date().getUTCFullYear() + 3,
    })
    .option('--cvv <digits>', 'of the card')
    .option('--card-token <token>', 'ctok_… of a page, or card_… of an earlier payment')
    .option('--manual', 'only hold the amount; capture it later')
    .option('--pre', 'hold an estimate, which may grow (with --manual)')
    .option('--description <text>', 'for people')
    .option('--order <reference>', 'your own name for it')
    .option('--metadata <name=value>', 'your own texts; as often as you like', pair)
    .addOption(idempotencyKey())
    .addOption(waitSeconds())
    .action(async (_, command: Command) => {
      const context = contextOf<CreateOptions>(command, surroundings);
      const session = await context.session();
      const { options } = context;
      const made = await withProgress(
        context.terminal,
        () => 'taking the payment',
        () =>
          session.client.payments.create(bodyOf(options, session), {
            idempotencyKey: options.idempotencyKey,
            wait: Math.min(options.wait, 10),
            signal: context.signal,
          }),
      );
      showOutcome(context, await outcome(context, session, made, options.wait));
    });

  payments
    .command('get')
    .description('Shows a payment; with --json all of it.')
    .argument('<payment>', 'pay_…')
    .action(async (id: string, _, command: Command) => {
      const context = contextOf<object>(command, surroundings);
      const { client } = await context.session();
      const payment = await client.payments.get(id);
      context.print(payment, () => renderPayment(payment));
    });

  payments
    .command('list')
    .description('Lists payments, newest first.')
    .option('--limit <count>', 'at most so many', count, 20)
    .option('--status <status>', 'such as captured, declined, processing')
    .option('--order <reference>', 'with your own name')
    .action(async (_, command: Command) => {
      const context = contextOf<{ limit: number; status?: Payment['status']; order?: string }>(
        command,
        surroundings,
      );
      const { client } = await context.session();
      const { limit, status, order } = context.options;
      const found = await client.payments
        .list({
          limit: Math.min(limit, 100),
          ...(status === undefined ? {} : { status }),
          ...(order === undefined ? {} : { order_reference: order }),
        })
        .take(limit);
      context.print(found, () => renderRows(PAYMENT_COLUMNS, found.map(paymentRow)));
    });

  change(
    'capture',
    'Takes what is held: all of it, or --amount; what is left is given back.',
    (client, id, rest) =>
      client.payments.capture(id, rest.amount === undefined ? {} : { amount: rest.amount }, rest.asked),
  );
  change(
    'void',
    'Gives back what is held.',
    (client, id, { asked }) => client.payments.void(id, asked),
    false,
  );
  change('refund', 'Gives back what was captured: all of it, or --amount.', async (client, id, rest) => {
    const made = await client.payments.refund(
      id,
      rest.amount === undefined ? {} : { amount: rest.amount },
      rest.asked,
    );
    if (isProcessing(made)) return made;
    const payment = await client.payments.get(id).catch((error: unknown) => {
      throw unseen(made, id, error);
    });
    return { payment, operation: made.id };
  });

  function change(
    name: keyof typeof LISTED,
    about: string,
    ask: (
      client: Quittance,
      id: string,
      rest: {
        readonly amount: number | undefined;
        readonly asked: ChangeOptions;
      },
    ) => Promise<Payment | ProcessingPayment | { readonly payment: Payment; readonly operation: string }>,
    withAmount = true,
  ): void {
    const command = payments.command(name).description(about).argument('<payment>', 'pay_…');
    if (withAmount) command.option('--amount <units>', 'minor units', minorUnits);
    command
      .addOption(idempotencyKey())
      .addOption(waitSeconds())
      .action(async (id: string, _, self: Command) => {
        const context = contextOf<{ amount?: number; idempotencyKey?: string; wait: number }>(
          self,
          surroundings,
        );
        const session = await context.session();
        const { amount, idempotencyKey: key, wait } = context.options;
        const made = await withProgress(
          context.terminal,
          () => `${name} of ${id}`,
          () =>
            ask(session.client, id, {
              amount,
              asked: { idempotencyKey: key, wait: Math.min(wait, 10), signal: context.signal },
            }),
        );
        const { payment: known, operation } =
          'operation' in made
            ? made
            : { payment: made, operation: isProcessing(made) ? made.pending.id : null };
        const payment = await outcome(context, session, known, wait);
        showChange(context, name, payment, operation);
      });
  }
}

function bodyOf(options: CreateOptions, { mode }: Session): NewPayment {
  const { amount, cardToken, manual = false, pre = false, description, order, metadata } = options;
  if (mode === 'live' && cardToken === undefined)
    throw new Failure(
      'a real card does not belong on a command line: with a live key say --card-token',
      EXIT.misused,
    );
  const number = options.card ?? TEST_CARD;
  return {
    amount,
    currency: options.currency,
    capture: manual ? 'manual' : 'automatic',
    ...(pre ? { authorization_type: 'pre' } : {}),
    ...(cardToken === undefined
      ? {
          card: {
            number,
            expiry_month: options.expiry.month,
            expiry_year: options.expiry.year,
            // American Express prints a code of four digits.
            cvv: options.cvv ?? (/^3[47]/.test(number) ? '1234' : '123'),
          },
        }
      : { card_token: cardToken }),
    ...(description === undefined ? {} : { description }),
    ...(order === undefined ? {} : { order_reference: order }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

/** Waits until it is known, as long as was asked for. */
async function outcome(
  { terminal, signal }: Context<object>,
  { client }: Session,
  made: Payment | ProcessingPayment,
  wait: number,
): Promise<Payment> {
  if (!isProcessing(made) || wait === 0) return made;
  return withProgress(
    terminal,
    () => `${made.id}: ${made.pending.object} is not known yet`,
    () => client.payments.wait(made, { deadlineMs: wait * 1_000, signal }),
  ).catch((error: unknown) => {
    // It was taken: that it could not be looked at is no answer to it.
    throw stillOpen(made.id, signal.aborted ? null : error);
  });
}

const stillOpen = (id: string, unread: unknown = null): Failure =>
  new Failure(
    `${id} is processing: neither yes nor no${unread === null ? '' : ` (it could not be looked at: ${failureOf(unread).text})`}; look again: npx quittance payments get ${id}`,
    EXIT.processing,
  );

const REFUND_EXIT = {
  succeeded: EXIT.done,
  failed: EXIT.notPaid,
  pending: EXIT.processing,
} as const satisfies Record<Refund['status'], ExitCode>;

/** The refund was answered, and its payment cannot be shown: the command ends as the refund did. */
const unseen = ({ id, status }: Refund, payment: string, unread: unknown): Failure =>
  new Failure(
    `${id}, the refund of ${payment}, is ${status} (the payment could not be looked at: ${failureOf(unread).text})`,
    REFUND_EXIT[status],
  );

/** Where a payment lists what was asked of it, by the name of the command. */
const LISTED = { capture: 'captures', void: 'voids', refund: 'refunds' } as const;

/**
 * @param id of what was asked for; null = the last of its kind, as the payment was answered.
 * @throws Failure with the exit code of what became of it.
 */
function showChange(
  { print }: Context<object>,
  name: keyof typeof LISTED,
  payment: Payment | ProcessingPayment,
  id: string | null,
): void {
  print(payment, () => renderPayment(payment));
  if (isProcessing(payment)) throw stillOpen(payment.id);
  const list: readonly {
    readonly id: string;
    readonly status: string;
    readonly failure_code: string | null;
  }[] = payment[LISTED[name]];
  const operation = id === null ? list.at(-1) : list.find((one) => one.id === id);
  if (operation?.status === 'pending') throw stillOpen(payment.id);
  if (operation?.status === 'failed')
    throw new Failure(
      `${operation.id}, the ${name} of ${payment.id}, failed (${operation.failure_code ?? 'no reason is known'}): npx quittance explain ${payment.id}`,
      EXIT.notPaid,
    );
}

const NOT_PAID: ReadonlySet<Payment['status']> = new Set(['declined', 'blocked', 'failed']);

/** @throws Failure with the exit code of what became of it. */
function showOutcome({ print }: Context<object>, payment: Payment): void {
  print(payment, () => renderPayment(payment));
  if (payment.status === 'processing') throw stillOpen(payment.id);
  if (NOT_PAID.has(payment.status))
    throw new Failure(
      `${payment.id} is ${payment.status}: npx quittance explain ${payment.id}`,
      EXIT.notPaid,
    );
}
