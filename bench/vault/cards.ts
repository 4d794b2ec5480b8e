import { createGrantSigner } from '../../activities/vault/grants.ts';
import { createVaultClient } from '../../activities/vault/client.ts';
import { createJsonClient } from '../../platform/http-json.ts';
import { createKmsSigningKey } from '../../platform/kms-signing.ts';
import { createLogger } from '../../platform/logger.ts';
import { newId } from '../../platform/new-id.ts';
import { followTlsFiles } from '../../platform/tls.ts';
import { ACQUIRER_ID } from '../../temporal-dev/addresses.ts';
import { certificateFiles } from '../../temporal-dev/certificates.ts';
import { GRANT_KEY_ALIAS } from '../../temporal-dev/key-aliases.ts';
import type { RunFile } from '../../temporal-dev/run-file.ts';
import {
  VAULT_FAILURES,
  VAULT_NAME,
  VAULT_ROUTES,
  type DetokenizeRequest,
  type StagedCard,
  type TokenizeRequest,
} from '../../vault/contract.ts';
import { attemptId, authorizationIdOf, type PaymentId } from '../../workflows/domain/ids.ts';

type Staged = TokenizeRequest & { readonly payment: PaymentId };

const NUMBERS = ['4242424242424242', '5555555555554444', '4000056655665556'] as const;

/** The vault's callers in one process, each with its own certificate. */
export async function openCallers(run: RunFile) {
  const logger = createLogger('bench', 'error');
  const follow = (role: 'api' | 'payments' | 'acquirers') =>
    followTlsFiles(certificateFiles(run.dir, role), logger);
  const [api, payments, acquirers] = await Promise.all([
    follow('api'),
    follow('payments'),
    follow('acquirers'),
  ]);
  const stage = createJsonClient({
    url: run.vault,
    tls: { source: api, server: VAULT_NAME },
    connections: 32,
    timeoutMs: 8_000,
    ...VAULT_FAILURES,
  });
  const tokenizing = createVaultClient({ url: run.vault, tls: payments });
  const detokenizing = createVaultClient({ url: run.vault, tls: acquirers });
  const kms = createKmsSigningKey({
    endpoint: run.kms.endpoint,
    region: run.kms.region,
    keyId: GRANT_KEY_ALIAS,
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  });
  const signer = createGrantSigner({ kms, logger, worker: 'bench', lifetimeMs: 300_000, now: Date.now });
  const account = newId('aca');
  let made = 0;

  return {
    /** A card that waits, of a merchant of its own: tokenizing it makes a row. */
    async staged(): Promise<Staged> {
      const merchant = newId('mer');
      const payment = newId('pay');
      const number = NUMBERS[(made += 1) % NUMBERS.length];
      const card = { number, expiryMonth: 12, expiryYear: 2034, cvv: '123' };
      const body = { merchant, mode: 'live', idempotencyKey: payment, card };
      const { staging } = (await stage.post(VAULT_ROUTES.stage, body)) as StagedCard;
      return { merchant, payment, staging };
    },
    tokenize: (request: TokenizeRequest) => tokenizing.tokenize(request),
    /** What a tokenized card is asked for with, signed. */
    async granted(request: Staged, token: DetokenizeRequest['token']): Promise<DetokenizeRequest> {
      const { merchant, payment } = request;
      const attempt = attemptId(authorizationIdOf(payment), 1);
      const about = { merchant, payment, attempt, account, purpose: 'authorization' } as const;
      return { ...about, token, grant: await signer.sign({ ...about, acquirer: ACQUIRER_ID }) };
    },
    detokenize: (request: DetokenizeRequest) => detokenizing.detokenize(request),
    async close() {
      await Promise.all([stage.close(), tokenizing.close(), detokenizing.close()]);
      for (const source of [api, payments, acquirers]) source.close();
      signer.close();
      kms.close();
    },
  };
}
