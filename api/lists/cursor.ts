import { invalidFields, Problem } from '../problem.ts';

interface Cursors<Key> {
  readonly starting_after?: Key | undefined;
  readonly ending_before?: Key | undefined;
}

/**
 * That the page's cursor, if it has one, names something that could stand in the list.
 * @param what it has to name: `transaction of this ledger`.
 * @throws Problem with the cursor's own name as the parameter; what `isKnown` throws.
 */
export async function checkCursor<Key>(
  wish: Cursors<Key>,
  what: string,
  isKnown: (cursor: Key) => Promise<boolean>,
): Promise<void> {
  const name = wish.ending_before === undefined ? 'starting_after' : 'ending_before';
  const cursor = wish[name];
  if (cursor === undefined || (await isKnown(cursor))) return;
  throw invalidFields([{ code: 'field_invalid', param: name, detail: `${name} names no ${what}` }]);
}

/** Whether a read that refuses with a Problem found what it was asked for. @throws what is no Problem. */
export function isFound(reading: Promise<unknown>): Promise<boolean> {
  return reading.then(
    () => true,
    (error: unknown) => {
      if (error instanceof Problem) return false;
      throw error;
    },
  );
}
