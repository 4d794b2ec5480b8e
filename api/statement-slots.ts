import { Problem } from './problem.ts';
import { createSlots, type Slots } from './slots.ts';

/** Each statement holds a connection for as long as its reader takes: payments need the others. */
const PER_PROCESS = 4;
const PER_MERCHANT = 2;
const RETRY_AFTER_S = '10';

/** Who reads a statement now, in this process; refuses with `too_many_statements`. */
export type StatementSlots = Slots;

export function createStatementSlots(): StatementSlots {
  return createSlots({
    perMerchant: PER_MERCHANT,
    perProcess: PER_PROCESS,
    refuse: (own) =>
      new Problem(
        'too_many_statements',
        own
          ? `${PER_MERCHANT} statements are being read with keys of this merchant: finish one, then send this again`
          : 'other statements are being read: send this again in a few seconds',
        { headers: { 'retry-after': RETRY_AFTER_S } },
      ),
  });
}
