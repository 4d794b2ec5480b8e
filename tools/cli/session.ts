import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { createClient, type Quittance } from '../../clients/typescript/index.ts';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import { EXIT, Failure } from './failure.ts';

const savedSchema = z.object({
  api: z.url(),
  apiKey: z.string().min(1),
  /** Signs what `listen` forwards. */
  forwardSecret: z.string().startsWith('whsec_'),
});
/** What `login` keeps. */
export type Saved = z.infer<typeof savedSchema>;

/** Said with any command. */
export interface Choice {
  readonly api?: string | undefined;
  readonly key?: string | undefined;
  readonly runFile?: string | undefined;
}

/** Whom a command speaks for, and to which API. */
export interface Session {
  readonly api: string;
  readonly apiKey: string;
  readonly mode: 'test' | 'live';
  readonly client: Quittance;
  /** Where that was found, for people. */
  readonly from: string;
}

/** Where a command finds what it does not say itself. */
export interface Sources {
  /** Of the login. */
  readonly configPath: string;
  readonly checkout: string;
  /** QUITTANCE_API_KEY: goes with an --api that is said without --key, so that no key stands in a command line. */
  readonly keyInEnvironment?: string | undefined;
}

/** The key for an API that the command itself says. */
export function keyOf({ api, key }: Choice, keyInEnvironment: string | undefined): string | undefined {
  return key ?? (api === undefined || keyInEnvironment === '' ? undefined : keyInEnvironment);
}

/**
 * The API and key of a command: what it says itself, else the login, else the stack of this checkout.
 * @throws Failure that says how to log in.
 */
export async function openSession(
  choice: Choice,
  { configPath, checkout, keyInEnvironment }: Sources,
  onRetry: (why: string, pauseMs: number) => void,
): Promise<Session> {
  const { api, runFile } = choice;
  const key = keyOf(choice, keyInEnvironment);
  const found = await find();
  if (!/^sk_(test|live)_/.test(found.apiKey))
    throw new Failure(
      `the key of ${found.from} is no secret key: it begins with sk_test_ or sk_live_`,
      EXIT.misused,
    );
  return {
    ...found,
    mode: found.apiKey.startsWith('sk_live_') ? 'live' : 'test',
    client: createClient({ baseUrl: found.api, apiKey: found.apiKey, onRetry }),
  };

  async function find(): Promise<Pick<Session, 'api' | 'apiKey' | 'from'>> {
    if (runFile !== undefined) return ofRunFile(runFile);
    if (api !== undefined && key !== undefined) return { api, apiKey: key, from: 'the command line' };
    const saved = await readSaved(configPath);
    // Not to another address: whoever is there would learn the key that was kept for this one.
    if (saved !== null && (api === undefined || api === saved.api))
      return { api: saved.api, apiKey: key ?? saved.apiKey, from: `the login in ${configPath}` };
    if (api !== undefined || key !== undefined)
      throw new Failure(
        'say both --api and --key (or QUITTANCE_API_KEY), or log in: npx quittance login',
        EXIT.misused,
      );
    return ofRunFile(join(checkout, '.quittance', 'run.json')).catch((cause: unknown) => {
      throw new Failure(
        'nobody is logged in, and no stack of this checkout is up: npx quittance up, or npx quittance login --api URL --key sk_test_…',
        EXIT.misused,
        { cause },
      );
    });
  }
}

/** @throws Error when there is none, or it is of another version. */
export async function ofRunFile(path: string): Promise<Pick<Session, 'api' | 'apiKey' | 'from'>> {
  const { api, merchant } = await readRunFile(path);
  return { api, apiKey: merchant.apiKey, from: `the stack of ${path}` };
}

/** The login; null when there is none. @throws Failure when the file is not what login writes. */
export async function readSaved(path: string): Promise<Saved | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return savedSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Failure(`${path} is not what login wrote: log in again, or remove it`, EXIT.refused, { cause });
  }
}

/** A secret as Standard Webhooks has them. */
export const randomSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

/** Keeps a login where only its owner may read it. */
export async function save(path: string, saved: Saved): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const next = `${path}.${process.pid}`;
  await writeFile(next, `${JSON.stringify(saved, null, 2)}\n`, { mode: 0o600 });
  // A mode that was there before, or a umask, does not hold for a file of its own; a rename is whole.
  await chmod(next, 0o600);
  await rename(next, path);
}
