import type { Command } from 'commander';
import { contextOf, type Surroundings } from '../context.ts';
import { renderRows } from '../render.ts';

/** `explain`: why a payment went as it went, from the record. */
export function addExplain(program: Command, surroundings: Surroundings): void {
  program
    .command('explain')
    .description('Tells why a payment went as it went: score, acquirer, retries, in order, from the record.')
    .argument('<payment>', 'pay_…')
    .action(async (id: string, _, command: Command) => {
      const context = contextOf<object>(command, surroundings);
      const explained = await (await context.session()).client.payments.explain(id);
      context.print(
        explained,
        () =>
          `${explained.payment}: ${explained.summary}\n\n${renderRows(
            ['at', 'step', 'what'],
            explained.steps.map(({ at, step, summary }) => [at.slice(11, 23), step, summary]),
          )}`,
      );
    });
}
