/** By which port of this machine a process reaches a part instead of directly: `caller>part` → port. */
export type Via = Readonly<Record<string, number>>;

/** The port by which `caller` reaches `part`. */
export function portVia(via: Via, caller: string, part: string, port: number): number {
  return via[`${caller}>${part}`] ?? port;
}

/** The address by which `caller` reaches `part`; the same where nothing stands between them. */
export function urlVia(via: Via, caller: string, part: string, url: string): string {
  const port = via[`${caller}>${part}`];
  if (port === undefined || url === '') return url;
  const { origin, href } = new URL(url);
  const through = Object.assign(new URL(url), { port: String(port), hostname: '127.0.0.1' }).href;
  // An address without a path stays one.
  return href === `${origin}/` && !url.endsWith('/') ? through.slice(0, -1) : through;
}
