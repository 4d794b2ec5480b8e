import type { IncomingMessage } from 'node:http';

/**
 * Where a request comes from. Each proxy adds, at the end of X-Forwarded-For, whom it was called by:
 * what stands further left anybody may have written.
 * @param trustedProxies how many proxies of ours stand before us; 0 = the address of the socket.
 */
export function clientAddress(request: IncomingMessage, trustedProxies: number): string {
  const seen = String(request.headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((part) => part.trim());
  const told = trustedProxies === 0 ? undefined : seen.at(-trustedProxies);
  return told === undefined || told === '' ? (request.socket.remoteAddress ?? '') : told;
}
