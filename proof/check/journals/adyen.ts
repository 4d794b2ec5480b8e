import { z } from 'zod';
import type { EffectKind, JournalReader } from './effect.ts';

/** As much of a line as matters here; what else it says is not looked at. */
const lineSchema = z.object({
  kind: z.string(),
  at: z.string(),
  merchantAccount: z.string(),
  payment: z.string().nullable(),
  amount: z.number().int().min(0),
  currency: z.string().nullable(),
  attempt: z.string().nullable(),
  paymentAfter: z.object({ reference: z.string() }).nullable(),
});

const KINDS: Readonly<Record<string, EffectKind | null>> = {
  approved: 'authorization',
  sale: 'sale',
  captured: 'capture',
  refunded: 'refund',
  voided: 'void',
  partially_voided: 'release',
  reversed: 'reversal',
  declined: null,
  open: null,
  // Taken, and not done: a line of its own tells how it ended.
  received: null,
  refused: null,
  failed: null,
  // Stand beside the journal, as what an acquirer reported later does in the books.
  capture_failed: null,
  refund_failed: null,
};

/** Written with two decimals although they have none (docs.adyen.com, currency codes). */
const WRITTEN_WITH_TWO: ReadonlySet<string> = new Set(['CLP', 'ISK']);
/** Have two decimals in ISO 4217 and are written without. */
const WRITTEN_WITHOUT: ReadonlySet<string> = new Set(['CVE', 'IDR']);

/**
 * Whatever is asked is called by the attempt's id, and so is the payment itself: a reversal undoes what its
 * payment is called. What belongs together has one pspReference.
 */
export const adyenJournal: JournalReader = {
  effectOf(line) {
    const { kind, at, merchantAccount, payment, amount, currency, attempt, paymentAfter } = lineSchema.parse(
      JSON.parse(line),
    );
    const effect = KINDS[kind];
    if (effect === undefined) throw new Error(`"${kind}" is no kind of line of an Adyen journal`);
    if (effect === null) return null;
    if (payment === null || currency === null || attempt === null || paymentAfter === null)
      throw new Error(`a line "${kind}" names no payment, no currency or nobody who asked`);
    return {
      account: merchantAccount,
      reference: payment,
      key: attempt,
      originalKey: effect === 'reversal' ? paymentAfter.reference : null,
      kind: effect,
      ...minorOf(amount, currency),
      at,
    };
  },
  attemptKey: 'a.id',
};

function minorOf(amount: number, currency: string): { amount: bigint; currency: string } {
  if (WRITTEN_WITH_TWO.has(currency)) return { amount: BigInt(amount) / 100n, currency };
  return { amount: WRITTEN_WITHOUT.has(currency) ? BigInt(amount) * 100n : BigInt(amount), currency };
}
