const EVERY_MS = 200;
/** Where lines cannot be written over, one is written now and then. */
const EVERY_MS_ELSEWHERE = 5_000;

/** Shows how many rows of what are done: one line that is written over on a terminal, a line now and then elsewhere. */
export function rowProgress(out: NodeJS.WriteStream): {
  readonly show: (what: string, rows: number) => void;
  readonly end: () => void;
} {
  const { isTTY } = out;
  let shownAt = performance.now();
  return {
    show(what, rows) {
      const now = performance.now();
      if (now - shownAt < (isTTY ? EVERY_MS : EVERY_MS_ELSEWHERE)) return;
      shownAt = now;
      const line = `${what}: ${rows} rows`;
      out.write(isTTY ? `\r\x1b[K${line}` : `${line}\n`);
    },
    end() {
      if (isTTY) out.write('\r\x1b[K');
    },
  };
}
