import { randomUUID } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SETTINGS } from '../platform/config.ts';
import { FALLEN_FILE, fallenSchema, type CrashOrder, type FallenProcess } from '../platform/crash-orders.ts';
import { BOUNDARIES, BOUNDARY_NAMES, SIDES, type Boundary, type Side } from '../platform/crash-points.ts';
import type { ProcessRole } from '../platform/process-settings.ts';

/** One point of one process at which it can be told to die. */
export interface CrashPoint {
  readonly role: ProcessRole;
  readonly boundary: Boundary;
  readonly side: Side;
}

/** Every point there is: each boundary, before and after, in each process that passes it. */
export const CRASH_POINTS: readonly CrashPoint[] = BOUNDARY_NAMES.flatMap((boundary) =>
  BOUNDARIES[boundary].in.flatMap((role) => SIDES.map((side) => ({ role, boundary, side }))),
);

/** Tells the processes of a stack where to die. */
export interface CrashOrders {
  /** For startStack: the processes look there. */
  readonly env: Readonly<Record<string, string>>;
  /** @returns the id under which the process tells that it has done so */
  give(role: ProcessRole, order: CrashOrder): Promise<string>;
  /** Those that were carried out. */
  fallen(): Promise<readonly FallenProcess[]>;
  /** Takes back what was not carried out. @returns how many that were */
  takeBack(): Promise<number>;
}

/** @param folder is there already or is made; one for each stack */
export async function createCrashOrders(folder: string): Promise<CrashOrders> {
  const roles = [...new Set(CRASH_POINTS.map(({ role }) => role))];
  for (const role of roles) await mkdir(join(folder, role), { recursive: true });
  return {
    env: { [SETTINGS.crashPointsFolder.env]: folder },
    async give(role, order) {
      const id = randomUUID();
      const path = join(folder, role, id);
      await writeFile(path, JSON.stringify(order));
      // Whole or not at all: the process reads whatever ends so.
      await rename(path, `${path}.json`);
      return id;
    },
    async fallen() {
      const text = await readFile(join(folder, FALLEN_FILE), 'utf8').catch(() => '');
      return text
        .split('\n')
        .slice(0, -1)
        .map((line) => fallenSchema.parse(JSON.parse(line)));
    },
    async takeBack() {
      let count = 0;
      for (const role of roles)
        for (const name of await readdir(join(folder, role))) {
          await rm(join(folder, role, name), { force: true });
          count += 1;
        }
      return count;
    },
  };
}
