import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../testing/wait-until.ts';
import { startGuard } from './guard.ts';
import type { Guard } from './guard.ts';
import { identify, isRunning } from './process-identity.ts';
import { createService } from './service.ts';
import type { Service, ServiceSpec } from './service.ts';
import { BROKEN, forget, MUTE, serviceSpec, STUBBORN, WELL_BEHAVED } from './testing/stand-in-parts.ts';

const LIMIT_MS = 20_000;

let folder: string;
let guard: Guard;
let lines: string[];
let pids: number[];
let services: Service[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quittance-service-'));
  guard = startGuard(() => undefined);
  [lines, pids, services] = [[], [], []];
});

afterEach(async () => {
  await Promise.all(services.map((service) => service.stop()));
  await guard.close();
  await rm(folder, { recursive: true, force: true });
});

function serve(script: string, changes: Partial<ServiceSpec> = {}): Service {
  const service = createService(serviceSpec('part', script, join(folder, 'part'), changes), {
    guard,
    say: (line) => {
      lines.push(line);
    },
    onLaunched: () => undefined,
    onHealthy: (_, pid) => {
      pids.push(pid);
    },
    restartPauseMaxMs: 5_000,
  });
  services.push(service);
  return service;
}

const runs = async (pid: number | undefined) => isRunning(await identify(pid ?? -1));

describe('a part of the stack', () => {
  it('is started once it is healthy, with its output in its log', async () => {
    await serve(WELL_BEHAVED).start();
    expect(await runs(pids[0])).toBe(true);
    expect(await readFile(join(folder, 'part.log'), 'utf8')).toBe('started\n');
  });

  it('is started again when it was killed, which one line tells', async () => {
    await serve(WELL_BEHAVED).start();
    await forget(join(folder, 'part'));
    process.kill(pids[0] ?? 0, 'SIGKILL');
    await waitUntil('it runs again', LIMIT_MS, () => pids.length === 2);
    expect(await runs(pids[1])).toBe(true);
    expect(lines).toEqual([
      expect.stringMatching(/^part \(process \d+\) ended by SIGKILL: starting it again in 100 ms, log /),
    ]);
  });

  it('waits longer before each further start', async () => {
    await serve(WELL_BEHAVED).start();
    for (const count of [2, 3]) {
      process.kill(pids.at(-1) ?? 0, 'SIGKILL');
      await waitUntil('it runs again', LIMIT_MS, () => pids.length === count);
    }
    expect(lines.map((line) => /in (\d+) ms/.exec(line)?.[1])).toEqual(['100', '200']);
  });

  it('that ends before it is healthy is named with its reason, its log and the end of it', async () => {
    await expect(serve(BROKEN).start()).rejects.toThrow(
      new RegExp(
        `^part cannot start: it ended with code 7 \\(4 times\\)\nits log: ${folder}/part.log\n(?:.*\n)*.*no such thing: the reason$`,
      ),
    );
  });

  it('that never answers is named with what its health check said', async () => {
    // It is asked once its program runs: the time counts from before that was started.
    const probe = async (): Promise<void> => {
      const log = () => readFile(join(folder, 'part.log'), 'utf8');
      await waitUntil('it runs', LIMIT_MS, async () => (await log()).includes('waiting'));
      throw new Error('nothing answers');
    };
    await expect(serve(MUTE, { probe, startDeadlineMs: 3_000 }).start()).rejects.toThrow(
      /not healthy within 3000 ms \(nothing answers.*\n.*\n.*waiting/,
    );
  });

  it('whose program is missing is named', async () => {
    const command = { program: '/nowhere/program', args: [], env: {}, cwd: '/', user: null };
    await expect(serve('', { command }).start()).rejects.toThrow(/code 127[^]*\/nowhere\/program: not found/);
  });

  it('is killed with all it started when it does not leave within its grace', async () => {
    const service = serve(STUBBORN, { stopGraceMs: 200 });
    await service.start();
    const child = Number(/child (\d+)/.exec(await readFile(join(folder, 'part.log'), 'utf8'))?.[1]);
    expect(await runs(child)).toBe(true);
    await service.stop();
    expect(await runs(pids[0])).toBe(false);
    await waitUntil('its child is gone', LIMIT_MS, async () => !(await runs(child)));
    expect(lines).toEqual([expect.stringContaining('did not leave within 200 ms: killing it')]);
  });

  it('that was stopped is not started again', async () => {
    const service = serve(WELL_BEHAVED);
    await service.start();
    await service.stop();
    expect(await runs(pids[0])).toBe(false);
    expect(lines).toEqual([]);
  });
});
