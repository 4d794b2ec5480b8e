import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeWhole } from './files.ts';

const url = z.url();
const operatorRole = z.enum(['viewer', 'operator', 'admin']);

const runFileSchema = z.object({
  /** Written only once everything is healthy. */
  ready: z.literal(true),
  /** The folder of the stack: its state, logs and secrets. */
  dir: z.string(),
  /** Base URL of the merchant API, without a slash at the end. */
  api: url,
  vault: url,
  /** Where the vault takes cards from pages and apps. */
  vaultPublic: url,
  temporal: z.object({ address: z.string(), namespace: z.string(), web: url }),
  /** Temporal Web for people: behind a login, and with payloads readable. */
  gateway: z.object({
    url,
    operators: z.array(z.object({ login: z.string(), role: operatorRole, password: z.string() })),
  }),
  postgres: z.object({
    host: z.string(),
    port: z.number().int(),
    superuserUrl: url,
    /** Main database by role; `vaultOwner` and `vault` are the vault's own database. */
    urls: z.object({
      owner: url,
      api: url,
      worker: url,
      operator: url,
      gateway: url,
      vaultOwner: url,
      vault: url,
    }),
  }),
  redis: url,
  kms: z.object({ endpoint: url, region: z.string(), keyId: z.string() }),
  acquirers: z.array(
    z.object({
      id: z.string(),
      wire: z.object({ host: z.string(), port: z.number().int() }),
      control: url,
      /** Path of the simulator's append-only journal: the acquirer's own truth. */
      journal: z.string(),
    }),
  ),
  /** Process ids by role, `supervisor` and `guard` included; kept up to date when a part is started again. */
  processes: z.record(z.string(), z.number().int()),
  /** Where Prometheus reads each process: URL of the page, by role. */
  metrics: z.record(z.string(), url),
  /** Folder with one `<role>.log` per process. */
  logs: z.string(),
  merchant: z.object({ id: z.string(), apiKey: z.string() }),
});

/** What `run.json` of a running stack says: the addresses of all its parts, and its processes. */
export type RunFile = z.infer<typeof runFileSchema>;

/**
 * Reads and checks a run file.
 * @throws Error that says what is wrong with it, or that there is none.
 */
export async function readRunFile(path: string): Promise<RunFile> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new Error(`${path} cannot be read: start the stack first (npm start)`, { cause: error });
  });
  const parsed = runFileSchema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new Error(`${path} is not a run file of this version: ${z.prettifyError(parsed.error)}`);
}

/** Replaces the run file as a whole; only its owner may read it (it holds keys). */
export async function writeRunFile(path: string, run: RunFile): Promise<void> {
  await writeWhole(path, `${JSON.stringify(run, null, 2)}\n`);
}
