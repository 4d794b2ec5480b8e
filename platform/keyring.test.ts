import { randomBytes } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { KmsRefused, KmsUnavailable, Tampered, UnknownKey } from './key-errors.ts';
import { createKeyring, type DataKeyStore, type StoredDataKey } from './keyring.ts';
import type { Kms } from './kms.ts';
import type { Logger } from './logger.ts';

const silent: Logger = { error() {}, warn() {}, info() {}, debug() {} };
const VALUE = Buffer.from('a value');
const CONTEXT = ['row', '1'];

/** A key service and a table in memory, a clock that is set by hand, and counters. */
function setup(options: { maxUses?: number; capacity?: number } = {}) {
  const state = {
    now: 0,
    generated: 0,
    unwrapped: 0,
    kmsFails: null as Error | null,
    storeFails: null as Error | null,
  };
  const plain = new Map<string, Buffer>();
  /** Every data key that was handed to the keyring, in order: the very bytes that it is to wipe. */
  const lent: Buffer[] = [];
  const lend = (key: Buffer): Buffer => {
    lent.push(key);
    return key;
  };
  const kms: Kms = {
    async generateDataKey(context) {
      await Promise.resolve();
      if (state.kmsFails !== null) throw state.kmsFails;
      state.generated += 1;
      const plaintext = randomBytes(32);
      plain.set(context['data_key'] ?? '', Buffer.from(plaintext));
      return {
        plaintext: lend(plaintext),
        wrapped: Buffer.from(context['data_key'] ?? ''),
        masterKey: 'key/1',
      };
    },
    async unwrap(wrapped) {
      await Promise.resolve();
      if (state.kmsFails !== null) throw state.kmsFails;
      state.unwrapped += 1;
      return lend(Buffer.from(plain.get(wrapped.toString()) ?? randomBytes(32)));
    },
    close() {},
  };
  const rows = new Map<string, StoredDataKey<'a' | 'b'>>();
  const store: DataKeyStore<'a' | 'b'> = {
    async insert(key) {
      await Promise.resolve();
      if (state.storeFails !== null) throw state.storeFails;
      rows.set(key.id, key);
    },
    find: (id) => Promise.resolve(rows.get(id) ?? null),
  };
  let count = 0;
  const make = () =>
    createKeyring({
      kms,
      store,
      logger: silent,
      newId: () => `dk_${(count += 1)}`,
      maxAgeMs: 1_000,
      maxUses: options.maxUses ?? 1_000,
      graceMs: 10_000,
      capacity: options.capacity ?? 10,
      now: () => state.now,
    });
  /** Which of them are nothing but zeros now. */
  const wiped = () => lent.map((key) => key.every((byte) => byte === 0));
  return { state, rows, make, wiped, keyring: make() };
}

const settled = () =>
  new Promise<void>((resolve) => {
    setImmediate(resolve);
  });

describe('a keyring', () => {
  it('asks the key service once for many that seal at the same time', async () => {
    const { state, keyring } = setup();
    const sealed = await Promise.all(Array.from({ length: 100 }, () => keyring.seal('a', CONTEXT, VALUE)));
    expect(state.generated).toBe(1);
    expect(new Set(sealed.map(({ dataKey }) => dataKey)).size).toBe(1);
  });

  it('keeps the keys of two purposes apart', async () => {
    const { keyring } = setup();
    const [a, b] = await Promise.all([keyring.seal('a', CONTEXT, VALUE), keyring.seal('b', CONTEXT, VALUE)]);
    expect(a.dataKey).not.toBe(b.dataKey);
  });

  it('stores a key before it seals anything under it', async () => {
    const { state, rows, keyring } = setup();
    state.storeFails = new Error('database away');
    await expect(keyring.seal('a', CONTEXT, VALUE)).rejects.toThrow('database away');
    state.storeFails = null;
    const { dataKey } = await keyring.seal('a', CONTEXT, VALUE);
    expect([...rows.keys()]).toEqual([dataKey]);
  });

  it('opens what another process sealed, unwrapping the key once', async () => {
    const { state, keyring, make } = setup();
    const { dataKey, sealed } = await keyring.seal('a', CONTEXT, VALUE);
    const other = make();
    const opened = await Promise.all(Array.from({ length: 20 }, () => other.open(dataKey, CONTEXT, sealed)));
    expect(opened.every((bytes) => bytes.equals(VALUE))).toBe(true);
    expect(state.unwrapped).toBe(1);
  });

  it('takes a new writing key after its uses, and goes on with the old one until it is there', async () => {
    const { state, keyring } = setup({ maxUses: 2 });
    const used = [];
    for (let n = 0; n < 5; n += 1) {
      used.push((await keyring.seal('a', CONTEXT, VALUE)).dataKey);
      await settled();
    }
    expect(used).toEqual(['dk_1', 'dk_1', 'dk_1', 'dk_2', 'dk_2']);
    expect(state.generated).toBe(2);
  });

  it('takes a new writing key after its age, even when reading kept refreshing the old one', async () => {
    const { state, keyring } = setup();
    const first = await keyring.seal('a', CONTEXT, VALUE);
    state.now = 1_500;
    await keyring.open(first.dataKey, CONTEXT, first.sealed);
    await settled();
    expect(state.unwrapped).toBe(1);
    await keyring.seal('a', CONTEXT, VALUE);
    await settled();
    expect((await keyring.seal('a', CONTEXT, VALUE)).dataKey).toBe('dk_2');
  });

  it('goes on with cached keys while the key service is away, until the grace is over', async () => {
    const { state, keyring } = setup();
    const first = await keyring.seal('a', CONTEXT, VALUE);
    state.kmsFails = new KmsUnavailable('away');
    state.now = 10_999;
    expect((await keyring.seal('a', CONTEXT, VALUE)).dataKey).toBe(first.dataKey);
    expect((await keyring.open(first.dataKey, CONTEXT, first.sealed)).equals(VALUE)).toBe(true);
    await expect(keyring.seal('b', CONTEXT, VALUE)).rejects.toThrow(KmsUnavailable);
    state.now = 11_000;
    await expect(keyring.seal('a', CONTEXT, VALUE)).rejects.toThrow(KmsUnavailable);
    await expect(keyring.open(first.dataKey, CONTEXT, first.sealed)).rejects.toThrow(KmsUnavailable);
    state.kmsFails = null;
    expect((await keyring.open(first.dataKey, CONTEXT, first.sealed)).equals(VALUE)).toBe(true);
  });

  it('gives up a key as soon as the key service says that it may not be used', async () => {
    const { state, keyring } = setup();
    const { dataKey, sealed } = await keyring.seal('a', CONTEXT, VALUE);
    state.kmsFails = new KmsRefused('disabled', 'DisabledException');
    state.now = 1_000;
    await keyring.open(dataKey, CONTEXT, sealed);
    await settled();
    await expect(keyring.open(dataKey, CONTEXT, sealed)).rejects.toThrow(KmsRefused);
    await expect(keyring.seal('a', CONTEXT, VALUE)).rejects.toThrow(KmsRefused);
  });

  it('holds no more keys than it may, and fetches again what it pushed out', async () => {
    const { state, keyring } = setup({ maxUses: 1, capacity: 2 });
    const all = [];
    for (let n = 0; n < 12; n += 1) {
      all.push(await keyring.seal('a', CONTEXT, VALUE));
      await settled();
    }
    for (const { dataKey, sealed } of all)
      expect((await keyring.open(dataKey, CONTEXT, sealed)).equals(VALUE)).toBe(true);
    expect(state.unwrapped).toBeGreaterThan(2);
  });

  it('names a data key that is not in the table', async () => {
    const { keyring } = setup();
    const { sealed } = await keyring.seal('a', CONTEXT, VALUE);
    await expect(keyring.open('dk_none', CONTEXT, sealed)).rejects.toThrow(UnknownKey);
    await expect(keyring.open('dk_none', CONTEXT, sealed)).rejects.toThrow('dk_none');
  });

  it('says that a value was changed, and keeps its key', async () => {
    const { state, keyring } = setup();
    const { dataKey, sealed } = await keyring.seal('a', CONTEXT, VALUE);
    await expect(keyring.open(dataKey, ['row', '2'], sealed)).rejects.toThrow(Tampered);
    await keyring.open(dataKey, CONTEXT, sealed);
    expect(state.unwrapped).toBe(0);
  });

  it('wipes the bytes of a key that it pushes out', async () => {
    const { wiped, keyring } = setup({ maxUses: 1, capacity: 2 });
    for (let n = 0; n < 5; n += 1) {
      await keyring.seal('a', CONTEXT, VALUE);
      await settled();
    }
    // dk_1 to dk_3: the third is the writing one, the second may still be read with.
    expect(wiped()).toEqual([true, false, false]);
  });

  it('wipes the bytes of a key whose grace is over, whoever asks for it, and those that were asked for again', async () => {
    const { state, wiped, keyring } = setup();
    const { dataKey, sealed } = await keyring.seal('a', CONTEXT, VALUE);
    state.now = 1_000;
    await keyring.open(dataKey, CONTEXT, sealed);
    await settled();
    // The same key, as the key service gave it a second time.
    expect(wiped()).toEqual([true, false]);
    state.now = 12_000;
    state.kmsFails = new KmsUnavailable('away');
    await expect(keyring.open(dataKey, CONTEXT, sealed)).rejects.toThrow(KmsUnavailable);
    expect(wiped()).toEqual([true, true]);
  });

  it('wipes the bytes of a key whose grace is over also when nobody asks for it', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const { state, wiped, keyring } = setup();
      await keyring.seal('a', CONTEXT, VALUE);
      state.now = 11_000;
      expect(wiped()).toEqual([false]);
      vi.advanceTimersByTime(60_000);
      expect(wiped()).toEqual([true]);
      keyring.close();
    } finally {
      vi.useRealTimers();
    }
  });

  it('wipes the bytes of a key that could not be stored, and of one that may not be used any more', async () => {
    const { state, wiped, keyring } = setup();
    state.storeFails = new Error('database away');
    await expect(keyring.seal('a', CONTEXT, VALUE)).rejects.toThrow('database away');
    state.storeFails = null;
    const { dataKey, sealed } = await keyring.seal('a', CONTEXT, VALUE);
    expect(wiped()).toEqual([true, false]);
    state.kmsFails = new KmsRefused('disabled', 'DisabledException');
    state.now = 1_000;
    await keyring.open(dataKey, CONTEXT, sealed);
    await settled();
    expect(wiped()).toEqual([true, true]);
  });

  it('forgets every key when it is closed', async () => {
    const { state, wiped, keyring } = setup();
    const { dataKey, sealed } = await keyring.seal('a', CONTEXT, VALUE);
    keyring.close();
    expect(wiped()).toEqual([true]);
    await keyring.open(dataKey, CONTEXT, sealed);
    expect(state.unwrapped).toBe(1);
    keyring.close();
  });
});
