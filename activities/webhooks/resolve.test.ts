import { afterAll, beforeAll, expect, it } from 'vitest';
import { createResolver } from './resolve.ts';
import { startNameServer, type NameServer } from './testing/name-server.ts';

/** The promise: a name means what DNS says of it as it is written, and a name server that is silent costs its own time. */
let dns: NameServer;
/** `limitMs` is short where a test waits for its end, and otherwise longer than a busy machine takes. */
const resolver = (hostsFile: boolean, limitMs = 20_000) =>
  createResolver({ limitMs, hostsFile, nameServers: [dns.address] });

beforeAll(async () => {
  const zone = {
    'both.example': ['2606:4700:4700::1111', '1.1.1.1', '10.0.0.7'],
    'old.example': ['1.1.1.1'],
    'new.example': ['2606:4700:4700::1111'],
    'empty.example': [],
    'gone.example': 'unknown',
    'half.example': ['1.1.1.1'],
    localhost: ['8.8.8.8'],
  } as const;
  dns = await startNameServer(zone, { onlyIpv4: ['half.example'] });
});
afterAll(() => {
  dns.close();
});

it('all addresses of a name are told, of either kind, those of IPv4 first', async () => {
  await expect(resolver(false)('both.example')).resolves.toEqual([
    '1.1.1.1',
    '10.0.0.7',
    '2606:4700:4700::1111',
  ]);
  await expect(resolver(false)('OLD.example.')).resolves.toEqual(['1.1.1.1']);
  await expect(resolver(false)('new.example')).resolves.toEqual(['2606:4700:4700::1111']);
});

it('a name without addresses, or that nobody has, is no name to send to', async () => {
  await expect(resolver(false)('empty.example')).rejects.toMatchObject({ code: 'ENODATA' });
  await expect(resolver(false)('gone.example')).rejects.toMatchObject({ code: 'ENOTFOUND' });
});

it('a silent name server is waited for so long and no longer', async () => {
  await expect(resolver(true, 400)('silent.example')).rejects.toThrow(
    'silent.example was not resolved within 400 ms',
  );
});

it('what is known by then is used, whatever a name server keeps to itself', async () => {
  await expect(resolver(false, 3_000)('half.example')).resolves.toEqual(['1.1.1.1']);
});

it('in development a local name is the one of the hosts file, whatever DNS says', async () => {
  expect(await resolver(true)('localhost')).toContain('127.0.0.1');
});
