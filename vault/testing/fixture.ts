import pg from 'pg';
import { inject } from 'vitest';
import { createVaultClient, type VaultClient } from '../../activities/vault/client.ts';
import { createJsonClient } from '../../platform/http-json.ts';
import type { Logger } from '../../platform/logger.ts';
import { newId } from '../../platform/new-id.ts';
import { readRunFile, type RunFile } from '../../temporal-dev/run-file.ts';
import { createDatabase, type TestDatabase } from '../../temporal-dev/testing/database.ts';
import {
  attemptId,
  authorizationIdOf,
  type AttemptId,
  type MerchantId,
  type PaymentId,
} from '../../workflows/domain/ids.ts';
import type { Caller } from '../callers.ts';
import {
  VAULT_FAILURES,
  VAULT_ROUTES,
  type CardDetails,
  type StagedCard,
  type StageRequest,
} from '../contract.ts';
import { startVault, type RunningVault, type VaultOptions } from '../vault.ts';
import { linkTo, type CuttableLink } from './cuttable-link.ts';

const SECRETS: Readonly<Record<Caller, string>> = {
  api: 'the-secret-of-the-api-in-these-tests-only',
  payments: 'the-secret-of-payments-in-these-tests-only',
  acquirers: 'the-secret-of-acquirers-in-these-tests-only',
};

/** One line the vault logged, as it was given to the logger. */
interface Logged {
  readonly event: string;
  readonly fields: unknown;
}

/** A vault of its own over real parts, with links to its database and its key service that can be cut. */
export interface VaultFixture {
  readonly run: RunFile;
  readonly url: string;
  readonly secrets: typeof SECRETS;
  readonly api: { stage(request: StageRequest): Promise<StagedCard> };
  readonly payments: VaultClient;
  readonly acquirers: VaultClient;
  readonly kms: CuttableLink;
  readonly database: CuttableLink;
  readonly databaseUrls: { readonly owner: string; readonly app: string };
  readonly logged: Logged[];
  /** One statement as the owner of the vault's database. */
  sql<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Stops the service and starts it again on the same database: memory is lost. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function startVaultFixture(overrides: Partial<VaultOptions> = {}): Promise<VaultFixture> {
  const run = await readRunFile(inject('runFile'));
  const testDatabase: TestDatabase = await createDatabase(run, { schema: 'vault' });
  const databaseUrl = new URL(testDatabase.apiUrl);
  const kmsUrl = new URL(run.kms.endpoint);
  const database = await linkTo(databaseUrl.hostname, Number(databaseUrl.port));
  const kms = await linkTo(kmsUrl.hostname, Number(kmsUrl.port));
  databaseUrl.hostname = '127.0.0.1';
  databaseUrl.port = String(database.port);
  const logged: Logged[] = [];
  const log = (event: string, fields: unknown = {}) => {
    logged.push({ event, fields });
  };
  const logger: Logger = { error: log, warn: log, info: log, debug: log };

  const start = (port: number): Promise<RunningVault> =>
    startVault(
      {
        host: '127.0.0.1',
        port,
        databaseUrl: databaseUrl.href,
        databasePoolSize: 20,
        databaseStatementTimeoutMs: 10_000,
        kms: {
          endpoint: `http://127.0.0.1:${kms.port}`,
          region: run.kms.region,
          keyId: run.kms.keyId,
          credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
        },
        secrets: SECRETS,
        cvvLifetimeMs: 900_000,
        stagingLifetimeMs: 3_600_000,
        sweepIntervalMs: 100,
        dataKeys: { maxAgeMs: 3_600_000, maxUses: 100_000, graceMs: 3_600_000 },
        ...overrides,
      },
      logger,
    );

  let vault = await start(0);
  const url = vault.url;
  const owner = new pg.Pool({ connectionString: testDatabase.ownerUrl, max: 2 });
  const api = createJsonClient({
    url,
    secret: SECRETS.api,
    connections: 32,
    timeoutMs: 8_000,
    ...VAULT_FAILURES,
  });
  const payments = createVaultClient({ url, secret: SECRETS.payments });
  const acquirers = createVaultClient({ url, secret: SECRETS.acquirers });
  return {
    run,
    url,
    secrets: SECRETS,
    api: { stage: async (request) => (await api.post(VAULT_ROUTES.stage, request)) as StagedCard },
    payments,
    acquirers,
    kms,
    database,
    databaseUrls: { owner: testDatabase.ownerUrl, app: testDatabase.apiUrl },
    logged,
    sql: async <Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) =>
      (await owner.query<Row>(text, [...values])).rows,
    async restart() {
      await vault.stop();
      vault = await start(Number(new URL(url).port));
    },
    async close() {
      await Promise.all([api.close(), payments.close(), acquirers.close()]);
      await vault.stop();
      await Promise.all([owner.end(), database.close(), kms.close()]);
      await testDatabase.drop();
    },
  };
}

/** One payment with its own merchant, unless given. */
export function aPayment(merchant: MerchantId = newId('mer')): {
  readonly merchant: MerchantId;
  readonly payment: PaymentId;
  readonly attempts: readonly [AttemptId, AttemptId];
} {
  const payment = newId('pay');
  const operation = authorizationIdOf(payment);
  return { merchant, payment, attempts: [attemptId(operation, 1), attemptId(operation, 2)] };
}

/** Test numbers of the schemes, in turn. */
export const VISA = '4242424242424242';
export const MASTERCARD = '5555555555554444';
export const AMEX = '378282246310005';

export function aCard(card: Partial<CardDetails> = {}): CardDetails {
  return { number: VISA, expiryMonth: 12, expiryYear: 2034, cvv: '737', ...card };
}

/** A staged and tokenized payment, as it is just before its first attempt. */
export async function aTokenizedPayment(
  vault: VaultFixture,
  card: Partial<CardDetails> = {},
  merchant?: MerchantId,
) {
  const { attempts, ...ref } = aPayment(merchant);
  const { staging } = await vault.api.stage({
    merchant: ref.merchant,
    idempotencyKey: ref.payment,
    card: aCard(card),
  });
  const { token } = await vault.payments.tokenize({ ...ref, staging });
  return { ...ref, attempts, staging, token };
}

/** Asks until it is so, at most 10 s. */
export async function eventually(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('it did not come true within 10 s');
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}
