/** What was looked up, for moments: so that who calls often costs few queries. */
export interface Memory<T> {
  get(name: string): T | undefined;
  /** @param until epoch ms: from then on it is not known any more. */
  keep(name: string, value: T, until: number): void;
  forget(which: (value: T) => boolean): void;
}

/** How long what was looked up is believed: what is changed elsewhere holds here after this. */
export const REMEMBERED_MS = 3_000;
const REMEMBERED_MAX = 10_000;

/** @param now epoch ms. @param max of what is known at once; then it begins anew. */
export function createMemory<T>(now: () => number, max = REMEMBERED_MAX): Memory<T> {
  const known = new Map<string, { readonly value: T; readonly until: number }>();
  return {
    get(name) {
      const found = known.get(name);
      if (found === undefined || found.until > now()) return found?.value;
      known.delete(name);
      return undefined;
    },
    keep(name, value, until) {
      if (known.size >= max) known.clear();
      known.set(name, { value, until });
    },
    forget(which) {
      for (const [name, { value }] of known) if (which(value)) known.delete(name);
    },
  };
}
