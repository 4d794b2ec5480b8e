const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * No id of that prefix that was made at `at` (epoch ms) or later sorts before this one: the first ten
 * characters of a TypeID are its milliseconds (schema/migrations/0014_time_partitions.sql).
 */
export function idFloor(prefix: string, at: number): string {
  let rest = Math.max(0, Math.floor(at));
  let text = '';
  for (let place = 0; place < 10; place += 1) {
    text = `${ALPHABET[rest % 32] ?? ''}${text}`;
    rest = Math.floor(rest / 32);
  }
  return `${prefix}_${text}`;
}
