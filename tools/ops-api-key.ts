/** npm run ops:api-key: the first key of a merchant, and one that must end at once. See HELP. */
import { createHash, randomBytes } from 'node:crypto';
import type pg from 'pg';
import { newId } from '../platform/new-id.ts';
import { readArguments, Refused, runCommand, UsageError } from './command-frame.ts';
import { actOnKeys, isKeyRefusal, KEY_OPTIONS } from './key-command.ts';

const HELP = `npm run --silent ops:api-key -- add|revoke|list [options]

Secret keys of the merchant API. A merchant makes its own (POST /v1/api-keys) once it has one with the
scope admin: that first one is made here, and shown once.

  add     --merchant MER [--live] [--name NAME] [--scope SCOPE]…   prints the key; without --scope it may do all
  revoke  --key KEY_ID                                             holds within 3 seconds
  list    --merchant MER

  SCOPE             read, payments, refunds, payouts or admin
  --run-file FILE   run.json of a running stack (default: .quittance/run.json of this checkout)
  --url URL         postgres URL of the main database as quittance_owner instead

Ends with 0 when it is done, 1 when it was refused, 2 when what was typed is not a command, and 3 when
the database did not answer.
`;

/** The newest, as api/versions.ts has it; the test asks the api whether it is. */
const VERSION = '2026-11-01';
const SCOPES: readonly string[] = ['read', 'payments', 'refunds', 'payouts', 'admin'];

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = readArguments({
    args: [...args],
    allowPositionals: true,
    options: {
      ...KEY_OPTIONS,
      name: { type: 'string' },
      scope: { type: 'string', multiple: true, default: [] },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  for (const scope of values.scope)
    if (!SCOPES.includes(scope)) throw new UsageError(`${scope} is no scope: ${SCOPES.join(', ')}`);
  const made: NewKey = {
    mode: values.live ? 'live' : 'test',
    name: values.name ?? null,
    scopes: values.scope.length === 0 ? SCOPES : values.scope,
  };
  await actOnKeys(
    positionals,
    values,
    { role: 'owner', name: 'quittance-ops-api-key' },
    { add: (client, merchant) => add(client, merchant, made), revoke, list },
  );
}

interface NewKey {
  readonly mode: 'test' | 'live';
  readonly name: string | null;
  readonly scopes: readonly string[];
}

/** The api's secret is not known here: it puts its keyed hash in the place of this one at the first use. */
async function add(client: pg.Client, merchant: string, { mode, name, scopes }: NewKey): Promise<void> {
  const { rowCount } = await client.query('select from merchants where id = $1', [merchant]);
  if (rowCount === 0) throw new Refused(`there is no merchant ${merchant}`);
  const id = newId('key');
  const key = `sk_${mode}_${randomBytes(32).toString('hex')}`;
  await client.query(
    `insert into api_keys (merchant_id, id, mode, key_hash, hint, name, scopes, version) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      merchant,
      id,
      mode,
      createHash('sha256').update(key).digest(),
      `…${key.slice(-4)}`,
      name,
      scopes,
      VERSION,
    ],
  );
  process.stdout.write(`${id}\nkey, shown this once: ${key}\n`);
}

async function revoke(client: pg.Client, id: string): Promise<void> {
  const { rows } = await client.query<{ kind: string }>(
    `update api_keys set revoked_at = now() where id = $1 and kind = 'secret' and revoked_at is null returning kind`,
    [id],
  );
  if (rows.length !== 1)
    throw new Refused(`there is no secret key ${id} in use (publishable ones: npm run ops:publishable-key)`);
  process.stdout.write(`${id}: revoked\n`);
}

async function list(client: pg.Client, merchant: string): Promise<void> {
  const { rows } = await client.query<Record<string, string | null>>(
    `select id, mode, kind, hint, coalesce(name, '') as name, array_to_string(scopes, ',') as scopes,
            last_used_at::text as used, revoked_at::text as revoked
     from api_keys where merchant_id = $1 order by id`,
    [merchant],
  );
  for (const { id, mode, kind, hint, name, scopes, used, revoked } of rows)
    process.stdout.write(
      `${id ?? ''} ${mode ?? ''} ${kind ?? ''} ${hint ?? ''} ${scopes ?? ''} ${name ?? ''} used ${used ?? 'never'}${revoked === null ? '' : ` revoked ${revoked ?? ''}`}\n`,
    );
}

await runCommand('ops:api-key', main, isKeyRefusal);
