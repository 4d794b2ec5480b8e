import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { Agent, request as send } from 'undici';
import { createVaultClient, type VaultClient } from '../../activities/vault/client.ts';
import { createGrantSigner, type GrantSigner } from '../../activities/vault/grants.ts';
import { createJsonClient } from '../../platform/http-json.ts';
import { createKmsSigningKey } from '../../platform/kms-signing.ts';
import type { KmsOptions } from '../../platform/kms.ts';
import type { Logger } from '../../platform/logger.ts';
import { newId } from '../../platform/new-id.ts';
import { followTlsFiles, type TlsSource } from '../../platform/tls.ts';
import { certificateFiles, grantKeysFile, keepCertificates } from '../../temporal-dev/certificates.ts';
import { keepGrantKeys } from '../../temporal-dev/grant-keys.ts';
import { GRANT_KEY_ALIAS } from '../../temporal-dev/key-aliases.ts';
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
import type { VaultCounters } from '../counters.ts';
import {
  VAULT_FAILURES,
  VAULT_NAME,
  VAULT_ROUTES,
  type CardAnswer,
  type CardDetails,
  type CardRequest,
  type CardsAnswer,
  type CardsRequest,
  type CardTokenAnswer,
  type CardTokenRequest,
  type ClaimRequest,
  type DetokenizedCard,
  type DetokenizeRequest,
  type ForgetAnswer,
  type ForgetRequest,
  type StagedCard,
  type StageRequest,
} from '../contract.ts';
import type { Leftovers } from '../sweeper.ts';
import { startVault, type RunningVault, type VaultOptions } from '../vault.ts';
import { linkTo, type CuttableLink } from './cuttable-link.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/** One line the vault logged, as it was given to the logger. */
interface Logged {
  readonly event: string;
  readonly fields: unknown;
}

/** What a test asks for: the account and the purpose are the usual ones unless given. */
export type Asked = Pick<DetokenizeRequest, 'merchant' | 'payment' | 'token' | 'attempt'> &
  Partial<DetokenizeRequest>;

export const ACCOUNT = newId('aca');
/** Whose account that is; the certificate of the fixture's acquirers worker names it. */
export const ACQUIRER = 'acquirer-1';

/** A vault of its own over real parts, with links to its database and its key service that can be cut. */
export interface VaultFixture {
  readonly run: RunFile;
  readonly url: string;
  /** Where its certificates and keys are, as in the folder of a stack. */
  readonly dir: string;
  readonly tls: Readonly<Record<Caller, TlsSource>>;
  readonly signer: GrantSigner;
  /** Asks for a number as the acquirers worker does, with a grant for exactly that unless one is given. */
  detokenize(request: Asked): Promise<DetokenizedCard>;
  /** How the vault itself says it is. */
  healthy(): Promise<boolean>;
  counters(): VaultCounters;
  readonly api: {
    /** In live mode, unless it says. */
    stage(request: Omit<StageRequest, 'mode'> & Partial<StageRequest>): Promise<StagedCard>;
    claim(request: ClaimRequest): Promise<StagedCard>;
    card(request: CardRequest): Promise<CardAnswer>;
    cards(request: CardsRequest): Promise<CardsAnswer>;
    cardToken(request: CardTokenRequest): Promise<CardTokenAnswer>;
    forget(request: ForgetRequest): Promise<ForgetAnswer>;
  };
  /** Of the address for pages and apps; null = it has none. */
  publicPort(): number | null;
  readonly payments: VaultClient;
  readonly acquirers: VaultClient;
  readonly backOffice: VaultClient;
  readonly kms: CuttableLink;
  readonly database: CuttableLink;
  readonly databaseUrls: { readonly owner: string; readonly app: string };
  /** Where the heads of the audit log's chain are published. */
  readonly headFile: string;
  readonly logged: Logged[];
  /** As the running vault counts it. */
  leftovers(): Leftovers;
  /** One statement as the owner of the vault's database. */
  sql<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Stops the service and starts it again on the same database: memory is lost. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function startVaultFixture(overrides: Partial<VaultOptions> = {}): Promise<VaultFixture> {
  const run = await readRunFile(stackRunFile());
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
  const dir = await mkdtemp(join(tmpdir(), 'quittance-vault-'));
  const kmsOptions: KmsOptions = {
    endpoint: `http://127.0.0.1:${kms.port}`,
    region: run.kms.region,
    keyId: run.kms.keyId,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const grantKey = createKmsSigningKey({ ...kmsOptions, keyId: GRANT_KEY_ALIAS });
  await Promise.all([keepCertificates(dir), keepGrantKeys(dir, { ...kmsOptions, keyId: GRANT_KEY_ALIAS })]);

  const folder = await mkdtemp(join(tmpdir(), 'vault-fixture-'));
  const headFile = join(folder, 'audit-head.jsonl');

  const start = (port: number): Promise<RunningVault> =>
    startVault(
      {
        host: '127.0.0.1',
        port,
        databaseUrl: databaseUrl.href,
        databasePoolSize: 20,
        databaseStatementTimeoutMs: 10_000,
        kms: kmsOptions,
        tls: certificateFiles(dir, 'vault'),
        grantKeysFile: grantKeysFile(dir),
        allowsUnnamedAcquirers: false,
        filesPollMs: 50,
        limits: { perCaller: 100_000, perMerchant: 100_000 },
        alarms: {
          windowMs: 60_000,
          failures: 100_000,
          tokensPerMerchant: 100_000,
          tokensPerCaller: 100_000,
          lockMs: 0,
          cellCards: 5,
        },
        cvvLifetimeMs: 900_000,
        stagingLifetimeMs: 3_600_000,
        cardTokenLifetimeMs: 900_000,
        publicListener: null,
        sweepIntervalMs: 100,
        cardUnusedMs: 86_400_000,
        // Rests, where a test does not want it to seal.
        seals: { intervalMs: 3_600_000, headFile },
        dataKeys: { maxAgeMs: 3_600_000, maxUses: 100_000, graceMs: 3_600_000 },
        ...overrides,
      },
      logger,
    );

  let vault = await start(0);
  const url = vault.url;
  const owner = new pg.Pool({ connectionString: testDatabase.ownerUrl, max: 2 });
  const follow = (caller: Caller) => followTlsFiles(certificateFiles(dir, caller), logger, 50);
  const tls = {
    api: await follow('api'),
    payments: await follow('payments'),
    acquirers: await follow('acquirers'),
    'back-office': await follow('back-office'),
  } satisfies Record<Caller, TlsSource>;
  const api = createJsonClient({
    url,
    tls: { source: tls.api, server: VAULT_NAME },
    connections: 32,
    timeoutMs: 8_000,
    ...VAULT_FAILURES,
  });
  const payments = createVaultClient({ url, tls: tls.payments });
  const acquirers = createVaultClient({ url, tls: tls.acquirers });
  const backOffice = createVaultClient({ url, tls: tls['back-office'] });
  const signer = createGrantSigner({
    kms: grantKey,
    logger,
    worker: 'test',
    lifetimeMs: 60_000,
    now: Date.now,
  });
  await signer.ready();
  return {
    run,
    url,
    dir,
    tls,
    signer,
    async detokenize({ account = ACCOUNT, purpose = 'authorization', grant, ...asked }) {
      const { merchant, payment, attempt } = asked;
      const shown =
        grant === undefined
          ? await signer.sign({ merchant, payment, attempt, account, acquirer: ACQUIRER, purpose })
          : grant;
      return acquirers.detokenize({ ...asked, account, purpose, grant: shown });
    },
    healthy: () => vault.healthy().catch(() => false),
    counters: () => vault.counters,
    api: {
      stage: async (request) =>
        (await api.post(VAULT_ROUTES.stage, { mode: 'live', ...request })) as StagedCard,
      claim: async (request) => (await api.post(VAULT_ROUTES.claim, request)) as StagedCard,
      card: async (request) => (await api.post(VAULT_ROUTES.card, request)) as CardAnswer,
      cards: async (request) => (await api.post(VAULT_ROUTES.cards, request)) as CardsAnswer,
      cardToken: async (request) => (await api.post(VAULT_ROUTES.cardToken, request)) as CardTokenAnswer,
      forget: async (request) => (await api.post(VAULT_ROUTES.forget, request)) as ForgetAnswer,
    },
    publicPort: () => vault.publicPort,
    payments,
    acquirers,
    backOffice,
    kms,
    database,
    databaseUrls: { owner: testDatabase.ownerUrl, app: testDatabase.apiUrl },
    headFile,
    leftovers: () => vault.leftovers(),
    logged,
    sql: async <Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) =>
      (await owner.query<Row>(text, [...values])).rows,
    async restart() {
      await vault.stop();
      vault = await start(Number(new URL(url).port));
    },
    async close() {
      await Promise.all([api.close(), payments.close(), acquirers.close(), backOffice.close()]);
      await vault.stop();
      for (const source of Object.values(tls)) source.close();
      signer.close();
      grantKey.close();
      await rm(dir, { recursive: true, force: true });
      await Promise.all([owner.end(), database.close(), kms.close()]);
      await testDatabase.drop();
      await rm(folder, { recursive: true });
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

/** Whatever somebody says to the vault, with that certificate or none. */
export async function postTo(
  vault: Pick<VaultFixture, 'url'>,
  path: string,
  body: string,
  who: { readonly certificate: string; readonly key: string } | null,
) {
  const dispatcher = new Agent({
    connect: {
      ...(who === null ? {} : { cert: who.certificate, key: who.key }),
      // Who the vault is does not matter here.
      rejectUnauthorized: false,
    },
  });
  try {
    const answer = await send(`${vault.url}${path}`, { method: 'POST', body, dispatcher, reset: true });
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
  } finally {
    await dispatcher.close();
  }
}
