import type { CommandId } from '../domain/ids.ts';
import type { PaymentView } from '../domain/view.ts';
import type { PaymentRef } from '../ports/ledger.ts';
import { sendCurrentAttempt } from './send.ts';
import { fraud, ledger, routing, vault } from './ports.ts';

/**
 * Authorize, or sell, what the payment was created for: tokenize the card, score the risk, choose
 * the acquirer, commit the attempt with its compensation, and only then send it.
 */
export async function authorize(
  ref: PaymentRef,
  command: CommandId,
  view: PaymentView,
): Promise<PaymentView> {
  if (Date.now() >= view.authorizeBy) return abandon(ref, 'not_attempted');

  const card = await vault.tokenize({ ...ref, staging: view.staging });
  const risk = await fraud.score({ ...ref, card });
  if (risk.decision === 'block') return abandon(ref, 'blocked', { card, risk });

  const route = await routing.route({ ...ref, card });
  if (route === null) return abandon(ref, 'no_route', { card, risk });

  const begun = await ledger.beginAuthorization({ ...ref, at: Date.now(), command, card, risk, route });
  return sendCurrentAttempt(ref, begun, 'authorize');
}

/** Plan the next attempt of an authorization that was certainly not executed, while its time lasts. */
export async function retryAuthorization(ref: PaymentRef, view: PaymentView): Promise<PaymentView> {
  const operation = view.operations.find(({ kind }) => kind === 'authorize');
  if (operation === undefined || view.card === null) return ledger.load(ref);
  if (Date.now() >= view.authorizeBy) return abandon(ref, 'not_attempted');

  const route = await routing.route({ ...ref, card: view.card });
  if (route === null) return abandon(ref, 'no_route');

  const planned = await ledger.planNext({ ...ref, at: Date.now(), operation: operation.id, route });
  return sendCurrentAttempt(ref, planned, 'authorize');
}

type Unsent = Parameters<typeof ledger.concludeUnsent>[0];

/** Nothing was sent and nothing will be: end the payment and forget the security code. */
async function abandon(
  ref: PaymentRef,
  code: Unsent['code'],
  known: Unsent['known'] = null,
): Promise<PaymentView> {
  const view = await ledger.concludeUnsent({ ...ref, at: Date.now(), code, known });
  await vault.burn(ref);
  return view;
}
