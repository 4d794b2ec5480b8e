import { mulberry32 } from '../../temporal-dev/mulberry32.ts';

/** Numbers from a seed: the same seed gives the same ones, in the same order. */
export interface Random {
  /** From 0 (included) to `below`. */
  whole(below: number): number;
  of<T>(items: readonly [T, ...T[]]): T;
  /** A stream of its own, which what is drawn elsewhere does not shift. */
  fork(name: string): Random;
}

export function randomFrom(seed: number): Random {
  const next = mulberry32(seed);
  const whole = (below: number): number => (next() * 2 ** 32) % below;
  return {
    whole,
    of: (items) => items[whole(items.length)] ?? items[0],
    fork: (name) => {
      let hash = seed >>> 0;
      for (const character of name) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
      return randomFrom(hash);
    },
  };
}
