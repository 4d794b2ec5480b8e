import type pg from 'pg';
import type { LoadedVerification } from '../../schema/load-verification.ts';
import type { AcquirerAccountId } from '../../workflows/domain/ids.ts';
import type {
  AcquirerAccount,
  VerificationPlan,
  WireFields,
  WirePlanner,
} from '../../workflows/ports/wire.ts';

interface AccountRow {
  readonly id: AcquirerAccountId;
  readonly acquirer_id: string;
  readonly wire: string;
  readonly institution: string | null;
  readonly merchant_account: string;
  readonly terminals: string[] | null;
  readonly mcc: string;
  readonly acceptor_name: string | null;
}

/** An account that can be asked, and how the question is put. */
export interface ChosenAccount {
  readonly account: AcquirerAccount;
  readonly plan: (request: VerificationPlan) => Promise<WireFields>;
}

/** In force, not in a maintenance window, and able to by their contract; whether the wire is, its planner says. */
const ABLE = `
  select a.id, a.acquirer_id, q.wire, a.institution, a.merchant_account, a.terminals, a.mcc, a.acceptor_name
  from merchant_acquirer_accounts a join acquirers q on q.id = a.acquirer_id
  where a.merchant_id = $1 and a.mode = $2 and $3 = any (a.currencies) and $4 = any (a.brands) and 'verification' = any (a.capabilities)
    and a.valid_from <= now() and (a.valid_to is null or a.valid_to > now())
    and not exists (select from acquirer_maintenance w where w.acquirer_id = a.acquirer_id and w.starts_at <= now() and w.ends_at > now())
  order by a.id`;

/**
 * The account that is asked next: the one that this verification has asked least, of those the first. Null when
 * no account of the merchant can verify such a card.
 */
export async function chooseAccount(
  pool: Pick<pg.Pool, 'query'>,
  planners: Readonly<Record<string, WirePlanner>>,
  { shown, view }: LoadedVerification,
  { brand }: { readonly brand: string },
): Promise<ChosenAccount | null> {
  const { rows } = await pool.query<AccountRow>({
    name: 'accounts_that_verify',
    text: ABLE,
    values: [shown.merchant, shown.mode, shown.currency, brand],
  });
  const askedOf = (id: AcquirerAccountId): number =>
    view.attempts.filter(({ account }) => account === id).length;
  const able = rows.flatMap((row) => {
    const plan = planners[row.wire]?.planVerification ?? null;
    return plan === null ? [] : [{ account: accountOf(row), plan, asked: askedOf(row.id) }];
  });
  const fewest = Math.min(...able.map(({ asked }) => asked));
  return able.find(({ asked }) => asked === fewest) ?? null;
}

function accountOf(row: AccountRow): AcquirerAccount {
  const { institution, terminals, acceptor_name: acceptorName } = row;
  return {
    id: row.id,
    acquirer: row.acquirer_id,
    merchantAccount: row.merchant_account,
    mcc: row.mcc,
    iso8583:
      institution === null || terminals === null || acceptorName === null
        ? null
        : { institution, terminals, acceptorName },
  };
}
