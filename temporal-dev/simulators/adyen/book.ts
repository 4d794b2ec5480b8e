import { createKeyStore, type KeyStore } from '../http/keys.ts';
import type { AdyenEntry, ModificationState, PaymentState } from './journal-entry.ts';

/** The state of the acquirer: a fold over its journal. */
export interface Book {
  apply(entry: AdyenEntry): void;
  payment(account: string, pspReference: string): PaymentState | null;
  /** The newest that the merchant calls so. */
  paymentCalled(account: string, reference: string): PaymentState | null;
  modification(pspReference: string): ModificationState | null;
  /** Since when (epoch ms), and what: all that is received and not settled. */
  received(): readonly { readonly at: number; readonly modification: ModificationState }[];
  readonly keys: Pick<KeyStore, 'recall'>;
  payments(): readonly PaymentState[];
}

export function createBook(keyLifetimeMs: number): Book {
  const payments = new Map<string, PaymentState>();
  const modifications = new Map<string, { readonly at: number; readonly modification: ModificationState }>();
  const keys = createKeyStore(keyLifetimeMs);
  return {
    apply(entry) {
      const { merchantAccount, key, bodyHash, status, reply, paymentAfter, modificationAfter } = entry;
      const at = Date.parse(entry.at);
      if (paymentAfter !== null) payments.set(paymentAfter.pspReference, paymentAfter);
      if (modificationAfter !== null)
        modifications.set(modificationAfter.pspReference, { at, modification: modificationAfter });
      if (key !== null && bodyHash !== null && status !== null && reply !== null)
        keys.remember(merchantAccount, key, { bodyHash, status, reply, at });
    },
    payment(account, pspReference) {
      const found = payments.get(pspReference);
      return found?.account === account ? found : null;
    },
    paymentCalled: (account, reference) =>
      [...payments.values()].findLast((one) => one.account === account && one.reference === reference) ??
      null,
    modification: (pspReference) => modifications.get(pspReference)?.modification ?? null,
    received: () =>
      [...modifications.values()].filter(({ modification }) => modification.status === 'received'),
    keys,
    payments: () => [...payments.values()],
  };
}
