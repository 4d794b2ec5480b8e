import type { Payload, PayloadCodec } from '@temporalio/common';
import type { Keyring } from '../../platform/keyring.ts';
import {
  openPayload,
  SEALED,
  sealPayload,
  type PayloadKeyPurpose,
} from '../../platform/payload-codec/codec.ts';
import type { History } from './history-file.ts';

/**
 * The same history with its sealed payloads under another key. What was never sealed (ids, search
 * attributes, what the SDK notes for itself) stays as it is.
 * @throws Error when a payload does not open: a recorded history must be readable.
 */
export async function reseal(
  history: History,
  from: Keyring<PayloadKeyPurpose>,
  to: Keyring<PayloadKeyPurpose>,
): Promise<History> {
  return mapPayloads(history, async (payload) => {
    const opened = await openPayload(from, payload, null);
    if (typeof opened === 'string') throw new Error(`a sealed payload of the history is ${opened}`);
    const { payload: plain, ...whose } = opened;
    return sealPayload(to, whose, plain);
  });
}

/** The text of every payload of a history that can be read, opened where it is sealed. */
export async function readableTexts(history: History, codec: PayloadCodec): Promise<readonly string[]> {
  const texts: string[] = [];
  await mapPayloads(history, async (payload) => {
    const [opened] = await codec.decode([payload]);
    texts.push(Buffer.from(opened?.data ?? []).toString());
    return payload;
  });
  return texts;
}

const isSealed = ({ metadata }: Payload): boolean =>
  Buffer.from(metadata?.['encoding'] ?? []).toString() === SEALED;

function isPayload(value: object): value is Payload {
  return 'metadata' in value && typeof value.metadata === 'object' && 'data' in value;
}

/** The history with each sealed payload replaced. */
async function mapPayloads(
  history: History,
  replace: (payload: Payload) => Promise<Payload>,
): Promise<History> {
  const walk = async (value: unknown): Promise<unknown> => {
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
    if (Array.isArray(value)) return Promise.all(value.map(walk));
    if (isPayload(value)) return isSealed(value) ? replace(value) : value;
    // Numbers of 64 bits and the like are objects of their own kind.
    if (isScalar(value)) return value;
    return Object.fromEntries(
      await Promise.all(Object.entries(value).map(async ([name, inner]) => [name, await walk(inner)])),
    );
  };
  return (await walk(history)) as History;
}

const isScalar = (value: object): boolean => 'low' in value && 'high' in value && 'unsigned' in value;
