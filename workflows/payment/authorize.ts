import { now } from '../clock.ts';
import type { CommandId } from '../domain/ids.ts';
import type { PaymentView } from '../domain/view.ts';
import { hasPatch } from '../has-patch.ts';
import type { PaymentRef } from '../ports/ledger.ts';
import { sendCurrentAttempt } from './send.ts';
import { fraud, ledger, routing, vault } from './ports.ts';
import type { Screen } from './screen.ts';

/**
 * Authorize, or sell, what the payment was created for: tokenize the card, score the risk, choose
 * the acquirer, commit the attempt with its compensation, and only then send it.
 */
export async function authorize(
  ref: PaymentRef,
  command: CommandId,
  view: PaymentView,
  screen: Screen,
): Promise<PaymentView> {
  if (now() >= view.authorizeBy) return abandon(ref, 'not_attempted');

  const card = await vault.tokenize({ ...ref, staging: view.staging });
  const risk = await fraud.score({ ...ref, card });
  if (risk.decision === 'block') return abandon(ref, 'blocked', { known: { card, risk } });

  const route = await routing.route({ ...ref, card, risk });
  screen.routed(route.decision);
  switch (route.kind) {
    case 'none':
      return abandon(ref, 'no_route', { known: { card, risk }, decision: route.decision });
    case 'later':
      return ledger.deferAuthorization({
        ...ref,
        at: now(),
        card,
        risk,
        until: route.at,
        decision: route.decision,
      });
    case 'account':
      return sendOrForget(
        ref,
        await ledger.beginAuthorization({ ...ref, at: now(), command, card, risk, route }),
        screen,
      );
  }
}

/**
 * Plan the next attempt of an authorization that was certainly not executed, or that another acquirer
 * may approve, while its time lasts.
 */
export async function retryAuthorization(
  ref: PaymentRef,
  view: PaymentView,
  screen: Screen,
): Promise<PaymentView> {
  const operation = view.operations.find(({ kind }) => kind === 'authorize');
  if (operation === undefined || view.card === null) return ledger.load(ref);
  if (now() >= view.authorizeBy) return abandon(ref, 'not_attempted');

  const { card } = view;
  const route = await routing.route({ ...ref, card, risk: null });
  screen.routed(route.decision);
  switch (route.kind) {
    case 'none':
      return abandon(ref, 'no_route', { decision: route.decision });
    case 'later':
      return ledger.deferAuthorization({
        ...ref,
        at: now(),
        card,
        risk: null,
        until: route.at,
        decision: route.decision,
      });
    case 'account':
      return sendOrForget(
        ref,
        await ledger.planNext({ ...ref, at: now(), operation: operation.id, route }),
        screen,
      );
  }
}

/**
 * Sends what was planned. Where the plan was refused nothing will be sent: the security code goes. Not so where it
 * was refused because the payment was paused meanwhile: it is sent when that goes on, or ends by its time.
 */
async function sendOrForget(ref: PaymentRef, planned: PaymentView, screen: Screen): Promise<PaymentView> {
  if (planned.operations.some(({ kind }) => kind === 'authorize'))
    return sendCurrentAttempt(ref, planned, 'authorize', screen);
  if (planned.createWaits !== true) await vault.burn(ref);
  return planned;
}

type Unsent = Parameters<typeof ledger.concludeUnsent>[0];

/**
 * Nothing was sent and nothing will be: end the payment and forget the security code. Where something is
 * at an acquirer after all nothing is ended, and its attempt keeps its code.
 */
async function abandon(
  ref: PaymentRef,
  code: Unsent['code'],
  { known = null, decision = null }: Partial<Pick<Unsent, 'known' | 'decision'>> = {},
): Promise<PaymentView> {
  const view = await ledger.concludeUnsent({ ...ref, at: now(), code, known, decision });
  const isAtAcquirer = view.operations.some(({ kind }) => kind === 'authorize');
  if (!isAtAcquirer || !hasPatch('security-code-after-outage')) await vault.burn(ref);
  return view;
}
