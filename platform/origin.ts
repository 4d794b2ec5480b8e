const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Why pages of that origin may not hold a publishable key; null when they may. Over plain HTTP anybody on
 * the way changes the page and reads the card: only a developer's own machine does without TLS, in test mode.
 * @param origin as a browser writes it in its Origin header
 */
export function originFault(origin: string, mode: 'test' | 'live'): string | null {
  const url = URL.canParse(origin) ? new URL(origin) : null;
  if (url?.origin !== origin) return 'must be an origin: scheme, host and port, nothing behind';
  if (url.protocol === 'https:') return null;
  const plain = url.protocol === 'http:';
  if (plain && mode === 'test' && LOOPBACK.has(url.hostname)) return null;
  return mode === 'test'
    ? 'must begin with https://; http:// may stand for the own machine alone (localhost, 127.0.0.1, [::1])'
    : 'must begin with https://';
}
