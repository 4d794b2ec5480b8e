import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { every } from '../../platform/every.ts';
import type { Logger } from '../../platform/logger.ts';

/** The public keys of the key service by which delegations are believed: pinned in a file, so that nobody has to be asked. */
export interface GrantKeys {
  current(): readonly KeyObject[];
  onChange(listener: () => void): void;
  close(): void;
}

const POLL_MS = 2_000;
const BLOCK = /-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g;

/**
 * Reads the file (one or more PEM public keys on P-256) and goes on looking at it. A file that is
 * damaged is logged and leaves the last good keys in use.
 * @throws Error when it is not usable at the start.
 */
export async function followGrantKeys(
  path: string,
  logger: Logger,
  pollMs: number = POLL_MS,
): Promise<GrantKeys> {
  const listeners: (() => void)[] = [];
  let text = await readFile(path, 'utf8');
  let keys = parse(text, path);

  async function look(): Promise<void> {
    const now = await readFile(path, 'utf8');
    if (now === text) return;
    keys = parse(now, path);
    text = now;
    logger.info('grant_keys_reread', { path, keys: keys.length });
    for (const listener of listeners) listener();
  }

  const ended = new AbortController();
  void every({ name: 'grant_keys', intervalMs: pollMs, signal: ended.signal, logger }, look);
  return {
    current: () => keys,
    onChange: (listener) => void listeners.push(listener),
    close: () => {
      ended.abort();
    },
  };
}

function parse(text: string, path: string): readonly KeyObject[] {
  const keys = (text.match(BLOCK) ?? []).map((block) => createPublicKey(block));
  if (keys.length === 0 || keys.some((key) => key.asymmetricKeyDetails?.namedCurve !== 'prime256v1'))
    throw new Error(`${path} holds no public keys (PEM) on P-256, or others beside them`);
  return keys;
}
