/**
 * npm run vault:rotate: makes new master keys the writing ones and wraps every stored key anew, while
 * everything works. Stopped or killed, it goes on where it was. Ends with 0 when nothing is left under an
 * old master key, 1 when something is (it says what), 2 when the command is none, 3 when the database or
 * the key service did not answer: say the same again.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { platformKeys } from '../activities/back-office/key-rotation/platform-keys.ts';
import { createPool } from '../platform/database.ts';
import { createRotationRecords, poolQuery, type Query } from '../platform/key-rotation/records.ts';
import { createRotate, type RotationProgress, type WrappedKeys } from '../platform/key-rotation/rotation.ts';
import { KeysLeftBehind, runRotation } from '../platform/key-rotation/run-rotation.ts';
import { createLogger } from '../platform/logger.ts';
import { createMasterKeys } from '../platform/master-keys.ts';
import { newId } from '../platform/new-id.ts';
import { packageRoot } from '../platform/package-root.ts';
import { PLATFORM_KEY_ALIAS, VAULT_KEY_ALIAS } from '../temporal-dev/key-aliases.ts';
import { readRunFile } from '../temporal-dev/run-file.ts';
import { vaultKeys } from '../vault/rotation/vault-keys.ts';
import { ENDED, messageOf } from './command-frame.ts';

const HELP = `npm run vault:rotate -- [options]

Per zone (vault: what cards are sealed under; platform: Temporal's payloads, secrets, kept answers): makes
a new master key, lets the zone's alias mean it, and wraps every stored data key anew, with progress. Payments
go on meanwhile. A rotation that was begun and not finished is finished first, and then no new one is begun.

  --zone ZONE            vault, platform or both (default: both)
  --disable-old          afterwards disable the old master keys. Backups from before need them: keep them
                         enabled until the oldest backup is younger than this rotation
  --batch N              keys a step, 1 to 1000 (default 25)
  --run-file FILE        run.json of a running stack (default: .quittance/run.json of this checkout)
  --vault-url URL        instead: the vault's database as vault_app
  --main-url URL         instead: the main database as quittance_worker
  --kms-endpoint URL --kms-region REGION    instead: the key service; credentials as the AWS client finds them
  --vault-alias A --platform-alias A        the aliases (defaults: ${VAULT_KEY_ALIAS}, ${PLATFORM_KEY_ALIAS})
  --help
`;

const POOL_SIZE = 4;
const STATEMENT_LIMIT_MS = 15_000;
const CONCURRENCY = 4;

interface Zone {
  readonly name: 'vault' | 'platform';
  readonly url: string;
  readonly schema: 'vault' | 'public';
  readonly alias: string;
  readonly places: (query: Query) => readonly WrappedKeys[];
}

function options() {
  try {
    const { values } = parseArgs({
      options: {
        zone: { type: 'string', default: 'both' },
        'disable-old': { type: 'boolean', default: false },
        batch: { type: 'string', default: '25' },
        'run-file': { type: 'string' },
        'vault-url': { type: 'string' },
        'main-url': { type: 'string' },
        'kms-endpoint': { type: 'string' },
        'kms-region': { type: 'string' },
        'vault-alias': { type: 'string', default: VAULT_KEY_ALIAS },
        'platform-alias': { type: 'string', default: PLATFORM_KEY_ALIAS },
        help: { type: 'boolean', default: false },
      },
    });
    const batch = Number(values.batch);
    if (!['vault', 'platform', 'both'].includes(values.zone))
      throw new RangeError(`--zone ${values.zone} is neither vault, platform nor both`);
    if (!Number.isInteger(batch) || batch < 1 || batch > 1_000)
      throw new RangeError(`--batch ${values.batch} is not a number from 1 to 1000`);
    return { ...values, batch };
  } catch (error) {
    process.stderr.write(`vault:rotate: ${messageOf(error)}\n${HELP}`);
    return null;
  }
}
type Options = NonNullable<ReturnType<typeof options>>;

async function placesOf(values: Options) {
  const given = [values['vault-url'], values['main-url'], values['kms-endpoint'], values['kms-region']];
  const [vaultUrl, mainUrl, endpoint, region] = given;
  const needed = given.every((one) => one !== undefined)
    ? null
    : await readRunFile(values['run-file'] ?? join(packageRoot(), '.quittance', 'run.json'));
  const zones: readonly Zone[] = [
    {
      name: 'vault',
      url: vaultUrl ?? needed?.postgres.urls.vault ?? '',
      schema: 'vault',
      alias: values['vault-alias'],
      places: (query) => [vaultKeys(query)],
    },
    {
      name: 'platform',
      url: mainUrl ?? needed?.postgres.urls.worker ?? '',
      schema: 'public',
      alias: values['platform-alias'],
      places: platformKeys,
    },
  ];
  return {
    zones: zones.filter(({ name }) => values.zone === 'both' || values.zone === name),
    kms: {
      endpoint: endpoint ?? needed?.kms.endpoint ?? '',
      region: region ?? needed?.kms.region ?? '',
      // The emulator of a stack looks at no credentials; the client wants some.
      credentials: endpoint === undefined ? { accessKeyId: 'emulator', secretAccessKey: 'emulator' } : null,
    },
  };
}

async function main(values: Options): Promise<number> {
  const { zones, kms } = await placesOf(values);
  const logger = createLogger('vault-rotate', 'error');
  for (const { name, url, schema, alias, places } of zones) {
    const pool = createPool(
      { url, poolSize: POOL_SIZE, statementTimeoutMs: STATEMENT_LIMIT_MS, role: 'vault-rotate' },
      logger,
    );
    const masterKeys = createMasterKeys({ ...kms, keyId: alias });
    const query = poolQuery(pool);
    const rotate = createRotate({
      masterKeys,
      records: createRotationRecords(query, schema),
      places: places(query),
      logger,
      batch: values.batch,
      concurrency: CONCURRENCY,
    });
    try {
      const began = performance.now();
      const { rotation, from, to, rewrapped } = await runRotation(rotate, newId('kr'), (progress) => {
        process.stdout.write(`${name}: ${lineOf(progress)}\n`);
      });
      const seconds = ((performance.now() - began) / 1_000).toFixed(1);
      process.stdout.write(
        `${name}: rotation ${rotation} is done in ${seconds} s: ${rewrapped} keys wrapped anew, none is under ${from} any more, ${to} is the writing one\n`,
      );
      if (values['disable-old']) {
        await masterKeys.disable(from);
        process.stdout.write(`${name}: ${from} is disabled\n`);
      }
    } finally {
      masterKeys.close();
      await pool.end();
    }
  }
  return ENDED.done;
}

const lineOf = ({ rotation, rewrapped, remaining }: RotationProgress): string =>
  `${rotation}: ${rewrapped} keys wrapped anew, ${remaining} to go`;

const values = options();
if (values === null) process.exitCode = ENDED.misused;
else if (values.help) process.stdout.write(HELP);
else
  try {
    process.exitCode = await main(values);
  } catch (error) {
    process.stderr.write(`vault:rotate: ${messageOf(error)}\n`);
    process.exitCode = error instanceof KeysLeftBehind ? ENDED.refused : ENDED.unanswered;
  }
