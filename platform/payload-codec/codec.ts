import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import { operatorInput } from '../../workflows/domain/operator-input.ts';
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

/**
 * The name of a data key. Anybody who reaches Temporal writes this header: what is no name goes to no
 * database, which would refuse some of it (a zero byte) with an error that looks like an outage.
 */
const KEY_NAME = /^dk_[0-9a-z_]{1,60}$/;

/** Whose payload it is, sealed in with it: one that is moved to another workflow does not open. */
export interface PayloadOwner {
  readonly namespace: string;
  readonly workflowId: string;
}

const text = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString();
const bytes = (value: string): Uint8Array => Buffer.from(value);

/** Who sealed a payload that belongs to no workflow: an operator, through the gateway. */
export interface PayloadOperator {
  readonly namespace: string;
  /** The operator's login. */
  readonly operator: string;
}

/** A payload as it was before it was sealed, and whose it is by its seal. */
export type OpenedPayload = { readonly payload: Payload } & (PayloadOwner | PayloadOperator);

/** The first word keeps the two kinds apart: neither opens as the other. */
const aadOf = (whose: PayloadOwner | PayloadOperator): readonly string[] =>
  'operator' in whose
    ? ['operator input', whose.namespace, whose.operator]
    : ['payload', whose.namespace, whose.workflowId];

/**
 * Seals every payload that goes to Temporal (AES-256-GCM, data keys wrapped by the KMS) and opens those
 * that come back. What is not ours decodes to a {@link refusedPayload}: decoding throws only while the
 * keys cannot be had, which Temporal answers by trying again.
 * @param count hears of each payload that is refused
 */
export function createPayloadCodec(
  keyring: Keyring<PayloadKeyPurpose>,
  logger: Logger,
  count: (reason: RefusalReason) => void = () => undefined,
): PayloadCodec {
  const refuse = (reason: RefusalReason, owner: PayloadOwner | null): Payload => {
    logger.error('payload_refused', { reason, workflow_id: owner?.workflowId ?? null });
    count(reason);
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
          if (typeof opened === 'string') return refuse(opened, expected);
          if (!('operator' in opened)) return opened.payload;
          // No activity is asked by an operator, and none is answered by one.
          if (context?.type === 'activity') return refuse('foreign', expected);
          return markOperator(opened) ?? refuse('unauthentic', expected);
        }),
      ),
  };
}

/** @throws KmsUnavailable, KmsRefused, or what the table of keys throws, after some patience. */
export async function sealPayload(
  keyring: Keyring<PayloadKeyPurpose>,
  whose: PayloadOwner | PayloadOperator,
  payload: Payload,
): Promise<Payload> {
  const { dataKey, sealed } = await untilKeysAnswer(() =>
    keyring.seal('payload', aadOf(whose), writePayload(payload)),
  );
  return {
    metadata: {
      encoding: bytes(SEALED),
      key: bytes(dataKey),
      namespace: bytes(whose.namespace),
      ...('operator' in whose ? { operator: bytes(whose.operator) } : { workflow: bytes(whose.workflowId) }),
    },
    data: sealed,
  };
}

/**
 * The payload as it was before it was sealed, or why it is refused. What an operator sealed is anybody's
 * of its namespace: whoever asks decides whether an operator may speak there.
 * @param expected whose it must be; null where Temporal does not say, and only the seal can tell.
 */
export async function openPayload(
  keyring: Keyring<PayloadKeyPurpose>,
  payload: Payload,
  expected: PayloadOwner | null,
): Promise<OpenedPayload | RefusalReason> {
  const { encoding, key, namespace, workflow, operator } = payload.metadata ?? {};
  if (text(encoding) !== SEALED) return 'plain';
  const whose =
    operator === undefined
      ? { namespace: text(namespace), workflowId: text(workflow) }
      : { namespace: text(namespace), operator: text(operator) };
  if (expected !== null && !belongsTo(whose, expected)) return 'foreign';
  const dataKey = text(key);
  if (!KEY_NAME.test(dataKey)) return 'unauthentic';
  try {
    const plain = await untilKeysAnswer(() =>
      keyring.open(dataKey, aadOf(whose), Buffer.from(payload.data ?? [])),
    );
    return { payload: readPayload(plain), ...whose };
  } catch (error) {
    if (error instanceof Tampered || error instanceof UnknownKey) return 'unauthentic';
    throw error;
  }
}

function belongsTo(whose: PayloadOwner | PayloadOperator, expected: PayloadOwner): boolean {
  if (whose.namespace !== expected.namespace) return false;
  return 'operator' in whose || whose.workflowId === expected.workflowId;
}

/** The gateway seals JSON alone, so that the value itself can say who sent it; null when it is something else. */
function markOperator({ payload, operator }: { payload: Payload } & PayloadOperator): Payload | null {
  try {
    const value: unknown = JSON.parse(text(payload.data));
    return {
      metadata: { encoding: bytes('json/plain') },
      data: bytes(JSON.stringify(operatorInput(operator, value))),
    };
  } catch {
    return null;
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
