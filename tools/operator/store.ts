import type pg from 'pg';
import { hashPassword } from '../../platform/password.ts';
import { Refused } from '../command-frame.ts';
import type { OperatorCommand } from './parse.ts';

export interface OperatorRow {
  readonly login: string;
  readonly role: string;
  readonly created_at: string;
  readonly disabled_at: string | null;
}

type Change = Exclude<OperatorCommand, { readonly name: 'list' | 'help' }>;
type Client = Pick<pg.Client, 'query'>;

/**
 * Does what is asked, ends the sessions that must not outlive it, and writes an audit line: all or nothing.
 * @param password the new one, for `add` and `password`; null for the others.
 * @throws Refused
 */
export async function change(client: Client, command: Change, password: string | null): Promise<void> {
  const hash = password === null ? null : await hashPassword(password);
  await client.query('begin');
  try {
    await apply(client, command, hash);
    // With the old password, or with none of their own any more, nobody stays.
    if (command.name === 'password' || command.name === 'disable')
      await client.query(
        'update gateway_sessions set ended_at = now() where login = $1 and ended_at is null',
        [command.login],
      );
    await client.query(
      "insert into gateway_audit (kind, login, address, action) values ('operator_changed', $1, 'command line', $2)",
      [command.by, actionOf(command)],
    );
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

function actionOf(command: Change): string {
  const role = 'role' in command ? ` as ${command.role}` : '';
  return `${command.name} ${command.login}${role}`;
}

async function apply(client: Client, command: Change, hash: string | null): Promise<void> {
  const { login } = command;
  if (command.name === 'add') {
    const { rowCount } = await client.query(
      'insert into gateway_operators (login, role, password_hash) values ($1, $2, $3) on conflict do nothing',
      [login, command.role, hash],
    );
    if (rowCount === 0)
      throw new Refused(`${login} is there already: change them with password, role or enable`);
    return;
  }
  const [set, values] = setOf(command, hash);
  const { rowCount } = await client.query(
    `update gateway_operators set ${set}, changed_at = now() where login = $1`,
    [login, ...values],
  );
  if (rowCount === 0) throw new Refused(`there is no operator ${login}: add them first`);
}

function setOf(command: Exclude<Change, { readonly name: 'add' }>, hash: string | null): [string, unknown[]] {
  switch (command.name) {
    case 'password':
      return ['password_hash = $2', [hash]];
    case 'role':
      return ['role = $2', [command.role]];
    case 'disable':
      return ['disabled_at = coalesce(disabled_at, now())', []];
    case 'enable':
      return ['disabled_at = null', []];
  }
}

export async function list(client: Client): Promise<readonly OperatorRow[]> {
  const { rows } = await client.query<OperatorRow>(
    'select login, role, created_at::text, disabled_at::text from gateway_operators order by login',
  );
  return rows;
}
