import type { Caller } from './callers.ts';
import type { VaultOperation, VaultOperations } from './contract.ts';
import type { VaultDatabase } from './database.ts';
import { createDetokenize } from './detokenize.ts';
import type { Fingerprinter } from './fingerprint.ts';
import type { Sealing } from './sealing.ts';
import type { SecurityCodes } from './security-codes.ts';
import { createStage } from './stage.ts';
import { createTokenize } from './tokenize.ts';

/** Each operation, for a caller that may ask for it and a request that is well-formed. Throws what {@link problemOf} names. */
export type VaultService = {
  readonly [O in VaultOperation]: (
    request: VaultOperations[O]['request'],
    caller: Caller,
  ) => Promise<VaultOperations[O]['answer']>;
};

export interface VaultServiceParts {
  readonly database: VaultDatabase;
  readonly sealing: Sealing;
  readonly fingerprinter: Fingerprinter;
  readonly securityCodes: SecurityCodes;
  readonly cvvLifetimeMs: number;
}

export function createVaultService(parts: VaultServiceParts): VaultService {
  const { database, sealing, fingerprinter, securityCodes, cvvLifetimeMs } = parts;
  return {
    stage: createStage(database, sealing, fingerprinter, cvvLifetimeMs),
    tokenize: createTokenize(database, sealing),
    detokenize: createDetokenize(database, sealing),
    release: (request) => securityCodes.release(request),
    burn: (request) => securityCodes.burn(request),
  };
}
