import { open, seal } from './envelope.ts';
import { KmsUnavailable, RetiredMasterKey, UnknownKey } from './key-errors.ts';
import type { Kms } from './kms.ts';
import type { Logger } from './logger.ts';
import { unwrapStored, type StoredDataKey } from './unwrap-stored.ts';

export type { StoredDataKey } from './unwrap-stored.ts';

export interface DataKeyStore<Purpose extends string> {
  /**
   * Committed when it resolves: nothing may be sealed under a key that could be lost.
   * @throws RetiredMasterKey when its master key wraps nothing new any more.
   */
  insert(key: StoredDataKey<Purpose>): Promise<void>;
  find(id: string): Promise<StoredDataKey<Purpose> | null>;
}

export interface KeyringOptions<Purpose extends string> {
  readonly kms: Kms;
  readonly store: DataKeyStore<Purpose>;
  readonly logger: Logger;
  /** A new id for a data key. */
  readonly newId: () => string;
  /** Beyond this age (ms) a key is asked of the KMS again; a writing key is replaced. */
  readonly maxAgeMs: number;
  /** Encryptions after which a writing key is replaced. */
  readonly maxUses: number;
  /** How long beyond its age (ms) a key is still used while the KMS does not answer. */
  readonly graceMs: number;
  /** Data keys held in memory at once. */
  readonly capacity: number;
  /** Monotonic, in ms. */
  readonly now: () => number;
}

export interface Sealed {
  /** Names the data key; stored beside the value. */
  readonly dataKey: string;
  readonly sealed: Buffer;
}

/**
 * Envelope encryption with cached data keys. A key past its age or uses goes on working while its
 * successor is fetched in the background, so a slow or absent KMS costs nothing until `graceMs` is over.
 * Throws KmsUnavailable, KmsRefused, Tampered, UnknownKey, and what the store throws.
 */
export interface Keyring<Purpose extends string> {
  seal(purpose: Purpose, context: readonly string[], plaintext: Uint8Array): Promise<Sealed>;
  /** The caller wipes the result when done. */
  open(dataKey: string, context: readonly string[], sealed: Uint8Array): Promise<Buffer>;
  /** Wipes every key. */
  close(): void;
}

interface Held<Purpose extends string> {
  readonly id: string;
  readonly purpose: Purpose;
  readonly key: Buffer;
  /** When the KMS last said that this key may be used. */
  readonly since: number;
  /** When it was first held: asking the KMS again does not make a writing key young. */
  readonly first: number;
  uses: number;
  /** Monotonic ms before which a refresh that failed is not tried again. */
  refreshNotBefore: number;
}

const REFRESH_PAUSE_MS = 5_000;
const SWEEP_INTERVAL_MS = 60_000;
/** A key just fetched can be pushed out before it is used only under absurd pressure: give up then. */
const TRIES = 3;

export function createKeyring<Purpose extends string>(options: KeyringOptions<Purpose>): Keyring<Purpose> {
  const { kms, store, logger, newId, maxAgeMs, maxUses, graceMs, capacity, now } = options;
  /** Least recently used first. */
  const held = new Map<string, Held<Purpose>>();
  const writing = new Map<Purpose, Held<Purpose>>();
  const underWay = new Map<string, Promise<void>>();

  /** Runs one fetch per subject at a time; whoever comes meanwhile waits for the same one. */
  function once(subject: string, fetch: () => Promise<void>): Promise<void> {
    const running = underWay.get(subject);
    if (running !== undefined) return running;
    const fetching = fetch().finally(() => underWay.delete(subject));
    underWay.set(subject, fetching);
    return fetching;
  }

  function drop(entry: Held<Purpose>): void {
    if (held.get(entry.id) === entry) held.delete(entry.id);
    if (writing.get(entry.purpose) === entry) writing.delete(entry.purpose);
    entry.key.fill(0);
  }

  function hold(id: string, purpose: Purpose, key: Buffer): Held<Purpose> {
    const previous = held.get(id);
    const entry: Held<Purpose> = {
      id,
      purpose,
      key,
      since: now(),
      first: previous?.first ?? now(),
      uses: previous?.uses ?? 0,
      refreshNotBefore: 0,
    };
    held.set(id, entry);
    if (previous !== undefined) {
      if (writing.get(purpose) === previous) writing.set(purpose, entry);
      previous.key.fill(0);
    }
    for (const oldest of held.values()) {
      if (held.size <= capacity) break;
      if (writing.get(oldest.purpose) !== oldest && oldest !== entry) drop(oldest);
    }
    return entry;
  }

  const generate = (purpose: Purpose) => () =>
    once(`new ${purpose}`, async () => {
      for (let attempt = 1; ; attempt += 1) {
        const id = newId();
        const { plaintext, wrapped, masterKey } = await kms.generateDataKey({ purpose, data_key: id });
        try {
          await store.insert({ id, purpose, masterKey, wrapped });
        } catch (error) {
          plaintext.fill(0);
          // The master key was rotated meanwhile: the key service uses the new one from now on, or soon.
          if (!(error instanceof RetiredMasterKey)) throw error;
          if (attempt < TRIES) continue;
          throw new KmsUnavailable(`the key service still wraps with ${masterKey}, which was retired`, {
            cause: error,
          });
        }
        writing.set(purpose, hold(id, purpose, plaintext));
        return;
      }
    });

  const fetch = (id: string) => () =>
    once(id, async () => {
      const { stored, key } = await unwrapStored(kms, async () => {
        const found = await store.find(id);
        if (found === null) throw new UnknownKey(`no data key ${id} in the table of data keys`);
        return found;
      });
      hold(id, stored.purpose, key);
    });

  /** Begins a refresh that nobody waits for. A refusal ends the key; an absent KMS or database does not. */
  function refreshBehind(entry: Held<Purpose>, refresh: () => Promise<void>): void {
    if (now() < entry.refreshNotBefore) return;
    entry.refreshNotBefore = now() + REFRESH_PAUSE_MS;
    refresh().catch((error: unknown) => {
      const name = error instanceof Error ? error.name : 'unknown';
      logger.warn('data_key_refresh_failed', { data_key: entry.id, purpose: entry.purpose, reason: name });
      if (name === 'KmsRefused' || name === 'UnknownKey' || name === 'Tampered') drop(entry);
    });
  }

  /** The entry if it may be used now. Everything up to its use is synchronous, so it cannot be wiped in between. */
  function usable(
    entry: Held<Purpose> | undefined,
    refresh: () => Promise<void>,
    worn: boolean,
  ): Held<Purpose> | null {
    if (entry === undefined) return null;
    const age = now() - entry.since;
    if (age >= maxAgeMs + graceMs) {
      drop(entry);
      return null;
    }
    if (age >= maxAgeMs || worn) refreshBehind(entry, refresh);
    held.delete(entry.id);
    held.set(entry.id, entry);
    return entry;
  }

  const sweeper = setInterval(() => {
    for (const entry of [...held.values()]) if (now() - entry.since >= maxAgeMs + graceMs) drop(entry);
  }, SWEEP_INTERVAL_MS);
  sweeper.unref();

  return {
    async seal(purpose, context, plaintext) {
      const replace = generate(purpose);
      for (let attempt = 1; attempt <= TRIES; attempt += 1) {
        const current = writing.get(purpose);
        const worn = current !== undefined && (current.uses >= maxUses || now() - current.first >= maxAgeMs);
        const entry = usable(current, replace, worn);
        if (entry !== null) {
          entry.uses += 1;
          return { dataKey: entry.id, sealed: seal(entry.key, entry.id, context, plaintext) };
        }
        await replace();
      }
      throw new KmsUnavailable(`no data key for ${purpose} stayed in memory long enough to be used`);
    },
    async open(dataKey, context, sealed) {
      const again = fetch(dataKey);
      for (let attempt = 1; attempt <= TRIES; attempt += 1) {
        const entry = usable(held.get(dataKey), again, false);
        if (entry !== null) return open(entry.key, dataKey, context, sealed);
        await again();
      }
      throw new KmsUnavailable(`data key ${dataKey} did not stay in memory long enough to be used`);
    },
    close() {
      clearInterval(sweeper);
      for (const entry of [...held.values()]) drop(entry);
      writing.clear();
    },
  };
}
