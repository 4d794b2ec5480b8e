import { inQuerySpan } from './tracing/queries.ts';
import { outsideTraces } from './tracing/spans.ts';

export interface GroupCommitOptions<Item, Answer> {
  /** The statement that writes them, by its name: a span of each item's own trace, while it waits as well. */
  readonly name: string;
  /** Transactions under way at once; what comes meanwhile goes together into the next one. */
  readonly lanes: number;
  /** Items in one transaction at most: bounds how long rows are locked, and what is sent again when one is refused. */
  readonly batch: number;
  /** Items of one key are never in one transaction. In two that are under way at once they may be: in either order. */
  readonly keyOf: (item: Item) => string;
  /** Writes them in one transaction; an answer for each, in their order. */
  readonly write: (items: readonly Item[]) => Promise<readonly Answer[]>;
  /** Whether that error says that nothing of the transaction was written, and that one of the items may be at fault. */
  readonly isRefusal: (error: unknown) => boolean;
}

interface Waiting<Item, Answer> {
  readonly item: Item;
  /** It was in a group that was refused: now it stands for itself. */
  readonly alone: boolean;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: items that come while `lanes` transactions are under way share the next one. Nobody waits
 * to be joined: one that finds a lane free goes at once. Each gets its own answer; when a transaction of
 * several is refused, each is written again alone, so that only the one at fault is refused.
 * @returns what takes one item; it rejects with what `write` threw for it.
 */
export function createGroupCommit<Item, Answer>({
  name,
  lanes,
  batch,
  keyOf,
  write,
  isRefusal,
}: GroupCommitOptions<Item, Answer>): (item: Item) => Promise<Answer> {
  let waiting: Waiting<Item, Answer>[] = [];
  let underWay = 0;
  let called = false;

  function start(): void {
    called = false;
    while (underWay < lanes && waiting.length > 0) {
      underWay += 1;
      void settle(take()).finally(() => {
        underWay -= 1;
        start();
      });
    }
  }

  /** The longest waiting ones, each key once. */
  function take(): readonly Waiting<Item, Answer>[] {
    const [first] = waiting;
    if (first?.alone === true) {
      waiting = waiting.slice(1);
      return [first];
    }
    const taken = new Map<string, Waiting<Item, Answer>>();
    const left: Waiting<Item, Answer>[] = [];
    for (const one of waiting) {
      const key = keyOf(one.item);
      if (!one.alone && taken.size < batch && !taken.has(key)) taken.set(key, one);
      else left.push(one);
    }
    waiting = left;
    return [...taken.values()];
  }

  /** Settles every one of them or puts it back; never rejects. */
  async function settle(group: readonly Waiting<Item, Answer>[]): Promise<void> {
    try {
      // Of several traces, or of one whose turn it happens to be.
      const answers = await outsideTraces(() => write(group.map(({ item }) => item)));
      if (answers.length !== group.length)
        throw new Error(`${answers.length} answers came for ${group.length} items`);
      for (const [index, answer] of answers.entries()) group[index]?.resolve(answer);
    } catch (error) {
      // What was refused wrote nothing. A lost connection may have: that is each caller's to find out.
      if (group.length > 1 && isRefusal(error))
        waiting = [...group.map((one) => ({ ...one, alone: true })), ...waiting];
      else for (const { reject } of group) reject(error);
    }
  }

  const join = (item: Item): Promise<Answer> =>
    new Promise((resolve, reject) => {
      waiting.push({ item, alone: false, resolve, reject });
      if (called || underWay >= lanes) return;
      // After what is runnable now: the answers of one transaction wake many, whose next items belong together.
      called = true;
      setImmediate(start);
    });
  return (item) => inQuerySpan({ name, operation: 'batch' }, () => join(item));
}
