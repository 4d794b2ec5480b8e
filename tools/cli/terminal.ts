/** Where a command writes. */
export interface Terminal {
  /** What was asked for. */
  readonly out: (text: string) => void;
  /** What happens meanwhile, and what went wrong. */
  readonly say: (text: string) => void;
  /** Whether `say` reaches a person's screen, on which a line can be written over. */
  readonly live: boolean;
}

const EVERY_MS = 200;
const CLEAR = '\r\u001b[K';

/**
 * Shows that something is under way until `work` is over: on a screen with the seconds, else one line.
 * @param what now; asked again while it goes on.
 */
export async function withProgress<T>(
  { say, live }: Terminal,
  what: () => string,
  work: () => Promise<T>,
): Promise<T> {
  if (!live) {
    say(`${what()} …\n`);
    return work();
  }
  const began = Date.now();
  const show = (): void => {
    say(`${CLEAR}${what()} … ${Math.floor((Date.now() - began) / 1_000)} s`);
  };
  show();
  const timer = setInterval(show, EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    say(CLEAR);
  }
}
