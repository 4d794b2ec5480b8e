import type pg from 'pg';
import { newId } from '../../platform/new-id.ts';
import type { MerchantId, VerificationId } from '../../workflows/domain/ids.ts';

/** A card verification in test mode that nobody works on. */
export async function addVerification(database: pg.Pool, merchant: MerchantId): Promise<VerificationId> {
  const id = newId('ver');
  await database.query(
    `insert into card_verifications (merchant_id, id, mode, currency, staging_id, verify_by)
     values ($1, $2, 'test', 'EUR', 'stg_1', now() + interval '10 minutes')`,
    [merchant, id],
  );
  return id;
}
