import pMap from 'p-map';
import { KmsUnavailable } from '../key-errors.ts';
import type { KeyContext } from '../kms.ts';
import type { Logger } from '../logger.ts';
import type { MasterKeys } from '../master-keys.ts';

/** A data key as it is stored: wrapped by a master key. */
export interface WrappedKey {
  readonly id: string;
  readonly masterKey: string;
  readonly wrapped: Buffer;
  /** What the key service was told when it wrapped it. */
  readonly context: KeyContext;
}

/** One place where wrapped keys are kept. */
export interface WrappedKeys {
  /** For people. */
  readonly name: string;
  /** Those under another master key, in the order of their ids, after that one. */
  notUnder(masterKey: string, after: string, limit: number): Promise<readonly WrappedKey[]>;
  /** How many are under another. */
  countNotUnder(masterKey: string): Promise<number>;
  /** Replaces what was read, if it is still there; false when it is not. */
  replace(key: WrappedKey, masterKey: string, wrapped: Buffer): Promise<boolean>;
}

/** A rotation as its row says. */
export interface Rotation {
  readonly id: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly turned: boolean;
  readonly finished: boolean;
  readonly rewrapped: number;
}

/** The rows of rotations. Every call may be repeated. */
export interface RotationRecords {
  /** The rotation of that id if there is one, else the one that is open, else a new one of that id. */
  begin(id: string): Promise<Rotation>;
  /** Keeps the two master keys, unless two are kept already; answers what is kept. */
  choose(id: string, from: string, to: string): Promise<Rotation>;
  /** From its commit on no key under another master key than the new one is stored. */
  retire(id: string): Promise<void>;
  count(id: string, rewrapped: number): Promise<void>;
  finish(id: string): Promise<void>;
}

/** How far a rotation is. */
export interface RotationProgress {
  /** Of the rotation that is under way: an open one goes on before a new one begins. */
  readonly rotation: string;
  readonly from: string;
  readonly to: string;
  /** Since it began. */
  readonly rewrapped: number;
  /** Keys under another master key now. */
  readonly remaining: number;
  /** Where the next call goes on; null = it was at the end, and begins anew. */
  readonly next: string | null;
  /** Keys that the key service would not wrap anew in this call, with why. */
  readonly failed: readonly string[];
  /** Nothing is wrapped by any other master key, and nothing new can be. */
  readonly done: boolean;
}

export interface RotatorOptions {
  readonly masterKeys: MasterKeys;
  readonly records: RotationRecords;
  /** A key may go from one to a later one as it is, never back. */
  readonly places: readonly WrappedKeys[];
  readonly logger: Logger;
  /** Keys of one call at most. */
  readonly batch: number;
  /** Calls of the key service at once. */
  readonly concurrency: number;
}

/**
 * Makes a new master key the writing one, and wraps every stored key anew, a batch a call. Readers are
 * not disturbed: what they hold or have read is unwrapped by the old master key, which stays as it is.
 * @param id of a new rotation. @param after {@link RotationProgress.next} of the call before, or null.
 * Throws as the key service and the database; nothing is lost then, and the same call goes on.
 */
export type Rotate = (id: string, after: string | null) => Promise<RotationProgress>;

export function createRotate(options: RotatorOptions): Rotate {
  const { masterKeys, records, places, logger, batch, concurrency } = options;

  /** From here on everything new is under the new master key. */
  async function turn(begun: Rotation): Promise<Rotation & { readonly from: string; readonly to: string }> {
    let kept = begun;
    if (kept.to === null) {
      const from = await masterKeys.current();
      // Killed between these two: the key stays behind no alias, and wraps nothing.
      const to = await masterKeys.create(`quittance, rotation ${kept.id}`);
      kept = await records.choose(kept.id, from, to);
      if (kept.to !== to) logger.warn('master_key_made_for_nothing', { rotation: kept.id, master_key: to });
    }
    const { from, to } = kept;
    if (from === null || to === null) throw new Error(`rotation ${kept.id} has no master keys in its row`);
    if (!kept.turned) {
      await masterKeys.use(to);
      await records.retire(kept.id);
      logger.info('master_key_turned', { rotation: kept.id, from, to });
    }
    return { ...kept, from, to };
  }

  async function rewrap(place: WrappedKeys, key: WrappedKey, to: string): Promise<string | null> {
    try {
      const wrapped = await masterKeys.rewrap(key.wrapped, key.masterKey, to, key.context);
      await place.replace(key, to, wrapped);
      return null;
    } catch (error) {
      // An absent key service stops the batch; one key that it refuses does not keep the others waiting.
      if (!(error instanceof Error) || error instanceof KmsUnavailable || !('name' in error)) throw error;
      if (!['KmsRefused', 'Tampered', 'UnknownKey'].includes(error.name)) throw error;
      logger.error('key_not_rewrapped', { place: place.name, key: key.id, master_key: key.masterKey, error });
      return `${key.id} in ${place.name}: ${error.message}`;
    }
  }

  const remaining = async (to: string): Promise<number> => {
    let sum = 0;
    // One after the other: a key that goes on to a later place meanwhile is counted there.
    for (const place of places) sum += await place.countNotUnder(to);
    return sum;
  };

  return async (id, after) => {
    const begun = await records.begin(id);
    const { id: rotation, from, to, finished, rewrapped } = await turn(begun);
    const told = { rotation, from, to };
    if (finished) return { ...told, rewrapped, remaining: 0, next: null, failed: [], done: true };

    const at = positionOf(after);
    const place = places[at.place];
    if (place === undefined)
      throw new RangeError(`rotation ${rotation}: ${after ?? ''} is no place to go on from`);
    const keys = await place.notUnder(to, at.after, batch);
    const results = await pMap(keys, (key) => rewrap(place, key, to), { concurrency });
    const failed = results.filter((text) => text !== null);
    await records.count(rotation, keys.length - failed.length);

    const last = keys.at(-1);
    const next =
      keys.length === batch && last !== undefined
        ? `${at.place}:${last.id}`
        : at.place + 1 < places.length
          ? `${at.place + 1}:`
          : null;
    const left = await remaining(to);
    // Nothing under an old master key can come any more: zero stays zero.
    if (left === 0) await records.finish(rotation);
    return {
      ...told,
      rewrapped: rewrapped + keys.length - failed.length,
      remaining: left,
      next,
      failed,
      done: left === 0,
    };
  };
}

function positionOf(after: string | null): { readonly place: number; readonly after: string } {
  const found = /^(\d+):(.*)$/.exec(after ?? '0:');
  return { place: Number(found?.[1] ?? Number.NaN), after: found?.[2] ?? '' };
}
