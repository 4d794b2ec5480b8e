import type { Pattern } from './patterns.ts';

/** Takes the bytes of one place, piece after piece; `at` says where in it, for whoever has to look. */
export type Feed = (bytes: Buffer, at: string) => void;

export interface Searched {
  readonly place: string;
  readonly bytes: number;
  /** Name of the pattern → where it was found, each place once. */
  readonly found: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Longer than any canary in any writing: a piece's end is looked at again with the next one's beginning. */
const OVERLAP = 1_024;
const PIECE = 1 << 20;

/**
 * Searches all that one place gives, in memory that does not grow with it. What comes with the same `at`
 * in a row is one text.
 */
export async function search(
  place: string,
  patterns: readonly Pattern[],
  read: (feed: Feed) => Promise<void>,
): Promise<Searched> {
  const found = new Map<string, Set<string>>();
  let bytes = 0;
  let before = '';
  let rest = Buffer.alloc(0);
  const look = (piece: Buffer, at: string): void => {
    const text = piece.toString('latin1');
    for (const { name, find } of patterns) {
      if (find instanceof RegExp ? find.test(text) : piece.includes(find))
        found.set(name, (found.get(name) ?? new Set()).add(at));
    }
  };
  await read((piece, at) => {
    bytes += piece.byteLength;
    if (at !== before) rest = Buffer.alloc(0);
    before = at;
    for (let start = 0; start < piece.byteLength; start += PIECE) {
      const joined = Buffer.concat([rest, piece.subarray(start, start + PIECE)]);
      look(joined, at);
      rest = joined.subarray(-OVERLAP);
    }
  });
  return { place, bytes, found };
}

/** A line for each place: its bytes, and what was found where. */
export function textOfSearch(searched: readonly Searched[]): string {
  const lines = searched.flatMap(({ place, bytes, found }) => [
    `${place.padEnd(34)} ${bytes.toLocaleString('en').padStart(15)} bytes  ${found.size === 0 ? 'nothing' : 'FOUND'}`,
    ...Array.from(found, ([name, where]) => `    ${name}: ${[...where].slice(0, 5).join(', ')}`),
  ]);
  return `${lines.join('\n')}\n`;
}
