/** Numbers from a seed: the same seed gives the same ones, in the same order. */
export interface Random {
  /** From 0 (included) to `below`. */
  whole(below: number): number;
  of<T>(items: readonly [T, ...T[]]): T;
  /** A stream of its own, which what is drawn elsewhere does not shift. */
  fork(name: string): Random;
}

/** mulberry32: 32 bits of state are enough to draw a schedule. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const whole = (below: number): number => next() % below;
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
