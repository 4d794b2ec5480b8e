import type { Progress } from './verify.ts';

const EVERY_MS = 200;
/** Where lines cannot be written over, one is written now and then. */
const EVERY_MS_ELSEWHERE = 5_000;

/** Shows how far it is: one line that is written over on a terminal, a line now and then elsewhere. */
export function terminalProgress(out: NodeJS.WriteStream): {
  readonly show: (progress: Progress) => void;
  readonly end: () => void;
} {
  const { isTTY } = out;
  const began = performance.now();
  let shownAt = began;
  return {
    show({ transactions, postings, postingsEstimated }) {
      const now = performance.now();
      if (now - shownAt < (isTTY ? EVERY_MS : EVERY_MS_ELSEWHERE)) return;
      shownAt = now;
      const perSecond = Math.round((Number(postings) * 1_000) / (now - began));
      const share =
        postingsEstimated === null || postingsEstimated < postings
          ? ''
          : ` (${Math.floor((Number(postings) * 100) / Number(postingsEstimated))} %)`;
      const line = `${postings} postings${share} of ${transactions} transactions, ${perSecond} postings/s`;
      out.write(isTTY ? `\r\x1b[K${line}` : `${line}\n`);
    },
    end() {
      if (isTTY) out.write('\r\x1b[K');
    },
  };
}
