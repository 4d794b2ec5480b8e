import pg from 'pg';
import { isConnectionLost } from '../platform/database.ts';
import type { TooMany } from '../platform/http-json.ts';
import { KmsUnavailable, RetiredMasterKey } from '../platform/key-errors.ts';
import { storedCardDeleted } from './stored-cards.ts';
import { VaultRefused, VaultUnavailable } from './vault.ts';
import { Problem, unavailable } from './problem.ts';

/** Classes of SQLSTATE (PostgreSQL, appendix A) after which the same statement may succeed later. */
const UNAVAILABLE_SQLSTATES = /^(?:08|53|57)|^(?:40001|40P01|25P03)$/;
/** What the vault refuses for what the merchant sent. Everything else that it refuses is our fault. */
const VAULT_REFUSALS: Readonly<Record<string, keyof typeof TOKEN_DETAILS>> = {
  unknown_card_token: 'card_token_unknown',
  card_token_used: 'card_token_used',
  card_forgotten: 'stored_card_deleted',
};
const TOKEN_DETAILS = {
  card_token_unknown:
    'no card token of this merchant and mode is called so, or it ran out of time: have the customer enter the card again',
  card_token_used:
    'another request used this card token: repeat that request with its own Idempotency-Key, or have the customer enter the card again',
  stored_card_deleted: storedCardDeleted().message,
} as const;

/** What an error means to the caller. Whatever is not known to pass is ours, and says nothing about itself. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof VaultUnavailable)
    return error.tooMany === null ? unavailable('the card vault', error) : tooManyCards(error, error.tooMany);
  if (error instanceof VaultRefused) {
    const code = VAULT_REFUSALS[error.code];
    if (code !== undefined) return new Problem(code, TOKEN_DETAILS[code]);
  }
  if (isDatabaseUnavailable(error)) return unavailable('the database', error);
  if (isKeyServiceUnavailable(error)) return unavailable('the key service', error);
  return (
    fromHttp(error) ??
    new Problem('internal_error', 'an error that nobody expected; it is in our log under this request_id', {
      cause: error,
    })
  );
}

/** By its own rates and alarms. Why is the vault's: whoever tries cards is not told what was noticed. */
function tooManyCards(cause: VaultUnavailable, { retryAfterS }: TooMany): Problem {
  return new Problem(
    'rate_limited',
    `the card vault does not answer for cards now: send the same request again in ${retryAfterS} s, with its Idempotency-Key where it has one`,
    { headers: { 'retry-after': String(retryAfterS) }, cause },
  );
}

function isDatabaseUnavailable(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return UNAVAILABLE_SQLSTATES.test(error.code ?? '');
  return isConnectionLost(error);
}

/** It is away, or the master key was turned while a secret was sealed. */
function isKeyServiceUnavailable(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return error.code === RetiredMasterKey.sqlState;
  return error instanceof KmsUnavailable;
}

/** Errors that express throws before a route is entered. */
function fromHttp(error: unknown): Problem | null {
  if (!(error instanceof Error) || !('status' in error)) return null;
  if (error.status === 400)
    return new Problem('malformed_request', 'the request cannot be read', {
      headers: { connection: 'close' },
    });
  return null;
}
