import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { ServiceSpec } from '../supervisor/service.ts';
import type { FetchDeps } from './fetch.ts';
import { redisProgram } from './programs.ts';

/** A Redis on 127.0.0.1 with its append-only file in the stack's folder. */
export async function prepareRedis(
  dir: string,
  logs: string,
  port: number,
  fetch: FetchDeps,
): Promise<ServiceSpec> {
  const data = join(dir, 'redis');
  await mkdir(data, { recursive: true });
  const settings = {
    bind: '127.0.0.1',
    port: String(port),
    'protected-mode': 'yes',
    dir: data,
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '', // the append-only file is the state; no snapshots beside it
    daemonize: 'no',
    maxmemory: '256mb',
    'maxmemory-policy': 'noeviction',
  };
  return {
    role: 'redis',
    log: join(logs, 'redis.log'),
    command: {
      program: await redisProgram(fetch),
      args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
      env: fetch.env,
      cwd: data,
      user: null,
    },
    probe: (signal) => ping('127.0.0.1', port, signal),
    startDeadlineMs: 20_000,
    stopSignal: 'SIGTERM',
    stopGraceMs: 10_000,
    guardSignal: 'SIGTERM',
  };
}

/** Resolves when Redis answers PONG; while it still loads its file it answers an error. */
export async function ping(host: string, port: number, signal: AbortSignal): Promise<void> {
  const socket = connect({ host, port, signal });
  try {
    const answer = await new Promise<string>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('close', () => {
        reject(new Error('connection closed'));
      });
      socket.once('data', (data) => {
        resolve(data.toString('latin1'));
      });
      socket.write('PING\r\n');
    });
    if (!answer.startsWith('+PONG')) throw new Error(`redis answered ${answer.trim()}`);
  } finally {
    socket.destroy();
  }
}
