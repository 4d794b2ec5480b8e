/** npm run ops:operator: who may log in at the operator gateway. See HELP. */
import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type pg from 'pg';
import { Refused, runCommand } from './command-frame.ts';
import { operatorDatabase, withClient } from './operator-database.ts';
import { parseCommand, type OperatorCommand } from './operator/parse.ts';
import { change, list } from './operator/store.ts';

const HELP = `npm run --silent ops:operator -- add|password|role|disable|enable|list [LOGIN] [options]

Who may log in at the operator gateway (Temporal Web), and as what: a viewer looks, an operator also
signals and updates, an admin also cancels and terminates. Nobody is ever removed: the audit names them.

  add LOGIN      --role viewer|operator|admin --by PERSON    a new one; prints a password, once
  password LOGIN --by PERSON                                 another password; ends their sessions
  role LOGIN     --role … --by PERSON                        holds from their next click
  disable LOGIN  --by PERSON                                 ends their sessions
  enable LOGIN   --by PERSON
  list

  --password-stdin  takes the password from standard input (its first line) instead of making one
  --run-file FILE   run.json of a running stack (default: .quittance/run.json of this checkout)
  --url URL         postgres URL of the main database as quittance_owner instead

Ends with 0 when it is done, 1 when it was refused, 2 when what was typed is not a command, and 3 when
the database did not answer.
`;

const PASSWORD_LENGTH_MIN = 12;

async function main(args: readonly string[]): Promise<void> {
  const { command, url, runFile } = parseCommand(args);
  if (command.name === 'help') {
    process.stdout.write(HELP);
    return;
  }
  const client = await operatorDatabase({ url, runFile, role: 'owner', name: 'quittance-ops-operator' });
  await withClient(client, () => run(client, command));
}

async function run(
  client: pg.Client,
  command: Exclude<OperatorCommand, { readonly name: 'help' }>,
): Promise<void> {
  if (command.name === 'list') {
    for (const { login, role, created_at: since, disabled_at: disabled } of await list(client))
      process.stdout.write(
        `${login} ${role}, since ${since}${disabled === null ? '' : `, disabled ${disabled}`}\n`,
      );
    return;
  }
  const fromStdin = 'fromStdin' in command ? command.fromStdin : null;
  const password =
    fromStdin === null ? null : fromStdin ? await typed() : randomBytes(18).toString('base64url');
  await change(client, command, password);
  process.stdout.write(`${command.name} ${command.login}: done\n`);
  if (fromStdin === false && password !== null)
    process.stdout.write(`password, shown this once: ${password}\n`);
}

async function typed(): Promise<string> {
  const [line = ''] = (await text(process.stdin)).split(/\r?\n/);
  if (line.length < PASSWORD_LENGTH_MIN)
    throw new Refused(`a password has at least ${PASSWORD_LENGTH_MIN} characters`);
  return line;
}

await runCommand('ops:operator', main);
