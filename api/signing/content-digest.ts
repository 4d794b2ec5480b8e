import { createHash, timingSafeEqual } from 'node:crypto';
import { parseDictionary } from 'structured-headers';
import { Problem } from '../problem.ts';

/**
 * Holds a body against its Content-Digest (RFC 9530): the SHA-256 of the bytes as they came. Other
 * algorithms may stand beside it and are not looked at.
 * @throws Problem `content_digest_wrong`
 */
export function checkContentDigest(header: string, body: Uint8Array): void {
  const told = sha256In(header);
  const own = createHash('sha256').update(body).digest();
  if (told === null)
    throw new Problem(
      'content_digest_wrong',
      'the Content-Digest has no SHA-256 of the form sha-256=:…: (base64 of 32 bytes)',
    );
  if (!timingSafeEqual(told, own))
    throw new Problem(
      'content_digest_wrong',
      `the ${body.byteLength} bytes of the body have another SHA-256 than the Content-Digest says: make it of the bytes that are sent`,
    );
}

function sha256In(header: string): Buffer | null {
  try {
    const value: unknown = parseDictionary(header).get('sha-256')?.[0];
    if (!(value instanceof ArrayBuffer) || value.byteLength !== 32) return null;
    return Buffer.from(value);
  } catch {
    return null;
  }
}
