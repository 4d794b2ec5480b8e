import { appendFileSync, mkdirSync, readdirSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigError, SETTINGS, type Config } from './config.ts';
import { BOUNDARY_NAMES, onPassage, SIDES, type Passage } from './crash-points.ts';
import type { ProcessRole } from './process-settings.ts';

/** One order: die at the so manieth passage from when it is read. A file of the folder of a process. */
export const crashOrderSchema = z.strictObject({
  boundary: z.enum(BOUNDARY_NAMES),
  side: z.enum(SIDES),
  /** 1 = the next one. */
  passage: z.number().int().min(1),
});
export type CrashOrder = z.infer<typeof crashOrderSchema>;

/** What a process says of itself before it dies by an order. */
export const fallenSchema = z.strictObject({
  /** Of the order. */
  id: z.string(),
  role: z.string(),
  boundary: z.enum(BOUNDARY_NAMES),
  side: z.enum(SIDES),
  pid: z.number().int(),
  at: z.iso.datetime(),
});
export type FallenProcess = z.infer<typeof fallenSchema>;

/** The file of the orders’ folder that a process writes its last line to. */
export const FALLEN_FILE = 'fallen.jsonl';
const LOOK_EVERY_MS = 100;

export type CrashPointSettings = Config<'crashPointsFolder' | 'kmsAccessKeyId'>;

/**
 * Arms this process where `crashPointsFolder` names a folder: orders are files `<folder>/<role>/<id>.json`,
 * looked for ten times a second and never at a passage. An order is carried out once: the process says so in
 * `<folder>/fallen.jsonl`, takes the order away, and kills itself, all before the passage returns.
 * @throws ConfigError outside a development stack: what can be told to die must not hold anybody’s money.
 */
export function armCrashPoints(
  role: ProcessRole,
  { crashPointsFolder, kmsAccessKeyId }: CrashPointSettings,
  databaseUrl: string,
  die: () => void = () => process.kill(process.pid, 'SIGKILL'),
): () => void {
  if (crashPointsFolder === null) return () => undefined;
  const { env } = SETTINGS.crashPointsFolder;
  // Both are what only temporal-dev/ gives: its key service, and a database on this machine.
  if (kmsAccessKeyId !== 'emulator' || !LOOPBACK.has(new URL(databaseUrl).hostname))
    throw new ConfigError(
      `${env} is set for the ${role} process, whose key service or database is not that of a development stack: unset it; crash points are never armed where there is anybody’s money`,
    );
  const folder = join(crashPointsFolder, role);
  mkdirSync(folder, { recursive: true });
  const orders = new Map<string, { readonly order: CrashOrder; left: number }>();

  function look(): void {
    const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
    for (const name of orders.keys()) if (!names.includes(name)) orders.delete(name);
    for (const name of names) {
      if (orders.has(name)) continue;
      const order = crashOrderSchema.parse(JSON.parse(readFileSync(join(folder, name), 'utf8')));
      orders.set(name, { order, left: order.passage });
    }
  }

  function lookAgain(): void {
    try {
      look();
    } catch {
      // Taken back between the list and the look: the next look finds it gone.
    }
  }

  function pass({ boundary, side }: Passage): void {
    for (const [name, waiting] of orders) {
      if (waiting.order.boundary !== boundary || waiting.order.side !== side) continue;
      waiting.left -= 1;
      if (waiting.left > 0) continue;
      const line: FallenProcess = { id: name.replace('.json', ''), role, boundary, side, pid: process.pid, at: new Date().toISOString() }; // prettier-ignore
      appendFileSync(join(crashPointsFolder ?? '', FALLEN_FILE), `${JSON.stringify(line)}\n`);
      orders.delete(name);
      unlinkSync(join(folder, name));
      die();
      return;
    }
  }

  look();
  const stopHearing = onPassage(pass);
  const looking = setInterval(lookAgain, LOOK_EVERY_MS);
  looking.unref();
  return () => {
    clearInterval(looking);
    stopHearing();
  };
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);
