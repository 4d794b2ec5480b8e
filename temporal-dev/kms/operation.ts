import { z } from 'zod';
import { KmsError } from './errors.ts';
import { KEY_SPECS } from './key-store.ts';
import type { KeyStore, KeyUsage, MasterKey } from './key-store.ts';

/** One operation of the protocol: checks its request, answers what becomes the JSON body. */
export type Operation = (
  store: KeyStore,
  request: unknown,
  now: () => number,
) => Promise<Readonly<Record<string, unknown>>>;

/** @returns an operation that answers ValidationException to a request which `schema` refuses. */
export function operation<Schema extends z.ZodType>(
  schema: Schema,
  run: (
    store: KeyStore,
    request: z.infer<Schema>,
    now: () => number,
  ) => Promise<Readonly<Record<string, unknown>>>,
): Operation {
  return async (store, request, now) => {
    const parsed = schema.safeParse(request);
    if (!parsed.success) throw new KmsError('ValidationException', z.prettifyError(parsed.error));
    return run(store, parsed.data, now);
  };
}

export const keyId = z.string().min(1).max(2048);

/** Bytes as base64 text, with a length in bytes. */
export function blob(min: number, max: number) {
  return z
    .base64()
    .transform((text) => Buffer.from(text, 'base64'))
    .refine((bytes) => bytes.length >= min && bytes.length <= max, `must hold ${min} to ${max} bytes`);
}

export const encryptionContext = z.record(z.string().min(1), z.string()).default({});

/** A key that may be used now, for that. @throws KmsError of the reason why not */
export function usableKey(store: KeyStore, id: string, usage: KeyUsage): MasterKey {
  const key = store.find(id);
  const arn = store.arnOf(`key/${key.id}`);
  if (KEY_SPECS[key.spec].usage !== usage) {
    throw new KmsError(
      'InvalidKeyUsageException',
      `${arn} key usage is ${KEY_SPECS[key.spec].usage} which is not valid for this operation.`,
    );
  }
  switch (key.state) {
    case 'Enabled':
      return key;
    case 'Disabled':
      throw new KmsError('DisabledException', `${arn} is disabled.`);
    case 'PendingDeletion':
      throw new KmsError('KMSInvalidStateException', `${arn} is pending deletion.`);
  }
}
