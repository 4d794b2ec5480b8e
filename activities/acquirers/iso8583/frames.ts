import { CodecError } from './codec.ts';

const HEADER_BYTES = 2;

/** Above the longest message of our dialect (all fields at their maximum are below 1,500 bytes). */
export const FRAME_BYTES_MAX = 4_096;

/**
 * A message behind its length: two bytes, big-endian, not counting themselves.
 * @throws CodecError frame_too_long when the other side would refuse it.
 */
export function frame(message: Uint8Array): Buffer {
  if (message.byteLength > FRAME_BYTES_MAX) throw tooLong(message.byteLength);
  const framed = Buffer.allocUnsafe(HEADER_BYTES + message.byteLength);
  framed.writeUInt16BE(message.byteLength, 0);
  framed.set(message, HEADER_BYTES);
  return framed;
}

export interface FrameDecoder {
  /**
   * The frames that `chunk` completes, without their headers; what is left over waits for the next call.
   * @throws CodecError on an empty or too long frame. The stream has lost its beat then: close it.
   */
  push(chunk: Uint8Array): Buffer[];
}

/** Cuts a byte stream into frames, however the network chunks it. Holds at most one frame. */
export function createFrameDecoder(): FrameDecoder {
  const header = Buffer.alloc(HEADER_BYTES);
  let headerFilled = 0;
  let body: Buffer | null = null;
  let bodyFilled = 0;

  return {
    push(chunk) {
      const frames: Buffer[] = [];
      let position = 0;
      while (position < chunk.length) {
        if (body === null) {
          header[headerFilled] = chunk[position] ?? 0;
          headerFilled += 1;
          position += 1;
          if (headerFilled < HEADER_BYTES) continue;
          const size = header.readUInt16BE(0);
          if (size === 0) throw new CodecError('bad_length', 'a frame announces no bytes');
          if (size > FRAME_BYTES_MAX) throw tooLong(size);
          body = Buffer.allocUnsafe(size);
          bodyFilled = 0;
        } else {
          const part = chunk.subarray(position, position + body.length - bodyFilled);
          body.set(part, bodyFilled);
          bodyFilled += part.length;
          position += part.length;
          if (bodyFilled < body.length) continue;
          frames.push(body);
          body = null;
          headerFilled = 0;
        }
      }
      return frames;
    },
  };
}

function tooLong(size: number): CodecError {
  return new CodecError(
    'frame_too_long',
    `a frame of ${size} bytes is above the ${FRAME_BYTES_MAX} that are agreed`,
  );
}
