import { KmsRefused, UnknownKey } from './key-errors.ts';
import type { Kms } from './kms.ts';

/** One row of the small table of wrapped data keys. Key rotation re-wraps the row; what names its id stays readable. */
export interface StoredDataKey<Purpose extends string> {
  readonly id: string;
  readonly purpose: Purpose;
  readonly masterKey: string;
  readonly wrapped: Buffer;
}

/**
 * Reads a row and unwraps its key. Between the two a rotation may have re-wrapped the row, and somebody
 * may have disabled the old master key: then the row is read again, and only its own refusal counts.
 * @throws KmsUnavailable, KmsRefused, UnknownKey or Tampered, and what `find` throws.
 */
export async function unwrapStored<Purpose extends string>(
  kms: Pick<Kms, 'unwrap'>,
  find: () => Promise<StoredDataKey<Purpose>>,
): Promise<{ readonly stored: StoredDataKey<Purpose>; readonly key: Buffer }> {
  const unwrap = async (stored: StoredDataKey<Purpose>) => ({
    stored,
    key: await kms.unwrap(stored.wrapped, stored.masterKey, { purpose: stored.purpose, data_key: stored.id }),
  });
  const first = await find();
  try {
    return await unwrap(first);
  } catch (error) {
    if (!(error instanceof KmsRefused || error instanceof UnknownKey)) throw error;
    const again = await find();
    if (again.masterKey === first.masterKey) throw error;
    return unwrap(again);
  }
}
