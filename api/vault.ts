import { createJsonClient } from '../platform/http-json.ts';
import type { StageRequest, StagedCard } from '../vault/contract.ts';
import { VAULT_FAILURES, VAULT_ROUTES, VaultRefused, VaultUnavailable } from '../vault/contract.ts';

export { VaultRefused, VaultUnavailable };

/** The API's one use of the vault: a raw card goes in, and only a one-time id comes back. */
export interface VaultStage {
  /**
   * Same merchant, idempotency key and card: same staging id, also after a lost answer.
   * @throws VaultUnavailable: nothing was lost, the merchant may ask again.
   * @throws VaultRefused with its code: `malformed` when the card has a shape that the API let through.
   */
  stage(request: StageRequest): Promise<StagedCard>;
  close(): Promise<void>;
}

const CONNECTIONS = 32;
/** A merchant waits meanwhile; above the vault's own limits, so that its reason is heard. */
const CALL_LIMIT_MS = 8_000;

export function createVaultStage({
  url,
  secret,
}: {
  readonly url: string;
  readonly secret: string;
}): VaultStage {
  const http = createJsonClient({
    url,
    secret,
    connections: CONNECTIONS,
    timeoutMs: CALL_LIMIT_MS,
    ...VAULT_FAILURES,
  });
  return {
    // Both sides are built from one contract file.
    stage: async (request) => (await http.post(VAULT_ROUTES.stage, request)) as StagedCard,
    close: () => http.close(),
  };
}
