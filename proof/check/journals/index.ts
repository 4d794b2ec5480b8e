import { adyenJournal } from './adyen.ts';
import type { JournalReader } from './effect.ts';
import { iso8583Journal } from './iso8583.ts';
import { stripeJournal } from './stripe.ts';

/** The reader of each wire whose journal is known (`acquirers.wire`). */
const READERS: Readonly<Record<string, JournalReader>> = {
  iso8583: iso8583Journal,
  stripe: stripeJournal,
  adyen: adyenJournal,
};

/** Null when nobody has written a reader for that wire yet. */
export function journalReader(wire: string): JournalReader | null {
  return READERS[wire] ?? null;
}
