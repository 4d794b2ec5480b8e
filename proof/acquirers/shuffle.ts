import { mulberry32 } from '../../temporal-dev/mulberry32.ts';

/** The same list in an order that follows from the seed alone (Fisher and Yates, mulberry32). */
export function shuffled<T>(list: readonly T[], seed: number): T[] {
  const random = mulberry32(seed);
  const result = [...list];
  for (let place = result.length - 1; place > 0; place -= 1) {
    const other = Math.floor(random() * (place + 1));
    const [left, right] = [result[place], result[other]];
    if (left === undefined || right === undefined) continue;
    result[place] = right;
    result[other] = left;
  }
  return result;
}
