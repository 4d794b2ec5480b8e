import { createHash, createHmac, randomBytes } from 'node:crypto';
import pg from 'pg';
import { createKms } from '../platform/kms.ts';
import { newId } from '../platform/new-id.ts';
import { sealSecret } from '../platform/sealed-secret.ts';
import { CARD_BRANDS } from '../workflows/domain/card.ts';
import type { MerchantId } from '../workflows/domain/ids.ts';
import { ACQUIRER_WIRES, type AcquirerName } from './addresses.ts';
import { PLATFORM_KEY_ALIAS } from './key-aliases.ts';
import type { RunFile } from './run-file.ts';

export interface SeedMerchant {
  /** Of quittance_owner. */
  readonly ownerUrl: string;
  /** Text of the merchant's test API key; only its hash is stored. */
  readonly apiKey: string;
  /** The secret under which the api keeps hashes of keys, for a key that was seeded and used before. */
  readonly keySecret?: string;
  readonly name: string;
  /** Ids of the acquirer simulators: the merchant gets an account at each. */
  readonly acquirers: readonly string[];
  /** Whether its accounts take sale and capture in one message; they do unless told otherwise. */
  readonly singleMessage?: boolean;
  /**
   * `in_order` (default): a rule prefers the accounts in the order of `acquirers`, so that where a payment
   * goes can be foretold; `by_value`: no rule.
   */
  readonly routing?: 'in_order' | 'by_value';
}

/** What the simulator knows the merchants' accounts by. Test values, marked as such. */
const INSTITUTION = '999999';
const TERMINALS = ['TEST0001', 'TEST0002'];
const CURRENCIES = ['EUR', 'USD', 'GBP', 'CHF', 'JPY', 'KWD'];

/**
 * A merchant with one API key and an account at every acquirer simulator, in test mode. Asked again
 * with the same key it changes nothing and answers the same merchant.
 */
export async function seedMerchant({
  ownerUrl,
  apiKey,
  keySecret,
  name,
  acquirers,
  singleMessage = true,
  routing = 'in_order',
}: SeedMerchant): Promise<MerchantId> {
  const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    const keyHash = createHash('sha256').update(apiKey).digest();
    const { rows } = await client.query<{ merchant_id: MerchantId }>(
      'select merchant_id from api_keys where key_hash = any ($1)',
      [
        [
          keyHash,
          ...(keySecret === undefined ? [] : [createHmac('sha256', keySecret).update(apiKey).digest()]),
        ],
      ],
    );
    const existing = rows[0]?.merchant_id;
    if (existing !== undefined) return existing;

    const merchant = newId('mer');
    await client.query('begin');
    await client.query("insert into merchants (id, name, country, mcc) values ($1, $2, 'NL', '5732')", [
      merchant,
      name,
    ]);
    await client.query(
      "insert into api_keys (id, key_hash, merchant_id, mode, hint) values ($1, $2, $3, 'test', $4)",
      [newId('key'), keyHash, merchant, `…${apiKey.slice(-4)}`],
    );
    for (const acquirer of acquirers) {
      const wire = ACQUIRER_WIRES[acquirer as AcquirerName];
      const seeded = { merchant, acquirer, singleMessage };
      await (wire === 'stripe' || wire === 'adyen'
        ? seedApiAccount(client, { ...seeded, wire })
        : seedIso8583Account(client, seeded));
    }
    if (routing === 'in_order' && acquirers.length > 0) await preferInOrder(client, merchant);
    await client.query('commit');
    return merchant;
  } finally {
    await client.end();
  }
}

/** Ids sort by time: the account that was seeded first is preferred to all others. */
async function preferInOrder(client: pg.Client, merchant: MerchantId): Promise<void> {
  await client.query(
    `insert into routing_rules (merchant_id, id, mode, kind, accounts)
     select $1, 'in-order', 'test', 'prefer', array_agg(id order by id) from merchant_acquirer_accounts where merchant_id = $1`,
    [merchant],
  );
}

interface SeedAccount {
  readonly merchant: MerchantId;
  readonly acquirer: string;
  readonly singleMessage: boolean;
}

/** A canceled intent of Stripe's is never confirmed; Adyen takes what arrives after its cancellation. */
const HTTP_APIS = {
  stripe: { fencesByReversal: true, accountOf: (id: string) => `acct_test${id.slice(-16)}` },
  adyen: { fencesByReversal: false, accountOf: (id: string) => `Test${id.slice(-16)}ECOM` },
} as const;

async function seedApiAccount(
  client: pg.Client,
  { merchant, acquirer, singleMessage, wire }: SeedAccount & { readonly wire: keyof typeof HTTP_APIS },
): Promise<void> {
  const { fencesByReversal, accountOf } = HTTP_APIS[wire];
  await client.query(
    `insert into acquirers (id, wire, task_queue, fences_by_reversal)
     values ($1, $2, $3, $4) on conflict (id) do nothing`,
    [acquirer, wire, `acquirer:${acquirer}`, fencesByReversal],
  );
  const id = newId('aca');
  await client.query(
    `insert into merchant_acquirer_accounts
       (merchant_id, id, acquirer_id, mode, merchant_account, mcc, single_message, currencies, brands)
     values ($1, $2, $3, 'test', $4, '5732', $5, $6, $7)`,
    [merchant, id, acquirer, accountOf(id), singleMessage, CURRENCIES, [...CARD_BRANDS]],
  );
}

async function seedIso8583Account(
  client: pg.Client,
  { merchant, acquirer, singleMessage }: SeedAccount,
): Promise<void> {
  await client.query(
    `insert into acquirers (id, wire, task_queue, fences_by_reversal)
     values ($1, 'iso8583', $2, true) on conflict (id) do nothing`,
    [acquirer, `acquirer:${acquirer}`],
  );
  // '*' counts reference numbers (RRN), the others the messages of a terminal.
  for (const terminal of [...TERMINALS, '*']) {
    await client.query(
      'insert into number_blocks (acquirer_id, institution_id, terminal_id) values ($1, $2, $3) on conflict do nothing',
      [acquirer, INSTITUTION, terminal],
    );
  }
  const id = newId('aca');
  await client.query(
    `insert into merchant_acquirer_accounts
       (merchant_id, id, acquirer_id, mode, institution, merchant_account, terminals, mcc, acceptor_name, single_message, currencies, brands, increments)
     values ($1, $2, $3, 'test', $4, $5, $6, '5732', 'QUITTANCE TEST SHOP    AMSTERDAM    NL', $7, $8, $9, true)`,
    [
      merchant,
      id,
      acquirer,
      INSTITUTION,
      `TEST${id.slice(-11).toUpperCase()}`,
      TERMINALS,
      singleMessage,
      CURRENCIES,
      [...CARD_BRANDS],
    ],
  );
}

export interface SeedPublishableKey {
  readonly run: RunFile;
  readonly merchant: string;
  /** Pages that may use it. */
  readonly origins: readonly string[];
}

/** A publishable key of a merchant in test mode. */
export async function seedPublishableKey({ run, merchant, origins }: SeedPublishableKey): Promise<string> {
  const key = `pk_test_${randomBytes(24).toString('hex')}`;
  const client = new pg.Client({
    connectionString: run.postgres.urls.vaultOwner,
    connectionTimeoutMillis: 5_000,
  });
  await client.connect();
  try {
    await client.query(
      "insert into vault.publishable_keys (key, merchant, mode, origins) values ($1, $2, 'test', $3)",
      [key, merchant, origins],
    );
    return key;
  } finally {
    await client.end();
  }
}

export interface SeedEndpoint {
  readonly run: RunFile;
  readonly merchant: string;
  readonly url: string;
}

/** Registers a webhook endpoint of a merchant in test mode; answers the secret its events are signed with. */
export async function seedEndpoint({ run, merchant, url }: SeedEndpoint): Promise<string> {
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  const id = newId('whe');
  const kms = createKms({
    endpoint: run.kms.endpoint,
    region: run.kms.region,
    keyId: PLATFORM_KEY_ALIAS,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const client = new pg.Client({ connectionString: run.postgres.urls.owner, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    const sealed = await sealSecret(kms, { merchant, id }, secret);
    await client.query(
      "insert into webhook_endpoints (merchant_id, id, mode, url, sealed_secret) values ($1, $2, 'test', $3, $4)",
      [merchant, id, url, sealed],
    );
    return secret;
  } finally {
    kms.close();
    await client.end();
  }
}
