import { checkCursor } from './cursor.ts';
import type pg from 'pg';
import { loadVerification, loadVerifications } from '../../schema/load-verification.ts';
import { verificationResource } from '../../workflows/domain/card-verification.ts';
import type { VerificationId } from '../../workflows/domain/ids.ts';
import type { Credential } from '../auth/api-key.ts';
import { pageOf } from '../ledger/page.ts';
import type { ListVerifications } from '../schemas/card-verifications.ts';
import { KeysetQuery, type SqlQuery } from './keyset.ts';

/** The verification as it stands; null when this merchant has none with this id in this mode. */
export async function readVerification(
  database: pg.Pool,
  { merchant, mode }: Credential,
  id: VerificationId,
): Promise<Record<string, unknown> | null> {
  const found = await loadVerification(database, merchant, id, mode);
  return found === null ? null : verificationResource(found.shown);
}

/**
 * One page of the merchant's card verifications, newest first.
 * @throws Problem when the cursor is none of this key's verifications.
 */
export async function listVerifications(
  database: pg.Pool,
  credential: Credential,
  wish: ListVerifications,
): Promise<Record<string, unknown>> {
  await checkCursor(
    wish,
    'card verification that belongs to this key',
    async (cursor) => (await readVerification(database, credential, cursor)) !== null,
  );
  const { rows } = await database.query<{ id: VerificationId }>(listQuery(credential, wish));
  const loaded = await loadVerifications(
    database,
    credential.merchant,
    rows.map(({ id }) => id),
  );
  const byId = new Map(loaded.map(({ shown }) => [shown.id, shown]));
  return pageOf(wish, rows, ({ id }) => {
    const shown = byId.get(id);
    if (shown === undefined) throw new Error(`card verification ${id} was listed and is not there`);
    return verificationResource(shown);
  });
}

function listQuery({ merchant, mode }: Credential, wish: ListVerifications): SqlQuery {
  const query = new KeysetQuery('v.id');
  query.equal('v.merchant_id', merchant);
  query.equal('v.mode', mode);
  query.created('v.created_at', 'ver', wish.created);
  query.equal('v.status', wish.status);
  query.equal('v.card_fingerprint', wish.card_fingerprint);
  return query.page('v.id', 'card_verifications v', wish);
}
