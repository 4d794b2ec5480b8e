import type pg from 'pg';
import type { Grant } from '../../vault/grants/form.ts';
import type { AcquirerAccountId, MerchantId } from '../../workflows/domain/ids.ts';
import type { GrantSigner } from './grants.ts';

/** Signs grants for attempts, of which it finds out whose account they are sent to. */
export interface AttemptSigner {
  /** As {@link GrantSigner.ready}. */
  readonly ready: () => Promise<void>;
  /** Throws as `ready`, and what the database throws. */
  readonly sign: (about: Omit<Grant, 'issued' | 'expires' | 'acquirer'>) => Promise<string>;
}

/** Accounts that are remembered; the one that was asked about first is forgotten first. */
const ACCOUNTS_HELD = 10_000;

/** An account stays its acquirer's, so the table is asked once for each. */
export function createAttemptSigner(
  signer: Pick<GrantSigner, 'ready' | 'sign'>,
  database: Pick<pg.Pool, 'query'>,
): AttemptSigner {
  const known = new Map<AcquirerAccountId, string>();

  async function acquirerOf(merchant: MerchantId, account: AcquirerAccountId): Promise<string> {
    const found = known.get(account);
    if (found !== undefined) return found;
    const { rows } = await database.query<{ acquirer_id: string }>({
      name: 'acquirer_of_account',
      text: 'select acquirer_id from merchant_acquirer_accounts where merchant_id = $1 and id = $2',
      values: [merchant, account],
    });
    const [row] = rows;
    if (row === undefined)
      throw new Error(`account ${account} of ${merchant} is in no row: no grant can say whose it is`);
    known.set(account, row.acquirer_id);
    for (const first of known.keys()) {
      if (known.size <= ACCOUNTS_HELD) break;
      known.delete(first);
    }
    return row.acquirer_id;
  }

  return {
    ready: () => signer.ready(),
    sign: async (about) =>
      signer.sign({ ...about, acquirer: await acquirerOf(about.merchant, about.account) }),
  };
}
