import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { outsideFolder } from '../../temporal-dev/parts/postgres.ts';
import { readRunFile, type RunFile } from '../../temporal-dev/run-file.ts';
import { seedEndpoint, seedMerchant, seedPublishableKey } from '../../temporal-dev/seed.ts';
import { openPayloads } from '../../temporal-dev/testing/payloads.ts';
import { waitForQuiet } from '../harness/quiet.ts';
import { drawApiKey, drawCanaries } from './canaries.ts';
import { createCanaryClient, startKeepingReceiver } from './client.ts';
import { payUnluckily, payWhereCardsAreQuoted, payWhilePartsAreAway } from './faults.ts';
import { examplesOf, patternsOf } from './patterns.ts';
import { openShop, payByTokens, payWell, payWrongly, tellSecrets, type CanaryShop } from './payments.ts';
import {
  databasePlace,
  databasesOf,
  filesPlace,
  historiesPlace,
  keptPlace,
  redisPlace,
  type Place,
} from './places.ts';
import { search, type Searched } from './search.ts';

export interface CanaryOptions {
  readonly runPath: string;
  /** Payments that go well, beside those that do not. */
  readonly payments: number;
  /** `own`: parts are stopped and killed, and everything of the stack is searched; `shared`: neither, the stack is used by others too. */
  readonly stack: 'own' | 'shared';
  /** The folder of the sources. */
  readonly repository: string;
  readonly quietMs: number;
  readonly say: (line: string) => void;
}

export interface CanaryProof {
  readonly payments: number;
  /** What is still on its way after the limit; 0 = at rest. */
  readonly underway: number;
  readonly searched: readonly Searched[];
  /** "place: pattern" of every example that was planted and not found: the search itself is broken. */
  readonly missed: readonly string[];
  readonly planted: number;
}

/** Files that hold secrets because that is what they are for, readable by their owner alone. */
const KEEPS_SECRETS: ReadonlySet<string> = new Set(['run.json', 'secrets.json']);
const ORIGIN = 'https://canary.example';
/** Not written by us, or another stack's. */
const NOT_SOURCES: ReadonlySet<string> = new Set(['node_modules', '.git', '.quittance', 'dist']);

/** Pays with canaries in every way, then searches every place for them, and for others that it plants there. */
export async function proveNothingLeaks(options: CanaryOptions): Promise<CanaryProof> {
  const { runPath, stack, say } = options;
  const run = await readRunFile(runPath);
  const answers: Buffer[] = [];
  const received: Buffer[] = [];
  const receiver = await startKeepingReceiver(received);
  const connection = await Connection.connect({ address: run.temporal.address });
  const payloads = openPayloads(run);
  try {
    const keys = new Map(run.acquirers.map(({ id }) => [id, drawApiKey()]));
    const secrets = new Map(
      Array.from(keys, ([acquirer, key]) => [`API key of the shop at ${acquirer}`, key]),
    );
    const shops: CanaryShop[] = [];
    let publishableKey = '';
    const canaries = drawCanaries(secrets);
    for (const [acquirer, apiKey] of keys) {
      const merchant = await seedMerchant({
        ownerUrl: run.postgres.urls.owner,
        apiKey,
        name: `Canary shop at ${acquirer}`,
        acquirers: [acquirer],
        singleMessage: acquirer !== run.acquirers[0]?.id,
      });
      secrets.set(
        `webhook secret of the shop at ${acquirer}`,
        await seedEndpoint({ run, merchant, url: receiver.url }),
      );
      if (publishableKey === '')
        publishableKey = await seedPublishableKey({ run, merchant, origins: [ORIGIN] });
      shops.push(openShop(createCanaryClient(run.api, apiKey, answers), canaries));
    }
    for (const [name, secret] of await stackSecrets(run)) secrets.set(name, secret);

    await Promise.all(shops.map((shop) => payWell(shop, Math.ceil(options.payments / shops.length))));
    const [first] = shops;
    if (first === undefined) throw new Error('the stack has no acquirer');
    const [firstKey] = keys.values();
    await payByTokens(first, { url: run.vaultPublic, publishableKey, origin: ORIGIN });
    await payWrongly(first);
    await tellSecrets(first, firstKey ?? '');
    if (stack === 'own') {
      for (const shop of shops) {
        await payUnluckily(run, shop);
        await payWhereCardsAreQuoted(run, shop);
      }
      await payWhilePartsAreAway(runPath, shops, say);
    } else await payUnluckily(run, first);
    const underway = stack === 'own' ? await waitForQuiet(run.postgres.urls.owner, options.quietMs) : 0;

    const plain = new Client({ connection, namespace: run.temporal.namespace });
    const sealed = new Client({
      connection,
      namespace: run.temporal.namespace,
      dataConverter: payloads.dataConverter,
    });
    const ids = shops.flatMap((shop) => shop.ids);
    const places = await placesOf(options, run, {
      histories: historiesPlace({ plain, sealed }, payloads.dataConverter.payloadCodecs?.[0], () =>
        idsOf(plain, stack === 'own' ? null : ids),
      ),
      answers: keptPlace('answers to the merchants', answers),
      received: keptPlace('webhooks as they came', received),
    });
    const patterns = patternsOf(canaries);
    const searched: Searched[] = [];
    for (const place of places) searched.push(await search(place.name, patterns, place.read));
    const { missed, planted } = await checkItself(places, say);
    return { payments: ids.length, underway, searched, missed, planted };
  } finally {
    await receiver.close();
    await payloads.close();
    await connection.close();
  }
}

/** Passwords and keys of the stack's own processes, as its secrets file names them. */
async function stackSecrets(run: RunFile): Promise<readonly (readonly [string, string])[]> {
  const text = await readFile(join(run.dir, 'secrets.json'), 'utf8').catch(() => '{}');
  return Object.entries(JSON.parse(text) as Record<string, string>).map(
    ([name, secret]) => [`secret ${name}`, secret] as const,
  );
}

async function placesOf(
  { stack, repository }: CanaryOptions,
  run: RunFile,
  { histories, answers, received }: Readonly<Record<'histories' | 'answers' | 'received', Place>>,
): Promise<readonly Place[]> {
  const own = stack === 'own';
  const databases = own ? await databasesOf(run) : ['quittance', 'quittance_vault'];
  const outside = await outsideFolder(run.dir);
  return [
    ...databases.map((database) => databasePlace(run.postgres.superuserUrl, database)),
    histories,
    redisPlace(run.redis),
    filesPlace('logs', run.logs),
    ...(own
      ? [
          filesPlace('Temporal’s state, raw', join(run.dir, 'temporal')),
          filesPlace('folder of the stack', run.dir, {
            without: new Set([...KEEPS_SECRETS, 'temporal', 'logs']),
          }),
          ...(outside === null ? [] : [filesPlace('PostgreSQL’s files, raw', outside)]),
        ]
      : []),
    answers,
    received,
    filesPlace('repository', repository, { without: NOT_SOURCES }),
  ];
}

async function* idsOf(client: Client, ids: readonly string[] | null): AsyncIterable<string> {
  if (ids !== null) yield* ids;
  else for await (const { workflowId } of client.workflow.list()) yield workflowId;
}

/** Plants other canaries, one in every writing, in every place; what is not found there, nothing would be. */
async function checkItself(
  places: readonly Place[],
  say: (line: string) => void,
): Promise<{ readonly missed: readonly string[]; readonly planted: number }> {
  const others = drawCanaries(new Map([['a secret', drawApiKey()]]));
  const examples = examplesOf(others);
  const patterns = patternsOf(others);
  const expected = new Set(examples.map(({ found }) => found));
  const undo: (() => Promise<void>)[] = [];
  const missed: string[] = [];
  try {
    for (const place of places) undo.push(await place.plant(examples.map(({ bytes }) => bytes)));
    for (const place of places) {
      const { found } = await search(place.name, patterns, place.read);
      missed.push(
        ...[...expected].filter((name) => !found.has(name)).map((name) => `${place.name}: ${name}`),
      );
    }
  } finally {
    for (const take of undo.reverse())
      await take().catch((error: unknown) => {
        say(`what was planted was not taken away: ${error instanceof Error ? error.message : String(error)}`);
      });
  }
  return { missed, planted: places.length * examples.length };
}
