import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { choosePorts, freePort } from './ports.ts';
import { loadStackSettings, PORT_NAMES } from './settings.ts';
import type { PortName } from './settings.ts';

let dir: string;
let occupied: Server[];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'quittance-ports-'));
  occupied = [];
});
afterEach(async () => {
  for (const server of occupied) server.close();
  await rm(dir, { recursive: true, force: true });
});

async function occupy(port: number): Promise<void> {
  const server = createServer();
  occupied.push(server);
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
}

const all: ReadonlySet<PortName> = new Set(PORT_NAMES);

describe('the ports of a stack', () => {
  it('are all different when they are free ones, and the same at the next start', async () => {
    const settings = loadStackSettings({});
    const first = await choosePorts('free', dir, settings, all);
    expect(new Set(Object.values(first)).size).toBe(PORT_NAMES.length);
    expect(await choosePorts('free', dir, settings, all)).toEqual(first);
    expect(JSON.parse(await readFile(join(dir, 'ports.json'), 'utf8'))).toEqual(first);
  });

  it('are given to nobody else while their stack is about to listen on them', async () => {
    const given = await Promise.all(Array.from({ length: 400 }, () => freePort()));
    expect(new Set(given).size).toBe(given.length);
  });

  it('are given to nobody else either where one period of claims ends and the next begins', async () => {
    const periodMs = 300_000;
    const edge = Math.ceil(Date.now() / periodMs) * periodMs;
    let asked = 0;
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => edge - (asked++ % 2));
    try {
      const given = await Promise.all(Array.from({ length: 400 }, () => freePort()));
      expect(new Set(given).size).toBe(given.length);
    } finally {
      clock.mockRestore();
    }
  });

  it('change only where something else has taken one', async () => {
    const settings = loadStackSettings({});
    const first = await choosePorts('free', dir, settings, all);
    await occupy(first.redisPort);
    const second = await choosePorts('free', dir, settings, all);
    expect(second.redisPort).not.toBe(first.redisPort);
    expect({ ...second, redisPort: 0 }).toEqual({ ...first, redisPort: 0 });
  });

  it('are named, with their variables, when default ports are taken', async () => {
    const taken = await freePort();
    await occupy(taken);
    const settings = loadStackSettings({ QUITTANCE_STACK_API_PORT: String(taken) });
    await expect(choosePorts('default', dir, settings, new Set(['apiPort']))).rejects.toThrow(
      `port ${taken} is in use (Merchant API. QUITTANCE_STACK_API_PORT)`,
    );
  });

  it('are not looked at for parts that are not started', async () => {
    const taken = await freePort();
    await occupy(taken);
    const settings = loadStackSettings({ QUITTANCE_STACK_API_PORT: String(taken) });
    expect((await choosePorts('default', dir, settings, new Set())).apiPort).toBe(taken);
  });
});
