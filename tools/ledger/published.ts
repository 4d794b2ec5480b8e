import { stat } from 'node:fs/promises';
import { readHeads } from '../../activities/back-office/head-file.ts';
import type { SealHead } from '../../activities/back-office/sealer.ts';
import type { Problems } from './problems.ts';

/** What was published of the chain, held against it seal by seal. */
export interface PublishedSeals {
  /** The newest that was published; null when nothing was. */
  readonly newest: () => number | null;
  /** To be called for every seal of the database, in order. */
  compare(number: bigint, seal: string, problems: Problems): Promise<void>;
  /** To be called after the newest seal of the database. */
  finish(last: bigint, problems: Problems): Promise<void>;
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
  let waiting: SealHead | null = null;
  let began = false;

  async function advance(): Promise<void> {
    const { value, done } = await heads.next();
    waiting = done === true ? null : value;
    newest = waiting?.number ?? newest;
  }

  async function upTo(number: bigint, visit: (head: SealHead) => void): Promise<void> {
    if (!began) await advance();
    began = true;
    while (waiting !== null && BigInt(waiting.number) <= number) {
      visit(waiting);
      await advance();
    }
  }

  return {
    newest: () => newest,
    compare: (number, seal, problems) =>
      upTo(number, (head) => {
        if (BigInt(head.number) === number && head.seal === seal) return;
        problems.add(
          'published_head',
          BigInt(head.number) === number
            ? `seal ${number} is ${seal} in the database and was published as ${head.seal}: the chain was made anew`
            : `seal ${head.number} was published as ${head.seal} and is not in the database`,
        );
      }),
    async finish(last, problems) {
      if (!began) await advance();
      began = true;
      if (waiting === null && newest === null && last > 0n)
        problems.add('published_head', `${path} holds no published head, and the database has ${last} seals`);
      const [first] = [waiting as SealHead | null];
      if (first === null) return;
      while (waiting !== null) await advance();
      problems.add(
        'published_head',
        `seals ${first.number} to ${newest ?? first.number} were published and are not in the database, whose newest is ${last}: the end of the chain was cut off, or an older state was restored`,
      );
    },
  };
}
