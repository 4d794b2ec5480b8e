import { access, rm } from 'node:fs/promises';
import type { ServiceSpec } from '../service.ts';

/** Parts as programs for sh, whose first argument is a path they touch once they "work". */
export const WELL_BEHAVED = 'echo started; touch "$1"; while :; do sleep 0.05; done';
/** Ignores what asks it to leave, and has a child that does so too. */
export const STUBBORN = `trap '' TERM; sh -c "trap '' TERM; while :; do sleep 0.05; done" & echo "child $!"; touch "$1"; while :; do sleep 0.05; done`;
export const BROKEN = 'echo "no such thing: the reason"; exit 7';
export const MUTE = 'echo waiting; while :; do sleep 0.05; done';

/** A part that is healthy while the file `<path>.works` is there. */
export function serviceSpec(
  role: string,
  script: string,
  path: string,
  changes: Partial<ServiceSpec> = {},
): ServiceSpec {
  const works = `${path}.works`;
  return {
    role,
    log: `${path}.log`,
    command: {
      program: '/bin/sh',
      args: ['-c', script, 'part', works],
      env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
      cwd: '/',
      user: null,
    },
    probe: () => access(works),
    startDeadlineMs: 20_000,
    stopSignal: 'SIGTERM',
    stopGraceMs: 10_000,
    guardSignal: 'SIGTERM',
    ...changes,
  };
}

/** Makes the part look unhealthy until it has started again. */
export async function forget(path: string): Promise<void> {
  await rm(`${path}.works`, { force: true });
}
