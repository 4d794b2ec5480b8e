import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The clocks of some processes, each of which can be set ahead or back while its process runs (libfaketime). */
export interface Clocks {
  /** For startStack: these processes look there. */
  readonly env: Readonly<Record<string, string>>;
  /** @param seconds ahead of the machine's clock; behind when negative, 0 = as it is. Holds within a second. */
  move(role: string, seconds: number): Promise<void>;
}

/** @returns why not, where there is no libfaketime */
export async function openClocks(folder: string, roles: readonly string[]): Promise<Clocks | string> {
  let library: string;
  try {
    const { stdout } = await promisify(execFile)('faketime', ['-f', '+0s', 'printenv', 'LD_PRELOAD']);
    library = stdout.trim();
  } catch {
    return 'faketime is not on this machine';
  }
  await mkdir(folder, { recursive: true });
  const fileOf = (role: string): string => join(folder, role);
  const move: Clocks['move'] = (role, seconds) =>
    writeFile(fileOf(role), `${seconds < 0 ? '' : '+'}${seconds}\n`);
  for (const role of roles) await move(role, 0);
  const variablesOf = (role: string): Record<string, string> => ({
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: fileOf(role),
    FAKETIME_CACHE_DURATION: '1',
    // Only the time of day jumps: what measures a span is not led astray on a real machine either.
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  });
  return {
    env: {
      QUITTANCE_STACK_PROCESS_VARIABLES: JSON.stringify(
        Object.fromEntries(roles.map((role) => [role, variablesOf(role)])),
      ),
    },
    move,
  };
}
