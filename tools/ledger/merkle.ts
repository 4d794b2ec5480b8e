import { hash } from 'node:crypto';

/** Bytes of a SHA-256 value. */
export const HASH_BYTES = 32;
const NODE_PREFIX = 0x01;

/**
 * The root of RFC 6962 (section 2.1) over leaves that are hashed already: pairs are hashed upwards,
 * one without a partner goes up as it is.
 * @param leaves at least one, one after the other, 32 bytes each.
 */
export function merkleRoot(leaves: Buffer): Buffer {
  const level = Buffer.from(leaves);
  const node = Buffer.alloc(1 + 2 * HASH_BYTES, NODE_PREFIX);
  let width = level.length / HASH_BYTES;
  while (width > 1) {
    const pairs = Math.floor(width / 2);
    for (let pair = 0; pair < pairs; pair += 1) {
      level.copy(node, 1, 2 * pair * HASH_BYTES, 2 * (pair + 1) * HASH_BYTES);
      // A text of one byte a character: node makes it faster than a buffer.
      level.write(hash('sha256', node, 'binary'), pair * HASH_BYTES, 'latin1');
    }
    if (width % 2 === 1) level.copyWithin(pairs * HASH_BYTES, 2 * pairs * HASH_BYTES, width * HASH_BYTES);
    width = pairs + (width % 2);
  }
  return level.subarray(0, HASH_BYTES);
}
