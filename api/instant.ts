declare const brand: unique symbol;
/** A moment in UTC with microseconds, as PostgreSQL keeps it: `2031-05-14T10:00:00.000000Z`. Sorts as text. */
export type Instant = string & { readonly [brand]: 'Instant' };

/** @param epochMs whole milliseconds. */
export function instantOf(epochMs: number): Instant {
  return `${new Date(epochMs).toISOString().slice(0, -1)}000Z` as Instant;
}

/**
 * An ISO 8601 time with its zone, exact to the microsecond; null when it has more digits than that or
 * is not between the years 1970 and 9999.
 */
export function parseInstant(text: string): Instant | null {
  const epochMs = Date.parse(text);
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? '';
  if (Number.isNaN(epochMs) || epochMs < 0 || epochMs >= YEAR_10000 || fraction.length > 6) return null;
  // Date is exact to the millisecond, and cuts what comes after.
  const micros = fraction.padEnd(6, '0').slice(3);
  return `${new Date(epochMs).toISOString().slice(0, -1)}${micros}Z` as Instant;
}
const YEAR_10000 = Date.UTC(10_000, 0);

/** SQL for a timestamptz column as an {@link Instant}. */
export function instantSql(column: string): string {
  return `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}
