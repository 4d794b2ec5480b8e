import { ApplicationFailure } from '@temporalio/common';
import type {
  DetokenizeRequest,
  DetokenizedCard,
  ReleaseRequest,
  BurnRequest,
  TokenizeRequest,
} from '../../vault/contract.ts';
import type { VerificationVault } from '../../workflows/ports/card-verification.ts';
import type { VaultActivities } from '../../workflows/ports/vault.ts';
import { VaultRefused, VaultUnavailable, type VaultClient } from './client.ts';

export { createAttemptSigner } from './attempt-signer.ts';
export { createGrantSigner } from './grants.ts';
export { createFencing, createVerificationFencing } from './fencing.ts';
export { createGranting } from './granting.ts';
export { createVerificationGranting } from './verification-granting.ts';
export { createVaultClient, VaultRefused, VaultUnavailable, type VaultClient } from './client.ts';

/**
 * The vault as a workflow sees it. An unavailable vault is a retryable failure, so that the activity's
 * retry policy waits for it; a refusal is not retried, its problem code is the failure's first detail.
 */
export function createVaultActivities(
  client: Pick<VaultClient, 'tokenize' | 'release' | 'burn'>,
): Omit<VaultActivities, 'grant'> & VerificationVault {
  return {
    tokenize: (request: TokenizeRequest) => client.tokenize(request).catch(asFailure),
    release: async (request: ReleaseRequest) => {
      await client.release(request).catch(asFailure);
    },
    burn: async (request: BurnRequest) => {
      await client.burn(request).catch(asFailure);
    },
  };
}

/** What is not ours to name is a bug: thrown as it is, and retried as the policy says. */
function asFailure(error: unknown): never {
  if (error instanceof VaultUnavailable) throw ApplicationFailure.retryable(error.message, error.name);
  if (error instanceof VaultRefused)
    throw ApplicationFailure.nonRetryable(error.message, error.name, error.code);
  throw error;
}

/**
 * Where an acquirer adapter gets a card for one attempt. Throws VaultUnavailable or VaultRefused, before
 * anything was sent anywhere: the attempt is then certainly not executed.
 */
export interface VaultCardSource {
  detokenize(request: DetokenizeRequest): Promise<DetokenizedCard>;
  /** The attempt is proven unsent: its lease of the security code goes back, and it gets nothing any more. */
  release(request: ReleaseRequest): Promise<void>;
  /**
   * The attempt has an answer or may have been executed: the payment's security code is destroyed. With
   * `answered` that attempt is over as well: it gets no number any more.
   */
  burn(request: BurnRequest): Promise<void>;
}

export function createCardSource(
  client: Pick<VaultClient, 'detokenize' | 'release' | 'burn'>,
): VaultCardSource {
  return {
    detokenize: (request) => client.detokenize(request),
    release: async (request) => {
      await client.release(request);
    },
    burn: async (request) => {
      await client.burn(request);
    },
  };
}
