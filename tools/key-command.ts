import type pg from 'pg';
import { needed, Refused, UsageError } from './command-frame.ts';
import { isRefusal, operatorDatabase, withClient, type DatabaseChoice } from './operator-database.ts';

const TEXT = { type: 'string' } as const;
const FLAG = { type: 'boolean', default: false } as const;

/** What every command about keys of merchants takes. */
export const KEY_OPTIONS = {
  merchant: TEXT,
  key: TEXT,
  live: FLAG,
  url: TEXT,
  'run-file': TEXT,
  help: FLAG,
} as const;

type Given = Readonly<Partial<Record<'merchant' | 'key' | 'url' | 'run-file', string>>>;

/** What can be done with keys: added and listed by the merchant's id, revoked by the key's. */
type KeyActions = Readonly<
  Record<'add' | 'revoke' | 'list', (client: pg.Client, id: string) => Promise<void>>
>;

/**
 * Does the action that was typed, in the database where those keys lie.
 * @throws UsageError before anybody is asked; what the action and the database throw.
 */
export async function actOnKeys(
  positionals: readonly string[],
  given: Given,
  of: Pick<DatabaseChoice, 'role' | 'name'>,
  actions: KeyActions,
): Promise<void> {
  const [action, ...more] = positionals;
  if (more.length > 0 || (action !== 'add' && action !== 'revoke' && action !== 'list'))
    throw new UsageError('say add, revoke or list');
  const which = action === 'revoke' ? 'key' : 'merchant';
  const id = needed(which, given[which]);
  const client = await operatorDatabase({
    ...of,
    url: given.url ?? null,
    runFile: given['run-file'] ?? null,
  });
  await withClient(client, () => actions[action](client, id));
}

/** There is no such key or merchant, or the database says so itself. */
export function isKeyRefusal(error: unknown): boolean {
  return error instanceof Refused || isRefusal(error);
}
