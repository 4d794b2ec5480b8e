import { stat } from 'node:fs/promises';
import { readHeads } from '../../platform/seals/head-file.ts';
import type { SealHead } from '../../platform/seals/sealer.ts';
import type { Problems } from './problems.ts';

/** What was published of the chain, held against it seal by seal. */
export interface PublishedSeals {
  /** The newest that was published; null when nothing was. */
  readonly newest: () => number | null;
  /** To be called for every seal of the database, in order. */
  compare(number: number, seal: string, problems: Problems): Promise<void>;
  /** To be called after the newest seal of the database. */
  finish(last: number, problems: Problems): Promise<void>;
}

/** Nothing is known of what was published. */
export const NOTHING_PUBLISHED: PublishedSeals = {
  newest: () => null,
  compare: async () => {},
  finish: async () => {},
};

/**
 * The file of published heads as it is now: what is appended from now on may be newer than the
 * snapshot that it is held against, and is not read.
 */
export async function openPublished(path: string): Promise<PublishedSeals> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  const heads = readHeads(path, size);
  let newest: number | null = null;
  async function read(): Promise<SealHead | null> {
    const { value, done } = await heads.next();
    if (done === true) return null;
    newest = value.number;
    return value;
  }
  let next = await read();

  return {
    newest: () => newest,
    async compare(number, seal, problems) {
      for (; next !== null && next.number <= number; next = await read()) {
        if (next.number < number)
          problems.add(
            'published_head',
            `seal ${next.number} was published as ${next.seal} and is not in the database`,
          );
        else if (next.seal !== seal)
          problems.add(
            'published_head',
            `seal ${number} is ${seal} in the database and was published as ${next.seal}: the chain was made anew`,
          );
      }
    },
    async finish(last, problems) {
      if (newest === null && last > 0)
        problems.add('published_head', `${path} holds no published head, and the database has ${last} seals`);
      if (next === null) return;
      const { number: first } = next;
      while (next !== null) next = await read();
      problems.add(
        'published_head',
        `seals ${first} to ${newest ?? first} were published, and the newest in the database is ${last}: the end of the chain was cut off, or an older state was restored`,
      );
    },
  };
}
