import { z } from 'zod';
import type { EffectKind, JournalReader } from './effect.ts';

/** As much of a line as matters here; what else it says is not looked at. */
const lineSchema = z.object({
  kind: z.string(),
  at: z.string(),
  key: z.string(),
  rrn: z.string(),
  originalRrn: z.string().nullable(),
  originalKey: z.string().nullable(),
  merchantAccount: z.string(),
  amount: z.number().int().min(0),
  currency: z.string(),
});

const KINDS: Readonly<Record<string, EffectKind | null>> = {
  approved: 'authorization',
  sale: 'sale',
  incremented: 'increment',
  captured: 'capture',
  refunded: 'refund',
  partially_voided: 'release',
  voided: 'void',
  reversed: 'reversal',
  increment_reversed: 'reversal',
  verified: null,
  nothing_to_reverse: null,
  not_found: null,
  declined: null,
};

/**
 * A message is named by its answer's type, STAN (11), transmission time (7), institution (32) and terminal
 * (41); what belongs together by the retrieval reference (37), a refund by that of what it gives back.
 */
export const iso8583Journal: JournalReader = {
  effectOf(line) {
    const { kind, at, key, rrn, originalRrn, originalKey, merchantAccount, amount, currency } =
      lineSchema.parse(JSON.parse(line));
    const effect = KINDS[kind];
    if (effect === undefined) throw new Error(`"${kind}" is no kind of line of an ISO 8583 journal`);
    if (effect === null) return null;
    return {
      account: merchantAccount.trimEnd(),
      reference: originalRrn ?? rrn,
      key,
      originalKey: effect === 'reversal' ? originalKey : null,
      kind: effect,
      amount: BigInt(amount),
      currency,
      at,
    };
  },
  // 0100 is answered with 0110, and so on.
  attemptKey: `substr(a.wire ->> 'mti', 1, 2) || chr(ascii(substr(a.wire ->> 'mti', 3, 1)) + 1) || '0|' || (a.wire ->> 'stan') || '|'
    || (a.wire ->> 'transmissionAt') || '|' || ltrim(a.wire ->> 'institution', '0') || '|' || rtrim(a.wire ->> 'terminal')`,
};
