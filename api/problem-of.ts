import pg from 'pg';
import { isConnectionLost } from '../platform/database.ts';
import { VaultUnavailable } from './vault.ts';
import { Problem, unavailable } from './problem.ts';

/** Classes of SQLSTATE (PostgreSQL, appendix A) after which the same statement may succeed later. */
const UNAVAILABLE_SQLSTATES = /^(?:08|53|57)|^(?:40001|40P01|25P03)$/;
/** What an error means to the caller. Whatever is not known to pass is ours, and says nothing about itself. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof VaultUnavailable) return unavailable('the card vault', error);
  if (isDatabaseUnavailable(error)) return unavailable('the database', error);
  return (
    fromHttp(error) ??
    new Problem('internal_error', 'an error that nobody expected; it is in our log under this request_id', {
      cause: error,
    })
  );
}

function isDatabaseUnavailable(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return UNAVAILABLE_SQLSTATES.test(error.code ?? '');
  return isConnectionLost(error);
}

/** Errors that express and its body parser throw before a route is entered. */
function fromHttp(error: unknown): Problem | null {
  if (!(error instanceof Error) || !('status' in error)) return null;
  if (error.status === 413) {
    return new Problem('body_too_large', 'the body is larger than 64 KiB', {
      headers: { connection: 'close' },
    });
  }
  if (error.status === 415)
    return new Problem('unsupported_media_type', 'send the body uncompressed, as application/json in UTF-8');
  if (error.status === 400)
    return new Problem('malformed_request', 'the request cannot be read', {
      headers: { connection: 'close' },
    });
  return null;
}
