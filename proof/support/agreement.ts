import { expect } from 'vitest';
import { disagreements } from './disagreements.ts';
import type { World } from './world.ts';

/**
 * Our record, the books and the acquirer's journal tell the same story about everything this merchant
 * did: no two live authorizations of a payment, books in balance, amounts equal from all sides.
 */
export async function expectAgreement(world: World): Promise<void> {
  expect(await disagreements(world)).toEqual([]);
}
