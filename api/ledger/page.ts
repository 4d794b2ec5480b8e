/** Which page of a list: always newest first, `limit` long, and where it begins. */
export interface PageWish<Cursor> {
  readonly limit: number;
  readonly starting_after?: Cursor | undefined;
  readonly ending_before?: Cursor | undefined;
}

/**
 * A list in the API's one shape.
 * @param rows newest first, one more than `limit` where there is more in the direction of reading.
 */
export function pageOf<Row>(
  { limit, ending_before: before }: PageWish<unknown>,
  rows: readonly Row[],
  onWire: (row: Row) => unknown,
): Record<string, unknown> {
  // Read towards the newer, the one too many is the newest, which comes first.
  const page = before === undefined ? rows.slice(0, limit) : rows.slice(-limit);
  return { object: 'list', data: page.map(onWire), has_more: rows.length > limit };
}
