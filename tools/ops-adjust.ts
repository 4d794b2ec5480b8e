/** npm run ops:adjust: operators correct the books, two of them for each correction. See HELP. */
import type pg from 'pg';
import { formatMoney, money } from '../workflows/domain/money.ts';
import { parseCommand, type AdjustCommand } from './adjust/parse.ts';
import { decide, list, request, type Adjustment } from './adjust/store.ts';
import { ENDED, messageOf, runCommand } from './command-frame.ts';
import { isRefusal, operatorDatabase, withClient } from './operator-database.ts';

const HELP = `npm run ops:adjust -- request|approve|reject|list [options]

Corrects the books by hand. One person asks for an adjustment, a second one approves or rejects it;
approving posts it at once. There is no way back but another adjustment.

  request   asks for one; nothing is posted yet
    --by PERSON         who asks: a login in lower case, such as anna or anna@example.com
    --merchant mer_…    whose books
    --mode test|live
    --debit ACCOUNT     such as merchant_payable:available
    --credit ACCOUNT    such as acquirer_receivable:acquirer-1
    --amount N          minor units: 12.50 EUR is 1250
    --currency CUR      ISO 4217, such as EUR
    --reason TEXT       what is wrong
    --evidence TEXT     what shows it: an acquirer's reference, a line of a report, a ticket
    --payment pay_…     the payment that it is about, if it is about one
    --id adj_…          the same request once more, after an answer that was lost
  approve adj_…  --by PERSON [--why TEXT]    posts it; PERSON is not the one who asked
  reject  adj_…  --by PERSON --why TEXT      ends it without posting
  list      [--state requested|approved|rejected|all] [--merchant mer_…] [--limit N]
            what waits for a decision, the newest first (N: 50)

  --run-file FILE   run.json of a running stack (default: .quittance/run.json of this checkout)
  --url URL         postgres URL of the main database as quittance_operator instead

Ends with 0 when it is done, 1 when it was refused, 2 when what was typed is not a command, and 3 when
the database did not answer: then say the same again, with the same id; it happens once.
`;

async function main(args: readonly string[]): Promise<number> {
  const { command, url, runFile } = parseCommand(args);
  if (command.name === 'help') {
    process.stdout.write(HELP);
    return ENDED.done;
  }
  const client = await operatorDatabase({ url, runFile, role: 'operator', name: 'quittance-ops-adjust' });
  try {
    await withClient(client, () => run(client, command));
    return ENDED.done;
  } catch (error) {
    const refused = isRefusal(error);
    const about = 'id' in command ? `${command.name} ${command.id}` : command.name;
    const message = messageOf(error);
    process.stderr.write(
      refused
        ? `refused: ${'id' in command && !message.includes(command.id) ? `${about}: ` : ''}${message}\n`
        : `no answer to ${about}: ${message}; say it again${command.name === 'request' ? ` with --id ${command.id}` : ''}\n`,
    );
    return refused ? ENDED.refused : ENDED.unanswered;
  }
}

async function run(
  client: pg.Client,
  command: Exclude<AdjustCommand, { readonly name: 'help' }>,
): Promise<void> {
  switch (command.name) {
    case 'request': {
      const row = await request(client, command);
      tell([row]);
      if (row.state === 'requested')
        process.stdout.write(`somebody else decides: npm run ops:adjust -- approve ${row.id} --by …\n`);
      break;
    }
    case 'approve':
    case 'reject':
      tell([await decide(client, command)]);
      break;
    case 'list': {
      const rows = await list(client, command);
      tell(rows);
      const more = rows.length === command.limit ? ', and there may be more (--limit)' : '';
      process.stdout.write(`${rows.length} ${rows.length === 1 ? 'adjustment' : 'adjustments'}${more}\n`);
    }
  }
}

function tell(rows: readonly Adjustment[]): void {
  for (const row of rows) {
    const { id, merchant_id: merchant, mode, payment_id: payment } = row;
    const amount = formatMoney(money(BigInt(row.amount), row.currency));
    process.stdout.write(
      `${id} ${row.state}: ${amount}, debit ${row.debit_code}, credit ${row.credit_code}, of ${merchant} (${mode})${payment === null ? '' : `, about ${payment}`}\n` +
        `  requested by ${row.requested_by} at ${row.requested_at}: ${row.reason} (${row.evidence})\n` +
        (row.decided_by === null
          ? ''
          : `  ${row.state} by ${row.decided_by} at ${row.decided_at ?? ''}${row.decision_reason === null ? '' : `: ${row.decision_reason}`}\n`),
    );
  }
}

await runCommand('ops:adjust', main);
