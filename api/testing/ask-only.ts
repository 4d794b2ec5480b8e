import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';

/** Asks on a connection of its own, and takes nothing of the body until its reader does. */
export async function askOnly(
  url: string,
  key: string,
  method: 'GET' | 'HEAD' = 'GET',
): Promise<IncomingMessage> {
  const asked = request(url, { method, agent: false, headers: { authorization: `Bearer ${key}` } }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  // Left by us, or cut off by the other side: its reader sees it, and who reads nothing does not care.
  response.on('error', () => undefined);
  return response;
}
