import ipaddr from 'ipaddr.js';

type Network = [ipaddr.IPv4 | ipaddr.IPv6, number];

/**
 * An address or a network (CIDR) of IPv4 or IPv6; null = it is none. Octal, hexadecimal and short forms
 * of IPv4 (010.0.0.0/8, 0x7f000001, 127.1) mean something else to everybody; an IPv4 address written in
 * IPv6 would never match, for callers are compared by their IPv4 address.
 */
export function parseNetwork(text: string): Network | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return [ipaddr.IPv4.parse(text), 32];
  if (ipaddr.IPv4.isValidCIDRFourPartDecimal(text)) return ipaddr.IPv4.parseCIDR(text);
  const network: [ipaddr.IPv6, number] | null = ipaddr.IPv6.isValidCIDR(text)
    ? ipaddr.IPv6.parseCIDR(text)
    : ipaddr.IPv6.isValid(text)
      ? [ipaddr.IPv6.parse(text), 128]
      : null;
  return network?.[0].isIPv4MappedAddress() === true ? null : network;
}

/** Whether a key with that list may be used from that address; an empty list lets everybody in. */
export function isAllowed(address: string, networks: readonly string[]): boolean {
  if (networks.length === 0) return true;
  if (!ipaddr.isValid(address)) return false;
  // ::ffff:192.0.2.1 is 192.0.2.1.
  const from = ipaddr.process(address);
  return networks.some((text) => {
    const network = parseNetwork(text);
    return network !== null && network[0].kind() === from.kind() && from.match(network);
  });
}
