import type { MerchantId } from '../workflows/domain/ids.ts';
import { once } from './limits/load.ts';

/** Places in this process for what holds something for as long as its reader takes. */
export interface Slots {
  /**
   * Takes a place, and answers how to give it back.
   * @param most places of this merchant, where it has more or less than others.
   * @throws what `refuse` answers when there is none.
   */
  take(merchant: MerchantId, most?: number): () => void;
}

export interface SlotLimits {
  readonly perMerchant: number;
  readonly perProcess: number;
  /**
   * @param own whether the merchant's own places are what is used up.
   * @param most how many those are.
   */
  readonly refuse: (own: boolean, most: number) => Error;
}

export function createSlots({ perMerchant, perProcess, refuse }: SlotLimits): Slots {
  const taken = new Map<MerchantId, number>();
  let all = 0;
  return {
    take(merchant, most = perMerchant) {
      const own = taken.get(merchant) ?? 0;
      if (own >= most || all >= perProcess) throw refuse(own >= most, most);
      all += 1;
      taken.set(merchant, own + 1);
      return once(() => {
        all -= 1;
        const left = (taken.get(merchant) ?? 1) - 1;
        if (left === 0) taken.delete(merchant);
        else taken.set(merchant, left);
      });
    },
  };
}
