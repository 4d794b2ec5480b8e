import type { Command } from 'commander';
import {
  isProblem,
  type Delivery,
  type EventType,
  type Quittance,
} from '../../../clients/typescript/index.ts';
import { contextOf, type Surroundings } from '../context.ts';
import { EXIT, Failure } from '../failure.ts';
import { count } from '../options.ts';
import { renderRows } from '../render.ts';

/** `events list|get|replay`. */
export function addEvents(program: Command, surroundings: Surroundings): void {
  const events = program.command('events').description('What happened, as webhook endpoints are told it.');

  events
    .command('list')
    .description('Lists events, newest first.')
    .option('--limit <count>', 'at most so many', count, 20)
    .option('--type <type>', 'such as payment.captured')
    .option('--payment <id>', 'of one payment')
    .action(async (_, command: Command) => {
      const context = contextOf<{ limit: number; type?: EventType; payment?: string }>(command, surroundings);
      const { limit, type, payment } = context.options;
      const { client } = await context.session();
      const found = await client.events
        .list({
          limit: Math.min(limit, 100),
          ...(type === undefined ? {} : { type }),
          ...(payment === undefined ? {} : { payment }),
        })
        .take(limit);
      context.print(found, () =>
        renderRows(
          ['event', 'type', 'payment', 'created'],
          found.map(({ id, type: of, data, created }) => [id, of, data.payment?.id ?? '', created]),
        ),
      );
    });

  events
    .command('get')
    .description('Shows an event as it was sent.')
    .argument('<event>', 'evt_…')
    .action(async (id: string, _, command: Command) => {
      const context = contextOf<object>(command, surroundings);
      const event = await (await context.session()).client.events.get(id);
      context.terminal.out(`${JSON.stringify(event, null, 2)}\n`);
    });

  events
    .command('replay')
    .description(
      'Sends events again: one event to every endpoint that was sent it (or --endpoint), or all that failed at an endpoint (--failed).',
    )
    .argument('[event]', 'evt_…')
    .option('--endpoint <id>', 'only to this endpoint (whe_…)')
    .option('--failed', 'everything that was given up at --endpoint')
    .action(async (event: string | undefined, _, command: Command) => {
      const context = contextOf<{ endpoint?: string; failed?: boolean }>(command, surroundings);
      const { endpoint, failed = false } = context.options;
      const { client } = await context.session();
      if (failed) {
        if (endpoint === undefined || event !== undefined)
          throw new Failure('--failed goes with --endpoint whe_… and without an event', EXIT.misused);
        let deliveries = 0;
        for (;;) {
          const replay = await client.webhookEndpoints.replay(endpoint, { only: 'failed' });
          deliveries += replay.deliveries;
          if (!replay.has_more || replay.deliveries === 0) break;
        }
        context.print(
          { object: 'replay', endpoint, deliveries },
          () => `${deliveries} sent again to ${endpoint}\n`,
        );
        return;
      }
      if (event === undefined) throw new Failure('say which event (evt_…), or --failed', EXIT.misused);
      const again = await replayOne(client, event, endpoint);
      context.print(again, () =>
        renderRows(
          ['delivery', 'endpoint', 'state'],
          again.map(({ id, endpoint: to, state }) => [id, to, state]),
        ),
      );
    });
}

/** @throws Failure when no endpoint was sent it, or it is still on its way everywhere. */
async function replayOne(
  client: Quittance,
  event: string,
  endpoint: string | undefined,
): Promise<Delivery[]> {
  await client.events.get(event);
  const endpoints =
    endpoint === undefined
      ? (await client.webhookEndpoints.list({ limit: 100 }).take(100)).map(({ id }) => id)
      : [endpoint];
  const again: Delivery[] = [];
  let underWay = 0;
  for (const to of endpoints) {
    const [sent] = await client.webhookEndpoints.deliveries(to, { event, limit: 1 }).take(1);
    if (sent === undefined) continue;
    try {
      again.push(await client.deliveries.replay(sent.id));
    } catch (error) {
      // It is sent again by itself.
      if (!isProblem(error, 'delivery_not_replayable')) throw error;
      underWay += 1;
    }
  }
  if (again.length > 0) return again;
  throw new Failure(
    underWay > 0
      ? `${event} is still on its way to ${underWay} endpoints: it is sent again by itself`
      : `${event} was sent to no endpoint: only those that were there when it happened are told`,
  );
}
