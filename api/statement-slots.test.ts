import { describe, expect, it } from 'vitest';
import type { MerchantId } from '../workflows/domain/ids.ts';
import { createStatementSlots } from './statement-slots.ts';

// Statements hold connections: no merchant takes them all, and all statements never take every one.

const merchant = (name: string): MerchantId => `mer_${name}` as MerchantId;

describe('places for statements', () => {
  it('are two for a merchant and four for all, and come back once', () => {
    const slots = createStatementSlots();
    const giveBack = slots.take(merchant('a'));
    slots.take(merchant('a'));
    expect(() => slots.take(merchant('a'))).toThrow('2 statements are being read');
    giveBack();
    giveBack();
    slots.take(merchant('a'));
    expect(() => slots.take(merchant('a'))).toThrow('2 statements are being read');
    slots.take(merchant('b'));
    slots.take(merchant('b'));
    expect(() => slots.take(merchant('c'))).toThrow('other statements are being read');
  });
});
