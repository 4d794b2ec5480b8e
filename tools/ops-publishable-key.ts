/** npm run ops:publishable-key: keys with which a merchant's pages and apps make card tokens. See HELP. */
import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { originFault } from '../platform/origin.ts';
import { readArguments, Refused, runCommand, UsageError } from './command-frame.ts';
import { actOnKeys, isKeyRefusal, KEY_OPTIONS } from './key-command.ts';

const HELP = `npm run --silent ops:publishable-key -- add|revoke|list [options]

Keys with which a merchant's pages and apps make card tokens (POST /v1/card-tokens of the vault). They
stand in pages for everybody to see, and lie in the vault's database, which knows no merchants: the id
is taken as it is given.

  add     --merchant MER [--live] [--origin https://shop.example]…   prints the key
  revoke  --key PK                                                   holds from the next request
  list    --merchant MER

  --run-file FILE   run.json of a running stack (default: .quittance/run.json of this checkout)
  --url URL         postgres URL of the vault's database as vault_owner instead

Ends with 0 when it is done, 1 when it was refused, 2 when what was typed is not a command, and 3 when
the database did not answer.
`;

function originOf(text: string, mode: 'test' | 'live'): string {
  const fault = originFault(text, mode);
  if (fault !== null) throw new UsageError(`the origin ${text} ${fault}`);
  return text;
}

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = readArguments({
    args: [...args],
    allowPositionals: true,
    options: { ...KEY_OPTIONS, origin: { type: 'string', multiple: true, default: [] } },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const mode = values.live ? 'live' : 'test';
  const origins = values.origin.map((origin) => originOf(origin, mode));
  await actOnKeys(
    positionals,
    values,
    { role: 'vaultOwner', name: 'quittance-ops-publishable-key' },
    { add: (client, merchant) => add(client, merchant, mode, origins), revoke, list },
  );
}

async function add(
  client: pg.Client,
  merchant: string,
  mode: 'test' | 'live',
  origins: readonly string[],
): Promise<void> {
  const key = `pk_${mode}_${randomBytes(24).toString('hex')}`;
  await client.query(
    'insert into vault.publishable_keys (key, merchant, mode, origins) values ($1, $2, $3, $4)',
    [key, merchant, mode, origins],
  );
  process.stdout.write(`${key}\n`);
}

async function revoke(client: pg.Client, key: string): Promise<void> {
  const { rowCount } = await client.query(
    'update vault.publishable_keys set revoked_at = now() where key = $1 and revoked_at is null',
    [key],
  );
  if (rowCount !== 1) throw new Refused(`there is no key ${key} in use`);
  process.stdout.write(`${key}: revoked\n`);
}

async function list(client: pg.Client, merchant: string): Promise<void> {
  const { rows } = await client.query<{ key: string; origins: string[]; revoked_at: Date | null }>(
    'select key, origins, revoked_at from vault.publishable_keys where merchant = $1 order by created_at',
    [merchant],
  );
  for (const { key, origins, revoked_at: revoked } of rows)
    process.stdout.write(
      `${key} ${origins.join(' ')}${revoked === null ? '' : ` revoked ${revoked.toISOString()}`}\n`,
    );
}

await runCommand('ops:publishable-key', main, isKeyRefusal);
