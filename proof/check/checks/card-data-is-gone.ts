import { connect } from '../session.ts';
import { nothingFound, TOLD, type Check } from '../check.ts';

/** The sweeper passes every minute; a code that is older than that by so much was not swept. */
const SWEPT_WITHIN = `interval '3 minutes'`;

/** A security code does not outlive its time. */
export const cardDataIsGone: Check = {
  number: 14,
  name: 'card-data-is-gone',
  promise: 'no security code is staged past its time, and no card number is where none may be',
  async run({ sources }) {
    if (sources.vaultUrl === null) return { checked: false, why: 'the vault’s database is not known' };
    const vault = await connect(sources.vaultUrl, 'proof-check');
    try {
      const { rows } = await vault.query<{ payment: string | null; what: string; total: string }>(
        `select payment, format('the security code of %s was to be gone at %s', staging, expires_at) as what, count(*) over () as total
         from vault.security_codes where expires_at < now() - ${SWEPT_WITHIN} order by staging limit ${TOLD}`,
      );
      const { rows: counted } = await vault.query<{ count: string }>(
        'select count(*) from vault.security_codes',
      );
      return {
        ...nothingFound(BigInt(counted[0]?.count ?? 0), 'staged security codes'),
        violations: rows.map(({ payment, what }) => ({ payment, what, records: null })),
        violationCount: Number(rows[0]?.total ?? 0),
        notChecked: [
          'canaries: npm run proof:canary searches databases, histories, logs and files for card numbers, codes and keys, not this',
        ],
      };
    } finally {
      await vault.end();
    }
  },
};
