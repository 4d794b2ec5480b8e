import type { Command } from 'commander';
import type { Capture, Refund } from '../../../clients/typescript/index.ts';
import { contextOf, type Surroundings } from '../context.ts';
import { count } from '../options.ts';
import { amountText, renderFacts, renderRows } from '../render.ts';

const COLUMNS = ['id', 'payment', 'status', 'amount', 'created'] as const;
const rowOf = ({ id, payment, status, amount, currency, created }: Capture | Refund): string[] => [
  id,
  payment,
  status,
  amountText(amount, currency),
  created,
];

/** `captures get|list`, `refunds get|list`. */
export function addOperations(program: Command, surroundings: Surroundings): void {
  for (const what of ['captures', 'refunds'] as const) {
    const group = program.command(what).description(`Look at ${what}.`);
    group
      .command('get')
      .description('Shows one.')
      .argument('<id>', what === 'captures' ? 'cap_…' : 'ref_…')
      .action(async (id: string, _, command: Command) => {
        const context = contextOf<object>(command, surroundings);
        const one = await (await context.session()).client[what].get(id);
        const { amount, currency, payment, status, failure_code: failure, created } = one;
        context.print(one, () =>
          renderFacts({
            [one.object]: one.id,
            payment,
            status,
            amount: amountText(amount, currency),
            failure,
            created,
          }),
        );
      });
    group
      .command('list')
      .description('Lists them, newest first.')
      .option('--limit <count>', 'at most so many', count, 20)
      .option('--payment <id>', 'of one payment')
      .action(async (_, command: Command) => {
        const context = contextOf<{ limit: number; payment?: string }>(command, surroundings);
        const { limit, payment } = context.options;
        const { client } = await context.session();
        const query = { limit: Math.min(limit, 100), ...(payment === undefined ? {} : { payment }) };
        const found: readonly (Capture | Refund)[] = await client[what].list(query).take(limit);
        context.print(found, () => renderRows(COLUMNS, found.map(rowOf)));
      });
  }
}
