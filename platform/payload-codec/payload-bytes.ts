import type { Payload } from '@temporalio/common';

/**
 * A payload as bytes: the length of its metadata (4 bytes, big endian), the metadata as JSON of base64
 * texts, then its data as it is.
 */
export function writePayload({ metadata, data }: Payload): Buffer {
  const head = Buffer.from(
    JSON.stringify(
      Object.fromEntries(
        Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
      ),
    ),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  // The SDK says "no bytes" with an empty array.
  return Buffer.concat([length, head, Buffer.from(data ?? [])]);
}

/** What {@link writePayload} wrote; it comes out of a seal, so it is whole. */
export function readPayload(bytes: Buffer): Payload {
  const end = 4 + bytes.readUInt32BE(0);
  const head = JSON.parse(bytes.subarray(4, end).toString()) as Record<string, string>;
  return {
    metadata: Object.fromEntries(
      Object.entries(head).map(([name, value]) => [name, Buffer.from(value, 'base64')]),
    ),
    data: bytes.subarray(end),
  };
}
