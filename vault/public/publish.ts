import type { PublishAnswer, PublishRequest } from '../contract.ts';
import type { VaultDatabase } from '../database.ts';
import { VaultProblem } from '../problem.ts';

/** What ended stays ended, and ends no later than it was told before. A key never changes its merchant. */
const PUBLISH = `
  INSERT INTO vault.publishable_keys AS k (key, merchant, mode, origins, revoked_at) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (key) DO UPDATE SET origins = excluded.origins, revoked_at = least(k.revoked_at, excluded.revoked_at)
   WHERE k.merchant = excluded.merchant AND k.mode = excluded.mode
  RETURNING key`;

/** Takes a publishable key as the api has it. Asked again with the same it changes nothing. */
export function createPublish(database: VaultDatabase) {
  return async ({ key, merchant, mode, origins, until }: PublishRequest): Promise<PublishAnswer> => {
    const rows = await database.query('publish_key', PUBLISH, [key, merchant, mode, origins, until]);
    if (rows.length === 0)
      throw new VaultProblem('malformed', `the publishable key that ${merchant} names belongs to another`);
    return { published: true };
  };
}
