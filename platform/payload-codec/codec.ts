import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import { refusedPayload, type RefusalReason } from '../../workflows/domain/refused-payload.ts';
import { Tampered, UnknownKey } from '../key-errors.ts';
import type { Keyring } from '../keyring.ts';
import type { Logger } from '../logger.ts';
import { readPayload, writePayload } from './payload-bytes.ts';
import { untilKeysAnswer } from './patience.ts';

/** What the data keys of Temporal's payloads are for. */
export type PayloadKeyPurpose = 'payload';

/** `metadata.encoding` of a sealed payload. */
export const SEALED = 'binary/quittance-sealed';

/** Whose payload it is, sealed in with it: one that is moved to another workflow does not open. */
export interface PayloadOwner {
  readonly namespace: string;
  readonly workflowId: string;
}

const text = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString();
const bytes = (value: string): Uint8Array => Buffer.from(value);
const aad = ({ namespace, workflowId }: PayloadOwner): readonly string[] => [
  'payload',
  namespace,
  workflowId,
];

/**
 * Seals every payload that goes to Temporal (AES-256-GCM, data keys wrapped by the KMS) and opens those
 * that come back. What is not ours decodes to a {@link refusedPayload}: decoding throws only while the
 * keys cannot be had, which Temporal answers by trying again.
 */
export function createPayloadCodec(keyring: Keyring<PayloadKeyPurpose>, logger: Logger): PayloadCodec {
  const refuse = (reason: RefusalReason, owner: PayloadOwner | null): Payload => {
    logger.error('payload_refused', { reason, workflow_id: owner?.workflowId ?? null });
    return {
      metadata: { encoding: bytes('json/plain') },
      data: bytes(JSON.stringify(refusedPayload(reason))),
    };
  };

  return {
    encode: (payloads, context) =>
      Promise.all(payloads.map((payload) => sealPayload(keyring, ownerOf(context), payload))),
    decode: (payloads, context) =>
      Promise.all(
        payloads.map(async (payload) => {
          const expected = context === undefined ? null : ownerOf(context);
          const opened = await openPayload(keyring, payload, expected);
          return typeof opened === 'string' ? refuse(opened, expected) : opened;
        }),
      ),
  };
}

/** @throws KmsUnavailable, KmsRefused, or what the table of keys throws, after some patience. */
export async function sealPayload(
  keyring: Keyring<PayloadKeyPurpose>,
  owner: PayloadOwner,
  payload: Payload,
): Promise<Payload> {
  const { dataKey, sealed } = await untilKeysAnswer(() =>
    keyring.seal('payload', aad(owner), writePayload(payload)),
  );
  return {
    metadata: {
      encoding: bytes(SEALED),
      key: bytes(dataKey),
      namespace: bytes(owner.namespace),
      workflow: bytes(owner.workflowId),
    },
    data: sealed,
  };
}

/**
 * The payload as it was before it was sealed, or why it is refused.
 * @param expected whose it must be; null where Temporal does not say, and only the seal can tell.
 */
export async function openPayload(
  keyring: Keyring<PayloadKeyPurpose>,
  payload: Payload,
  expected: PayloadOwner | null,
): Promise<Payload | RefusalReason> {
  const { encoding, key, namespace, workflow } = payload.metadata ?? {};
  if (text(encoding) !== SEALED) return 'plain';
  const owner = { namespace: text(namespace), workflowId: text(workflow) };
  if (
    expected !== null &&
    (owner.namespace !== expected.namespace || owner.workflowId !== expected.workflowId)
  )
    return 'foreign';
  try {
    return readPayload(
      await untilKeysAnswer(() => keyring.open(text(key), aad(owner), Buffer.from(payload.data ?? []))),
    );
  } catch (error) {
    if (error instanceof Tampered || error instanceof UnknownKey) return 'unauthentic';
    throw error;
  }
}

/**
 * Temporal does not always say whose a payload is: the failure of a workflow task has no owner. Such a
 * one is nobody's, and opens only where nobody in particular is expected.
 */
const NOBODY: PayloadOwner = { namespace: '', workflowId: '' };

function ownerOf(context: SerializationContext | undefined): PayloadOwner {
  // Activity ids and whether it is local differ between replay and first run: they are not part of it.
  return context?.workflowId === undefined
    ? NOBODY
    : { namespace: context.namespace, workflowId: context.workflowId };
}
