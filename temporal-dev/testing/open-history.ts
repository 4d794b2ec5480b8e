import type { Payload, PayloadCodec } from '@temporalio/common';
import { SEALED } from '../../platform/payload-codec/codec.ts';

const isPayload = (value: object): value is Payload =>
  'metadata' in value && typeof value.metadata === 'object' && value.metadata !== null;
const encodingOf = ({ metadata }: Payload): string => Buffer.from(metadata?.['encoding'] ?? []).toString();
const textOf = ({ data }: Payload): string => Buffer.from(data ?? []).toString('latin1');

function payloadsIn(history: unknown): readonly Payload[] {
  const found: Payload[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
    if (isPayload(value)) found.push(value);
    for (const inner of Object.values(value)) walk(inner);
  };
  walk(history);
  return found;
}

/** A history as Temporal keeps it: everything in it that is text, and the bytes of its payloads. */
export function storedText(history: unknown): string {
  return [JSON.stringify(history), ...payloadsIn(history).map(textOf)].join('\n');
}

/** What stands in the sealed payloads of a history. */
export async function openedText(history: unknown, codec: PayloadCodec | undefined): Promise<string> {
  if (codec === undefined) throw new Error('there is no codec to open payloads with');
  const sealed = payloadsIn(history).filter((payload) => encodingOf(payload) === SEALED);
  return (await codec.decode(sealed)).map(textOf).join('\n');
}
