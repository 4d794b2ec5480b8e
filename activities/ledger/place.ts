import type pg from 'pg';
import type { Change } from '../../workflows/domain/change.ts';
import type { AcquirerAccountId, MerchantId } from '../../workflows/domain/ids.ts';
import { POLICIES } from '../../workflows/domain/inquiry.ts';
import { attemptOf, authorizationAttempt, type PaymentState } from '../../workflows/domain/payment.ts';
import { undoneCaptures } from '../../workflows/domain/undo.ts';
import type { Iso8583Account, WirePlanner } from '../../workflows/ports/wire.ts';
import type { RecordContext } from './record.ts';

interface AccountRow {
  id: AcquirerAccountId;
  acquirer_id: string;
  wire: string;
  institution: string | null;
  merchant_account: string;
  terminals: string[] | null;
  mcc: string;
  acceptor_name: string | null;
}

/**
 * Where a change's new attempt goes and what will be on the wire. A follow-up goes where its
 * original went, also when that account takes no new payments any more.
 */
export async function placeAttempt(
  pool: pg.Pool,
  planners: Readonly<Record<string, WirePlanner>>,
  state: PaymentState,
  { newAttempt }: Change,
  chosen: AcquirerAccountId | null,
  now: number,
): Promise<RecordContext['placed']> {
  if (newAttempt === null) return null;
  const original = attemptOf(state, newAttempt.original);
  const accountId = original?.account ?? chosen;
  if (accountId === null) throw new Error(`attempt ${newAttempt.id} has neither an original nor a route`);
  const renewed = newAttempt.kind === 'authorization' ? authorizationAttempt(state) : null;
  const account = await readAccount(pool, state.payment.merchant, accountId);
  const planner = planners[account.wire];
  if (planner === undefined)
    throw new Error(`acquirer ${account.acquirer_id} speaks ${account.wire}, which no planner here knows`);
  const wire = await planner.plan({
    account: {
      id: account.id,
      acquirer: account.acquirer_id,
      merchantAccount: account.merchant_account,
      mcc: account.mcc,
      iso8583: iso8583Of(account),
    },
    kind: newAttempt.kind,
    amount: newAttempt.amount,
    currency: state.payment.currency,
    at: new Date(now),
    original:
      original === null
        ? null
        : {
            id: original.id,
            kind: original.kind,
            amount: original.amount,
            wire: original.wire,
            approvalCode: original.approvalCode,
            networkReference: original.networkReference,
            acquirerReference: original.acquirerReference,
          },
    standing: {
      authorized: state.payment.amountAuthorized,
      captured: state.payment.amountCaptured,
      undone: original === null ? 0n : undoneCaptures(state, original.id),
    },
    remaining: newAttempt.kind === 'partial_void' ? state.payment.amountCaptured : null,
    // The whole that is held is named when that is what is undone; an increment is undone alone.
    ...(newAttempt.original !== null && newAttempt.original === state.payment.authorizationAttempt
      ? { authorized: state.payment.amountAuthorized }
      : {}),
    ...(renewed === null ? {} : { renews: { networkReference: renewed.networkReference } }),
    authorizationType: state.payment.authorizationType,
  });
  const onUnknown = POLICIES[planner.capabilities.inquiry][newAttempt.kind];
  return { acquirer: account.acquirer_id, account: account.id, wire, onUnknown };
}

function iso8583Of({
  institution,
  terminals,
  acceptor_name: acceptorName,
}: AccountRow): Iso8583Account | null {
  if (institution === null || terminals === null || acceptorName === null) return null;
  return { institution, terminals, acceptorName };
}

async function readAccount(pool: pg.Pool, merchant: MerchantId, id: AcquirerAccountId): Promise<AccountRow> {
  const { rows } = await pool.query<AccountRow>({
    name: 'read_acquirer_account',
    text: `select a.id, a.acquirer_id, q.wire, a.institution, a.merchant_account, a.terminals, a.mcc, a.acceptor_name
           from merchant_acquirer_accounts a join acquirers q on q.id = a.acquirer_id
           where a.merchant_id = $1 and a.id = $2`,
    values: [merchant, id],
  });
  const [row] = rows;
  if (row === undefined) throw new Error(`acquirer account ${id} of ${merchant} does not exist`);
  return row;
}
