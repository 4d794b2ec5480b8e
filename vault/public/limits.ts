const WINDOW_MS = 60_000;
/** Names counted at once; beyond it newcomers wait for the next minute, or memory would be anybody's to fill. */
const NAMES_MAX = 100_000;

/** Counts by name and minute, in this process alone. */
export interface Limit {
  /** False when that name has used up its minute. */
  take(name: string): boolean;
}

export function createLimit(perMinute: number, now: () => number): Limit {
  let window = -1;
  const counts = new Map<string, number>();
  return {
    take(name) {
      const current = Math.floor(now() / WINDOW_MS);
      if (current !== window) {
        window = current;
        counts.clear();
      }
      const count = counts.get(name) ?? 0;
      if (count >= perMinute || (count === 0 && counts.size >= NAMES_MAX)) return false;
      counts.set(name, count + 1);
      return true;
    },
  };
}
