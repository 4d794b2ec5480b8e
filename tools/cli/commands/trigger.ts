import { setTimeout as delay } from 'node:timers/promises';
import { Argument, type Command } from 'commander';
import type { Event, EventType, Quittance } from '../../../clients/typescript/index.ts';
import { contextOf, type Surroundings } from '../context.ts';
import { EXIT, Failure } from '../failure.ts';
import { openReceiver, type Receiver } from '../receiver.ts';
import { withProgress } from '../terminal.ts';
import { TRIGGERABLE, triggerOf } from '../triggers.ts';

/** How long an event, and its webhook, may take after the payment (ms). */
const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 250;

/** `trigger`: makes a payment that leads to an event, on a development stack. */
export function addTrigger(program: Command, surroundings: Surroundings): void {
  program
    .command('trigger')
    .description(
      `Makes a payment with a test card that leads to an event, and waits until it has happened. Events: ${TRIGGERABLE.join(', ')}.`,
    )
    .addArgument(new Argument('<event>', 'such as payment.captured'))
    .option('--receive', 'be the receiver, too: show the webhook that arrives, its signature checked')
    .action(async (type: string, _, command: Command) => {
      const context = contextOf<{ receive?: boolean }>(command, surroundings);
      const { terminal, print } = context;
      const trigger = triggerOf(type);
      const { client, mode } = await context.session();
      if (mode === 'live')
        throw new Failure('test cards do nothing with a live key: log in with sk_test_…', EXIT.misused);
      const receiver = context.options.receive === true ? await openReceiver(client) : null;
      try {
        let now = `making it happen: ${type}`;
        const happened = await withProgress(
          terminal,
          () => now,
          async () => {
            const payment = await trigger(client, (what) => {
              now = `${type}: ${what}`;
            });
            return eventOf(client, payment, type as EventType);
          },
        );
        if (receiver === null)
          print(happened, () => `${happened.type}  ${happened.id}  ${paymentOf(happened)}\n`);
        else await show(receiver, happened);
      } finally {
        await receiver?.close();
      }

      async function show(open: Receiver, event: Event): Promise<void> {
        const first = open.first(({ id }) => id === event.id);
        const webhook = await withProgress(
          terminal,
          () => `waiting for its webhook at ${open.url}`,
          () => within(first, PATIENCE_MS, `no webhook of ${event.id} came to ${open.url}`),
        );
        print(
          { webhook: { id: webhook.id, signature: webhook.signature, verified: true }, event: webhook.event },
          () =>
            [
              `webhook received: ${webhook.event.type}`,
              `  webhook-id         ${webhook.id}`,
              `  webhook-signature  ${webhook.signature} (verified)`,
              `  event              ${webhook.event.id}`,
              `  payment            ${paymentOf(webhook.event)}`,
              '',
            ].join('\n'),
        );
      }
    });
}

const paymentOf = ({ data: { payment } }: Event): string =>
  payment === undefined ? '' : `${payment.id} ${payment.status}`;

/** The event of that type that the payment led to. @throws Failure when it led elsewhere. */
async function eventOf(client: Quittance, payment: string, type: EventType): Promise<Event> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const [found] = await client.events.list({ payment, type, limit: 1 }).take(1);
    if (found !== undefined) return found;
    if (Date.now() > end) {
      const { status } = await client.payments.get(payment);
      throw new Failure(
        `${payment} is ${status} and no ${type} came: is this a development stack? npx quittance explain ${payment}`,
      );
    }
    await delay(LOOK_EVERY_MS);
  }
}

async function within<T>(work: Promise<T>, limitMs: number, late: string): Promise<T> {
  const ended = new AbortController();
  const timeout = delay(limitMs, undefined, { signal: ended.signal }).then(() => {
    throw new Failure(late, EXIT.unanswered);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    ended.abort();
    timeout.catch(() => undefined);
  }
}
