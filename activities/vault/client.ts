import { createJsonClient } from '../../platform/http-json.ts';
import type { TlsSource } from '../../platform/tls.ts';
import type { VaultOperation, VaultOperations } from '../../vault/contract.ts';
import {
  VAULT_FAILURES,
  VAULT_NAME,
  VAULT_ROUTES,
  VaultRefused,
  VaultUnavailable,
} from '../../vault/contract.ts';

export { VaultRefused, VaultUnavailable };

export interface VaultClientOptions {
  readonly url: string;
  /** Says which kind of caller this process is; the caller closes it. */
  readonly tls: TlsSource;
}

/** What a worker may ask of the vault; which of these a worker is allowed, the vault decides by its certificate. */
type WorkerOperation = Exclude<
  VaultOperation,
  'stage' | 'claim' | 'publish' | 'card' | 'cards' | 'cardToken'
>;

/** Throws VaultUnavailable (ask again) or VaultRefused (final). */
export type VaultClient = {
  readonly [O in WorkerOperation]: (
    request: VaultOperations[O]['request'],
  ) => Promise<VaultOperations[O]['answer']>;
} & { close(): Promise<void> };

/** One call holds a socket for a few ms: 32 sockets serve a worker with hundreds of payments in flight. */
const CONNECTIONS = 32;
/** Above the vault's own limits for its database and the key service, so that its reason is heard. */
const CALL_LIMIT_MS = 8_000;

export function createVaultClient({ url, tls }: VaultClientOptions): VaultClient {
  const http = createJsonClient({
    url,
    tls: { source: tls, server: VAULT_NAME },
    connections: CONNECTIONS,
    timeoutMs: CALL_LIMIT_MS,
    ...VAULT_FAILURES,
  });
  const operation =
    <O extends WorkerOperation>(name: O) =>
    async (request: VaultOperations[O]['request']): Promise<VaultOperations[O]['answer']> =>
      // Both sides are built from one contract file.
      (await http.post(VAULT_ROUTES[name], request)) as VaultOperations[O]['answer'];
  return {
    tokenize: operation('tokenize'),
    detokenize: operation('detokenize'),
    release: operation('release'),
    burn: operation('burn'),
    rekey: operation('rekey'),
    forget: operation('forget'),
    forgotten: operation('forgotten'),
    destroy: operation('destroy'),
    close: () => http.close(),
  };
}
