import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { request } from 'undici';
import { addressKind, checkedAddresses, createEgressAgent, EgressRefused } from './egress.ts';
import { createResolver } from './resolve.ts';
import { startNameServer } from './testing/name-server.ts';

const PUBLIC = [
  '8.8.8.8',
  '1.1.1.1',
  '93.184.216.34',
  '172.15.255.255',
  '172.32.0.1',
  '100.63.255.255',
  '100.128.0.1',
  '2606:4700:4700::1111',
  '2a00:1450:4001:81b::200e',
  '::ffff:8.8.8.8',
];

const SPECIAL: readonly (readonly [string, string])[] = [
  ['0.0.0.0', 'unspecified'],
  ['0.1.2.3', 'unspecified'],
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback'],
  ['10.0.0.1', 'private'],
  ['172.16.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['192.168.1.1', 'private'],
  ['169.254.169.254', 'linkLocal'],
  ['100.64.0.1', 'carrierGradeNat'],
  ['100.127.255.255', 'carrierGradeNat'],
  ['192.0.0.1', 'reserved'],
  ['192.0.2.1', 'reserved'],
  ['198.18.0.1', 'reserved'],
  ['198.51.100.1', 'reserved'],
  ['203.0.113.1', 'reserved'],
  ['224.0.0.1', 'multicast'],
  ['239.255.255.255', 'multicast'],
  ['240.0.0.1', 'reserved'],
  ['255.255.255.255', 'broadcast'],
  ['::', 'unspecified'],
  ['::1', 'loopback'],
  ['0:0:0:0:0:0:0:1', 'loopback'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['::ffff:7f00:1', 'loopback'],
  ['::ffff:10.0.0.1', 'private'],
  ['::ffff:169.254.169.254', 'linkLocal'],
  ['::127.0.0.1', 'loopback'],
  ['::7f00:1', 'reserved'],
  ['fe80::1', 'linkLocal'],
  ['fe80::1%eth0', 'linkLocal'],
  ['fec0::1', 'deprecatedSiteLocal'],
  ['fc00::1', 'uniqueLocal'],
  ['fd12:3456:789a::1', 'uniqueLocal'],
  ['ff02::1', 'multicast'],
  ['64:ff9b::7f00:1', 'rfc6052'],
  ['64:ff9b:1::1', 'rfc6052'],
  ['2002:7f00:1::', '6to4'],
  ['2001::1', 'teredo'],
  ['2001:db8::1', 'reserved'],
  ['100::1', 'discard'],
  ['4000::1', 'reserved'],
  ['localhost', 'invalid'],
  ['', 'invalid'],
];

describe('an address', () => {
  it.each(PUBLIC)('%s is public', (address) => {
    expect(addressKind(address)).toBe('public');
  });
  it.each(SPECIAL)('%s is not public: %s', (address, kind) => {
    expect(addressKind(address)).toBe(kind);
  });
});

const unasked = (hostname: string): Promise<never> => Promise.reject(new Error(`${hostname} was resolved`));

/** Every way to write the loopback address that a URL allows. */
const LOOPBACK_URLS = [
  'http://127.0.0.1/',
  'http://2130706433/',
  'http://0x7f000001/',
  'http://0177.0.0.1/',
  'http://127.1/',
  'http://0x7f.1/',
  'http://[::1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://127.0.0.1./',
  'http://１２７.0.0.1/',
];

describe('a host', () => {
  it.each(LOOPBACK_URLS)('%s is refused before anything is sent', async (url) => {
    await expect(
      checkedAddresses(new URL(url).hostname, { allowPrivate: false, resolve: unasked }),
    ).rejects.toThrow(EgressRefused);
  });

  it.each(['localhost', 'localhost.', 'shop.localhost', 'vault', 'vault.'])(
    '%s is refused without asking what it stands for',
    async (hostname) => {
      await expect(checkedAddresses(hostname, { allowPrivate: false, resolve: unasked })).rejects.toThrow(
        `${hostname} is no public name`,
      );
    },
  );

  it('is refused when any of its addresses is not public', async () => {
    const resolve = () => Promise.resolve(['93.184.216.34', '10.0.0.7']);
    await expect(checkedAddresses('shop.example', { allowPrivate: false, resolve })).rejects.toThrow(
      'shop.example resolves to 10.0.0.7, which is not a public address (private): webhooks go to public addresses only',
    );
  });

  it('is connected to in the form that was judged', async () => {
    const resolve = () => Promise.resolve(['::ffff:8.8.8.8', '::8.8.8.8']);
    await expect(checkedAddresses('shop.example', { allowPrivate: false, resolve })).resolves.toEqual([
      '8.8.8.8',
      '8.8.8.8',
    ]);
  });

  it('may be on this machine in development, but never link-local, multicast or unspecified', async () => {
    const options = { allowPrivate: true, resolve: unasked };
    await expect(checkedAddresses('127.0.0.1', options)).resolves.toEqual(['127.0.0.1']);
    for (const address of ['169.254.169.254', '[fe80::1]', '0.0.0.0', '224.0.0.1']) {
      await expect(checkedAddresses(address, options)).rejects.toThrow(EgressRefused);
    }
  });
});

describe('the egress agent', () => {
  async function withServer(run: (port: number, hosts: string[]) => Promise<void>): Promise<void> {
    const hosts: string[] = [];
    const server = createServer((request, response) => {
      hosts.push(request.headers.host ?? '');
      response.end('ok');
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    try {
      await run((server.address() as AddressInfo).port, hosts);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }
  const limits = { connectLimitMs: 2_000, connectionsPerOrigin: 2 };

  it('connects to the address that was checked and keeps the name in the Host header', async () => {
    await withServer(async (port, hosts) => {
      const asked: string[] = [];
      const resolve = (hostname: string) => {
        asked.push(hostname);
        return Promise.resolve(['127.0.0.1']);
      };
      const agent = createEgressAgent({ ...limits, allowPrivate: true, resolve });
      const { statusCode, body } = await request(`http://shop.example:${port}/hook`, { dispatcher: agent });
      await body.dump();
      await agent.destroy();
      expect(statusCode).toBe(200);
      expect(hosts).toEqual([`shop.example:${port}`]);
      expect(asked).toEqual(['shop.example']);
    });
  });

  it('opens no connection to an address that is not allowed', async () => {
    await withServer(async (port, hosts) => {
      const agent = createEgressAgent({ ...limits, allowPrivate: false });
      await expect(request(`http://127.0.0.1:${port}/`, { dispatcher: agent })).rejects.toThrow(
        EgressRefused,
      );
      await expect(request(`http://localhost:${port}/`, { dispatcher: agent })).rejects.toThrow(
        EgressRefused,
      );
      await expect(request(`http://[::ffff:127.0.0.1]:${port}/`, { dispatcher: agent })).rejects.toThrow(
        EgressRefused,
      );
      await agent.destroy();
      expect(hosts).toEqual([]);
    });
  });

  it('asks for a name once at a time, and lets no silent name server keep others waiting', async () => {
    const dns = await startNameServer({ 'shop.example': ['127.0.0.1'] });
    const asked: string[] = [];
    let pending = 0;
    const byDns = createResolver({ limitMs: 3_000, hostsFile: false, nameServers: [dns.address] });
    const resolve = (hostname: string) => {
      asked.push(hostname);
      pending += 1;
      return byDns(hostname).finally(() => {
        pending -= 1;
      });
    };
    await withServer(async (port, hosts) => {
      const agent = createEgressAgent({
        connectLimitMs: 20_000,
        connectionsPerOrigin: 50,
        allowPrivate: true,
        resolve,
      });
      const stuck = Promise.allSettled(
        Array.from({ length: 50 }, () => request(`http://silent.example:${port}/`, { dispatcher: agent })),
      );
      await dns.until('silent.example');
      expect(asked).toEqual(['silent.example']);

      const { statusCode, body } = await request(`http://shop.example:${port}/`, { dispatcher: agent });
      await body.dump();
      expect(statusCode).toBe(200);
      expect(hosts).toEqual([`shop.example:${port}`]);
      // Delivered while all of them still wait.
      expect([asked, pending]).toEqual([['silent.example', 'shop.example'], 1]);

      for (const attempt of await stuck)
        expect(String(attempt.status === 'rejected' && attempt.reason)).toContain(
          'silent.example was not resolved within 3000 ms',
        );
      expect(pending).toBe(0);
      // What was answered is not kept: the name is asked for anew.
      await expect(request(`http://silent.example:${port}/`, { dispatcher: agent })).rejects.toThrow(
        'silent.example was not resolved within 3000 ms',
      );
      expect(asked).toEqual(['silent.example', 'shop.example', 'silent.example']);
      await agent.destroy();
    });
    dns.close();
  });

  it('connects to a name of the hosts file in development', async () => {
    await withServer(async (port) => {
      const agent = createEgressAgent({ ...limits, allowPrivate: true });
      const { statusCode, body } = await request(`http://localhost:${port}/`, { dispatcher: agent });
      await body.dump();
      await agent.destroy();
      expect(statusCode).toBe(200);
    });
  });

  it('tries the next address when the first one does not answer', async () => {
    await withServer(async (port) => {
      const resolve = () => Promise.resolve(['127.0.0.2', '127.0.0.1']);
      const agent = createEgressAgent({ ...limits, allowPrivate: true, resolve });
      const { statusCode, body } = await request(`http://shop.example:${port}/`, { dispatcher: agent });
      await body.dump();
      await agent.destroy();
      expect(statusCode).toBe(200);
    });
  });
});
