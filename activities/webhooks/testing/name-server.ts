import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import ipaddr from 'ipaddr.js';
import { waitUntil } from '../../../temporal-dev/testing/wait-until.ts';

/** What a name is to the server: its addresses (none: it has no address), or no such name. */
type Zone = Readonly<Record<string, readonly string[] | 'unknown'>>;

export interface NameServer {
  /** address:port */
  readonly address: string;
  /** Resolves once somebody has asked for this name. */
  until(name: string): Promise<void>;
  close(): void;
}

const HEADER_BYTES = 12;
const TYPES = { 1: 'ipv4', 28: 'ipv6' } as const;
/** Response, recursion desired and available. */
const FLAGS = 0x8180;
const NO_SUCH_NAME = 3;

/**
 * A name server of a test. About a name that is not in its zone it says nothing at all, and about those of
 * `onlyIpv4` nothing when it is asked for IPv6 addresses.
 */
export async function startNameServer(
  zone: Zone,
  { onlyIpv4 = [] }: { readonly onlyIpv4?: readonly string[] } = {},
): Promise<NameServer> {
  const asked = new Set<string>();
  const socket = createSocket('udp4');
  socket.on('message', (query, { address, port }) => {
    const { name, type, end } = questionOf(query);
    asked.add(name);
    const known = zone[name];
    if (known === undefined || (onlyIpv4.includes(name) && TYPES[type as keyof typeof TYPES] === 'ipv6'))
      return;
    const records = known === 'unknown' ? [] : known.flatMap((text) => recordOf(text, type));
    const header = Buffer.alloc(HEADER_BYTES);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(FLAGS | (known === 'unknown' ? NO_SUCH_NAME : 0), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(records.length, 6);
    socket.send(Buffer.concat([header, query.subarray(HEADER_BYTES, end), ...records]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    async until(name) {
      await waitUntil(`${name} is asked for`, 5_000, () => asked.has(name));
    },
    close: () => void socket.close(),
  };
}

/** The first question of a query (RFC 1035, 4.1.2), and where it ends. */
function questionOf(query: Buffer): { readonly name: string; readonly type: number; readonly end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

/** The answer's record for an address, where it is of the type that was asked for. */
function recordOf(text: string, type: number): readonly Buffer[] {
  const address = ipaddr.parse(text);
  if (TYPES[type as keyof typeof TYPES] !== address.kind()) return [];
  const bytes = Buffer.from(address.toByteArray());
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0); // the name of the question
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(60, 6);
  head.writeUInt16BE(bytes.length, 10);
  return [Buffer.concat([head, bytes])];
}
