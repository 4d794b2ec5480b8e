import { HEAD_COLUMNS, type SealChain, type SealHead } from '../../platform/seals/sealer.ts';
import type { VaultDatabase } from '../database.ts';

/** The chain over the audit log, as the vault's own role may extend it: by the database's function alone. */
export function auditChain(database: VaultDatabase): SealChain {
  return {
    name: 'audit',
    verifyWith: 'npm run vault:audit-verify',
    async seal(atMost) {
      const [row] = await database.query<{ rows: number }>(
        'seal_audit',
        'SELECT rows FROM vault.seal_audit($1)',
        [atMost],
      );
      return row?.rows ?? null;
    },
    async head(published) {
      const [row] = await database.query<SealHead & { readonly kept: boolean }>(
        'audit_head',
        `SELECT ${HEAD_COLUMNS},
                $1::bigint IS NULL OR EXISTS (SELECT FROM vault.audit_seals WHERE number = $1 AND seal = decode($2, 'hex')) AS kept
           FROM vault.audit_seals ORDER BY audit_seals.number DESC LIMIT 1`,
        [published?.number ?? null, published?.seal ?? null],
      );
      if (row === undefined) return null;
      const { kept, ...newest } = row;
      return { newest, kept };
    },
  };
}
