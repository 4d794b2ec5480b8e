/** 2^32 and 10^6. */
const RANGE = 0x1_0000_0000;
const MILLION = 1_000_000;

/**
 * A number from 0 to 999,999 that looks drawn by chance and is always the same for the same text:
 * what a share of payments is decided by. FNV-1a, then the finalizer of MurmurHash3, without which
 * ids that differ in their last character would be neighbours.
 */
export function drawPpm(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  const unsigned = (hash ^ (hash >>> 16)) >>> 0;
  return Math.floor((unsigned / RANGE) * MILLION);
}
