import type { MerchantId } from '../workflows/domain/ids.ts';
import { Problem } from './problem.ts';

/** Each statement holds a connection for as long as its reader takes: payments need the others. */
const PER_PROCESS = 4;
const PER_MERCHANT = 2;
const RETRY_AFTER_S = '10';

/** Who reads a statement now, in this process. */
export interface StatementSlots {
  /**
   * Takes a place, and answers how to give it back.
   * @throws Problem `too_many_statements` when there is none for this merchant.
   */
  take(merchant: MerchantId): () => void;
}

export function createStatementSlots(): StatementSlots {
  const taken = new Map<MerchantId, number>();
  let all = 0;
  return {
    take(merchant) {
      const own = taken.get(merchant) ?? 0;
      if (own >= PER_MERCHANT || all >= PER_PROCESS) {
        throw new Problem(
          'too_many_statements',
          own >= PER_MERCHANT
            ? `${PER_MERCHANT} statements are being read with keys of this merchant: finish one, then send this again`
            : 'other statements are being read: send this again in a few seconds',
          { headers: { 'retry-after': RETRY_AFTER_S } },
        );
      }
      all += 1;
      taken.set(merchant, own + 1);
      let given = false;
      return () => {
        if (given) return;
        given = true;
        all -= 1;
        const left = (taken.get(merchant) ?? 1) - 1;
        if (left === 0) taken.delete(merchant);
        else taken.set(merchant, left);
      };
    },
  };
}
