import { describe, expect, it } from 'vitest';
import { createGroupCommit } from './group-commit.ts';

/** The promise: what comes together goes together, and each item has the answer or the error that is its own. */

class Refused extends Error {}
const settled = async <T>(all: readonly Promise<T>[]) =>
  (await Promise.allSettled(all)).map((one) => (one.status === 'fulfilled' ? one.value : String(one.reason)));

function scene(fault: (items: readonly string[]) => Error | null = () => null) {
  const groups: (readonly string[])[] = [];
  const take = createGroupCommit<string, string>({
    name: 'test',
    lanes: 1,
    batch: 3,
    keyOf: (item) => item.charAt(0),
    isRefusal: (error) => error instanceof Refused,
    async write(items) {
      groups.push(items);
      await new Promise(setImmediate);
      const error = fault(items);
      if (error !== null) throw error;
      return items.map((item) => `${item}!`);
    },
  });
  return { groups, all: (...items: string[]) => settled(items.map(take)) };
}

describe('a group commit', () => {
  it('takes what came together, as many as it may, each key once, and answers each', async () => {
    const { groups, all } = scene();
    expect(await all('a1', 'a2', 'b1', 'c1', 'd1', 'a3')).toEqual(['a1!', 'a2!', 'b1!', 'c1!', 'd1!', 'a3!']);
    expect(groups).toEqual([['a1', 'b1', 'c1'], ['a2', 'd1'], ['a3']]);
  });

  it('writes each again alone when a group is refused: only the one at fault is', async () => {
    const { groups, all } = scene((items) => (items.includes('b1') ? new Refused('b1 is wrong') : null));
    expect(await all('a1', 'b1', 'c1')).toEqual(['a1!', 'Error: b1 is wrong', 'c1!']);
    expect(groups).toEqual([['a1', 'b1', 'c1'], ['a1'], ['b1'], ['c1']]);
  });

  it('writes nothing again when it cannot know what was written: that is for each caller to find out', async () => {
    let lost = true;
    const { groups, all } = scene(() => {
      const error = lost ? new Error('connection lost') : null;
      lost = false;
      return error;
    });
    expect(await all('a1', 'b1')).toEqual(['Error: connection lost', 'Error: connection lost']);
    expect(await all('a1')).toEqual(['a1!']);
    expect(groups).toEqual([['a1', 'b1'], ['a1']]);
  });
});
