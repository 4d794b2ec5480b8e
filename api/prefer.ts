/** The longest that a merchant can ask to wait (RFC 7240: a preference may be met in part). */
export const WAIT_MAX_S = 30;

const WAIT = /(?:^|,)\s*wait\s*=\s*"?(\d{1,9})"?\s*(?=$|[,;])/i;

/** How many seconds `Prefer: wait=N` asks for, at most {@link WAIT_MAX_S}; null when it does not ask. */
export function waitOf(header: string | string[] | undefined): number | null {
  const text = Array.isArray(header) ? header.join(',') : (header ?? '');
  const seconds = WAIT.exec(text)?.[1];
  return seconds === undefined ? null : Math.min(Number(seconds), WAIT_MAX_S);
}
