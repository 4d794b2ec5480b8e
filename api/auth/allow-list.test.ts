import { expect, it } from 'vitest';
import { isAllowed, parseNetwork } from './allow-list.ts';

it.each([
  ['192.0.2.7', [], true],
  ['192.0.2.7', ['192.0.2.7'], true],
  ['192.0.2.8', ['192.0.2.7'], false],
  ['192.0.2.200', ['198.51.100.0/24', '192.0.2.128/25'], true],
  ['192.0.2.1', ['192.0.2.128/25'], false],
  ['::ffff:192.0.2.7', ['192.0.2.0/24'], true],
  ['2001:db8::1', ['2001:db8::/32'], true],
  ['2001:db9::1', ['2001:db8::/32'], false],
  ['2001:db8::1', ['192.0.2.0/24'], false],
  ['no address', ['0.0.0.0/0', '::/0'], false],
  ['no address', [], true],
] as const)('from %s with the list %j: %s', (address, networks, allowed) => {
  expect(isAllowed(address, networks)).toBe(allowed);
});

it.each([
  '',
  '10.1',
  '10.1/16',
  '0x7f000001',
  '0x7f000001/8',
  '010.0.0.1',
  '010.0.0.0/8',
  '0x0a.0.0.0/8',
  '192.0.2.0/33',
  '192.0.2.0/-1',
  '192.0.2.1/24/8',
  'localhost',
  '2001:db8::/129',
  '::ffff:192.0.2.1',
  '::ffff:192.0.2.0/120',
  '*',
])('takes "%s" for no network', (text) => {
  expect(parseNetwork(text)).toBe(null);
});
