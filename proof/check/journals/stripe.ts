import { z } from 'zod';
import type { EffectKind, JournalReader } from './effect.ts';

/** As much of a line as matters here; what else it says is not looked at. */
const lineSchema = z.object({
  kind: z.string(),
  at: z.string(),
  merchantAccount: z.string(),
  intent: z.string().nullable(),
  amount: z.number().int().min(0),
  currency: z.string().nullable(),
  attempt: z.string().nullable(),
  key: z.string().nullable(),
});

const KINDS: Readonly<Record<string, EffectKind | null>> = {
  approved: 'authorization',
  sale: 'sale',
  captured: 'capture',
  released: 'release',
  voided: 'void',
  refunded: 'refund',
  created: null,
  declined: null,
  canceled: null,
  // Held by Stripe; a line of its own tells how it ended.
  refund_pending: null,
  refund_failed: null,
  refused: null,
  failed: null,
};

/** Written with two decimals although they have none (docs.stripe.com/currencies, special cases). */
const WRITTEN_WITH_TWO: ReadonlySet<string> = new Set(['ISK', 'UGX']);
/** Has two decimals in ISO 4217 and is written without. */
const WRITTEN_WITHOUT: ReadonlySet<string> = new Set(['MGA']);

/**
 * A request is named by the attempt that its idempotency key begins with; what nobody asked for (a refund
 * that settles) by the attempt in its metadata. What belongs together has one payment intent.
 */
export const stripeJournal: JournalReader = {
  effectOf(line) {
    const { kind, at, merchantAccount, intent, amount, currency, attempt, key } = lineSchema.parse(
      JSON.parse(line),
    );
    const effect = KINDS[kind];
    if (effect === undefined) throw new Error(`"${kind}" is no kind of line of a Stripe journal`);
    if (effect === null) return null;
    if (intent === null || currency === null)
      throw new Error(`a line "${kind}" names no intent or no currency`);
    return {
      account: merchantAccount,
      reference: intent,
      key: key?.split(':')[0] ?? attempt ?? intent,
      originalKey: null,
      kind: effect,
      ...minorOf(amount, currency.toUpperCase()),
      at,
    };
  },
  attemptKey: 'a.id',
};

function minorOf(amount: number, currency: string): { amount: bigint; currency: string } {
  if (WRITTEN_WITH_TWO.has(currency)) return { amount: BigInt(amount) / 100n, currency };
  return { amount: WRITTEN_WITHOUT.has(currency) ? BigInt(amount) * 100n : BigInt(amount), currency };
}
