import { createJsonClient } from '../platform/http-json.ts';
import type { TlsSource } from '../platform/tls.ts';
import type {
  CardAnswer,
  CardRequest,
  CardsAnswer,
  CardsRequest,
  CardTokenAnswer,
  CardTokenRequest,
  ClaimRequest,
  ForgetAnswer,
  ForgetRequest,
  PublishAnswer,
  PublishRequest,
  StageRequest,
  StagedCard,
} from '../vault/contract.ts';
import {
  VAULT_FAILURES,
  VAULT_NAME,
  VAULT_ROUTES,
  VaultRefused,
  VaultUnavailable,
} from '../vault/contract.ts';

export { VaultRefused, VaultUnavailable };

/** The API's use of the vault: a raw card goes in, and what comes back holds no number. */
export interface VaultStage {
  /**
   * Same merchant, idempotency key and card: same staging id, also after a lost answer.
   * @throws VaultUnavailable: nothing was lost, the merchant may ask again.
   * @throws VaultRefused with its code: `malformed` when the card has a shape that the API let through.
   */
  stage(request: StageRequest): Promise<StagedCard>;
  /**
   * The card behind a token that was sent in place of one; used up by this request, if it is one-time.
   * @throws VaultRefused `unknown_card_token`, `card_token_used`, `card_forgotten`; VaultUnavailable.
   */
  claim(request: ClaimRequest): Promise<StagedCard>;
  /** A stored card by its token, and a page of them. @throws VaultUnavailable */
  card(request: CardRequest): Promise<CardAnswer>;
  cards(request: CardsRequest): Promise<CardsAnswer>;
  /** A one-time token, without using it up. @throws VaultUnavailable */
  cardToken(request: CardTokenRequest): Promise<CardTokenAnswer>;
  /** Hides a stored card from payments to come. @throws VaultRefused `unknown_token`; VaultUnavailable. */
  forget(request: ForgetRequest): Promise<ForgetAnswer>;
  /** From now on the vault knows a publishable key, its pages and its end as they are here. @throws VaultUnavailable */
  publish(request: PublishRequest): Promise<PublishAnswer>;
  close(): Promise<void>;
}

const CONNECTIONS = 32;
/** A merchant waits meanwhile; above the vault's own limits, so that its reason is heard. */
const CALL_LIMIT_MS = 8_000;

export function createVaultStage({
  url,
  tls,
}: {
  readonly url: string;
  readonly tls: TlsSource;
}): VaultStage {
  const http = createJsonClient({
    url,
    tls: { source: tls, server: VAULT_NAME },
    connections: CONNECTIONS,
    timeoutMs: CALL_LIMIT_MS,
    ...VAULT_FAILURES,
  });
  return {
    // Both sides are built from one contract file.
    stage: async (request) => (await http.post(VAULT_ROUTES.stage, request)) as StagedCard,
    claim: async (request) => (await http.post(VAULT_ROUTES.claim, request)) as StagedCard,
    card: async (request) => (await http.post(VAULT_ROUTES.card, request)) as CardAnswer,
    cards: async (request) => (await http.post(VAULT_ROUTES.cards, request)) as CardsAnswer,
    cardToken: async (request) => (await http.post(VAULT_ROUTES.cardToken, request)) as CardTokenAnswer,
    forget: async (request) => (await http.post(VAULT_ROUTES.forget, request)) as ForgetAnswer,
    publish: async (request) => (await http.post(VAULT_ROUTES.publish, request)) as PublishAnswer,
    close: () => http.close(),
  };
}
