/** npm run ops:resolve: people say what became of what no machine knows. See HELP. */
import { newId } from '../platform/new-id.ts';
import { isId } from '../workflows/domain/ids.ts';
import { ENDED, messageOf, needed, readArguments, runCommand, UsageError } from './command-frame.ts';
import { isRefusal, operatorDatabase, withClient } from './operator-database.ts';

const HELP = `npm run ops:resolve -- propose|approve|reject|list [options]

Says what became of an operation that is unknown, with evidence. What was executed takes effect at once;
what was not executed takes a second person. The acquirer is still believed when it says otherwise: then
a new case is opened, and what is wrong is undone.

  propose   says what became of it
    --by PERSON         who says so: a login in lower case, such as anna or anna@example.com
    --merchant mer_…    --payment pay_…    --operation ref_… (cap_…, void_…)
    --outcome executed|not_executed
    --evidence TEXT     the acquirer's reference, or the line of its report
    --reason TEXT       how it was found out
    --id res_…          the same once more, after an answer that was lost
  approve res_…  --by PERSON [--why TEXT]    PERSON is not the one who proposed
  reject  res_…  --by PERSON --why TEXT
  list      [--state proposed|approved|rejected|all] [--limit N]    the newest first (N: 50)

  --run-file FILE   run.json of a running stack (default: .quittance/run.json of this checkout)
  --url URL         postgres URL of the main database as quittance_operator instead

Ends with 0 when it is done, 1 when it was refused, 2 when what was typed is not a command, and 3 when
the database did not answer: then say the same again, with the same id; it happens once.
`;

interface Resolution {
  readonly id: string;
  readonly payment_id: string;
  readonly operation_id: string;
  readonly outcome: string;
  readonly evidence: string;
  readonly reason: string;
  readonly proposed_by: string;
  readonly state: string;
  readonly decided_by: string | null;
  readonly decision_reason: string | null;
}

const TEXT = { type: 'string' } as const;
const OPTIONS = {
  by: TEXT,
  merchant: TEXT,
  payment: TEXT,
  operation: TEXT,
  outcome: TEXT,
  evidence: TEXT,
  reason: TEXT,
  id: TEXT,
  why: TEXT,
  state: TEXT,
  limit: TEXT,
  'run-file': TEXT,
  url: TEXT,
} as const;
type Given = Readonly<Partial<Record<keyof typeof OPTIONS, string>>>;

/** One statement of the operator's role, and what it was about. */
interface Statement {
  readonly about: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

function statementOf(name: string, id: string | undefined, given: Given): Statement {
  const need = (option: keyof typeof OPTIONS): string => needed(option, given[option]);
  switch (name) {
    case 'propose': {
      const resolution = given.id ?? newId('res');
      const outcome = need('outcome');
      if (!isId('res', resolution)) throw new UsageError(`--id ${resolution} is no resolution (res_…)`);
      if (outcome !== 'executed' && outcome !== 'not_executed')
        throw new UsageError(`--outcome ${outcome} is neither executed nor not_executed`);
      const asked = {
        id: resolution,
        merchant_id: need('merchant'),
        payment_id: need('payment'),
        operation_id: need('operation'),
        outcome,
        evidence: need('evidence'),
        reason: need('reason'),
      };
      const values = [JSON.stringify(asked), need('by')];
      return { about: resolution, text: 'select * from propose_resolution($1::jsonb, $2)', values };
    }
    case 'approve':
    case 'reject': {
      if (id === undefined || !isId('res', id))
        throw new UsageError(`${name} needs the id of a resolution (res_…)`);
      const why = name === 'reject' ? need('why') : (given.why ?? null);
      const text = 'select * from decide_resolution($1, $2, $3, $4)';
      return { about: id, text, values: [id, name, need('by'), why] };
    }
    case 'list': {
      const limit = Number(given.limit ?? '50');
      if (!Number.isInteger(limit) || limit < 1 || limit > 1_000)
        throw new UsageError('--limit is not a number from 1 to 1000');
      const state = given.state ?? 'proposed';
      return {
        about: 'list',
        text: `select * from resolutions where ($1 = 'all' or state = $1) order by proposed_at desc, id desc limit $2`,
        values: [state, limit],
      };
    }
    default:
      throw new UsageError(`${name} is not propose, approve, reject or list`);
  }
}

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || args.includes('--help')) {
    process.stdout.write(HELP);
    return ENDED.done;
  }
  const { values: given, positionals } = readArguments({
    args: rest,
    options: OPTIONS,
    allowPositionals: true,
  });
  const statement = statementOf(name, positionals[0], given);
  const client = await operatorDatabase({
    url: given.url ?? null,
    runFile: given['run-file'] ?? null,
    role: 'operator',
    name: 'quittance-ops-resolve',
  });
  try {
    const { rows } = await withClient(client, () =>
      client.query<Resolution>(statement.text, [...statement.values]),
    );
    for (const row of rows) process.stdout.write(textOf(row));
    return ENDED.done;
  } catch (error) {
    const refused = isRefusal(error);
    const message = messageOf(error);
    process.stderr.write(
      refused
        ? `refused: ${message}\n`
        : `no answer to ${name} ${statement.about}: ${message}; say it again${name === 'propose' ? ` with --id ${statement.about}` : ''}\n`,
    );
    return refused ? ENDED.refused : ENDED.unanswered;
  }
}

function textOf(row: Resolution): string {
  const decided =
    row.decided_by === null || row.decided_by === row.proposed_by ? '' : ` by ${row.decided_by}`;
  const why = row.decision_reason === null ? '' : `: ${row.decision_reason}`;
  return (
    `${row.id} ${row.state}${decided}${why}: ${row.operation_id} of ${row.payment_id} was ${row.outcome}\n` +
    `  said by ${row.proposed_by}: ${row.reason} (${row.evidence})\n` +
    (row.state === 'proposed'
      ? `  somebody else decides: npm run ops:resolve -- approve ${row.id} --by …\n`
      : '')
  );
}

await runCommand('ops:resolve', main);
