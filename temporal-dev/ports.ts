import { randomInt } from 'node:crypto';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { isErrno, readIfThere, writeWhole } from './files.ts';
import { PORT_NAMES, STACK_SETTINGS } from './settings.ts';
import type { PortName, Ports, StackSettings } from './settings.ts';

const remembered = z.partialRecord(z.enum(PORT_NAMES), z.number().int().min(1).max(65_535));

// Below the range from which systems take the local ports of outgoing connections (Linux: from
// 32768): a part that is started again finds its port free.
const FREE_PORT_MIN = 20_000;
const FREE_PORT_LIMIT = 32_000;

const CLAIMS = join(tmpdir(), `quittance-ports-${process.getuid?.() ?? 0}`);
/** Until it listens, or is not wanted any more: as long as a stack may take to start, at the least. */
const CLAIM_MS = 300_000;

/** Whether nothing listens on that port of 127.0.0.1 now. */
async function isPortFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

/**
 * Whether it is ours for now: stacks that start side by side choose at the same time, and listen some seconds
 * after. Each port that was given out leaves an empty file, in the folder of the period in which that was.
 */
async function claim(port: number): Promise<boolean> {
  const period = Math.floor(Date.now() / CLAIM_MS);
  const fileIn = (one: number): string => join(CLAIMS, String(one), String(port));
  if ((await mkdir(join(CLAIMS, String(period)), { recursive: true })) !== undefined)
    await removeClaimsBefore(period - 1);
  try {
    await (await open(fileIn(period), 'wx')).close();
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  }
  // Of two on both sides of an edge each looks after it has written: one of them sees the other, or both do.
  const beside = await Promise.all([period - 1, period + 1].map((one) => readIfThere(fileIn(one))));
  return beside.every((text) => text === null);
}

/** Done by whoever makes a period's folder: once a period. */
async function removeClaimsBefore(period: number): Promise<void> {
  for (const name of await readdir(CLAIMS))
    if (Number(name) < period) await rm(join(CLAIMS, name), { recursive: true, force: true });
}

/**
 * A port of 127.0.0.1 on which nothing listens, outside the range of outgoing connections, and which no process
 * of this machine was given in the last minutes.
 */
export async function freePort(taken: ReadonlySet<number> = new Set()): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = randomInt(FREE_PORT_MIN, FREE_PORT_LIMIT);
    if (!taken.has(port) && (await isPortFree(port)) && (await claim(port))) return port;
  }
  throw new Error(`no free port found between ${FREE_PORT_MIN} and ${FREE_PORT_LIMIT}: stop what uses them`);
}

/**
 * The ports of a stack. `default`: as set by STACK_SETTINGS. `free`: chosen once and kept in
 * `<dir>/ports.json`, so that a stack that is started again has the addresses it had; one that
 * something else has taken meanwhile is replaced.
 * @param used the ports this stack will listen on; only these are looked at.
 * @throws Error that names each default port which is taken, and its variable.
 */
export async function choosePorts(
  mode: 'default' | 'free',
  dir: string,
  settings: StackSettings,
  used: ReadonlySet<PortName>,
): Promise<Ports> {
  return mode === 'free' ? keepFreePorts(join(dir, 'ports.json')) : checkDefaultPorts(settings, used);
}

async function keepFreePorts(path: string): Promise<Ports> {
  const text = await readIfThere(path);
  const before = text === null ? {} : remembered.parse(JSON.parse(text));
  const chosen: Partial<Record<PortName, number>> = {};
  const taken = new Set<number>(Object.values(before));
  for (const name of PORT_NAMES) {
    const old = before[name];
    const port = old !== undefined && (await isPortFree(old)) ? old : await freePort(taken);
    taken.add(port);
    chosen[name] = port;
  }
  await writeWhole(path, `${JSON.stringify(chosen, null, 2)}\n`);
  return chosen as Ports;
}

async function checkDefaultPorts(settings: StackSettings, used: ReadonlySet<PortName>): Promise<Ports> {
  const busy: string[] = [];
  for (const name of used) {
    if (!(await isPortFree(settings[name]))) {
      busy.push(
        `port ${settings[name]} is in use (${STACK_SETTINGS[name].about} ${STACK_SETTINGS[name].env})`,
      );
    }
  }
  if (busy.length > 0) {
    throw new Error(`${busy.join('\n')}\nset the variable to another port, or start with --ports free`);
  }
  return Object.fromEntries(PORT_NAMES.map((name) => [name, settings[name]])) as Ports;
}
