import type { Rotate } from '../platform/key-rotation/rotation.ts';
import type { Alarms } from './alarms.ts';
import type { Caller } from './callers.ts';
import { createClaim } from './claim.ts';
import { createStoredCards } from './stored-cards.ts';
import type { VaultOperation, VaultOperations } from './contract.ts';
import type { VaultDatabase } from './database.ts';
import { createDetokenize } from './detokenize.ts';
import type { Fingerprinter } from './fingerprint.ts';
import type { GrantVerifier } from './grants/verifier.ts';
import type { NumericTokenOf } from './numeric-tokens.ts';
import { createPublish } from './public/publish.ts';
import type { Retention } from './retention/retention.ts';
import type { Sealing } from './sealing.ts';
import type { SecurityCodes } from './security-codes.ts';
import type { SpeaksFor } from './speaks-for.ts';
import { createStage } from './stage.ts';
import { createTokenize } from './tokenize.ts';

/** Each operation, for a caller that may ask for it and a request that is well-formed. Throws what {@link problemOf} names. */
export type VaultService = {
  readonly [O in VaultOperation]: (
    request: VaultOperations[O]['request'],
    caller: Caller,
    speaksFor: SpeaksFor,
  ) => Promise<VaultOperations[O]['answer']>;
};

export interface VaultServiceParts {
  readonly database: VaultDatabase;
  readonly sealing: Sealing;
  readonly fingerprinter: Fingerprinter;
  readonly securityCodes: SecurityCodes;
  readonly grants: GrantVerifier;
  readonly alarms: Pick<Alarms, 'staged'>;
  readonly cvvLifetimeMs: number;
  readonly numericTokenOf: NumericTokenOf;
  readonly rotate: Rotate;
  readonly retention: Retention;
}

export function createVaultService(parts: VaultServiceParts): VaultService {
  const { database, sealing, fingerprinter, securityCodes, grants, alarms, cvvLifetimeMs } = parts;
  const { rotate, retention } = parts;
  const stored = createStoredCards(database);
  const stage = createStage(database, sealing, fingerprinter, cvvLifetimeMs);
  return {
    stage: (request, caller) =>
      stage(request, (card) => {
        alarms.staged(caller, request, card, card.fingerprint);
      }),
    claim: createClaim(database, sealing, stage, alarms),
    tokenize: createTokenize(database, sealing, parts.numericTokenOf),
    detokenize: createDetokenize(database, sealing, grants),
    release: (request) => securityCodes.release(request),
    burn: (request) => securityCodes.burn(request),
    rekey: ({ rotation, after }) => rotate(rotation, after),
    card: (request) => stored.card(request),
    cards: (request) => stored.cards(request),
    cardToken: (request) => stored.cardToken(request),
    forget: (request, caller) => retention.forget(request, caller),
    forgotten: (request) => retention.forgotten(request),
    destroy: (request, caller) => retention.destroy(request, caller),
    publish: createPublish(database),
  };
}
