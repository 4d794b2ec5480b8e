import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodecError } from './codec.ts';
import { createFrameDecoder, frame, FRAME_BYTES_MAX } from './frames.ts';

describe('the frames of the ISO 8583 link', () => {
  it('writes the length as two bytes, high byte first, not counting themselves', () => {
    expect(frame(Buffer.alloc(258, 0x41)).subarray(0, 3).toString('hex')).toBe('010241');
  });

  it('gives the same frames however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 }),
        (bodies, cuts) => {
          const stream = Buffer.concat(bodies.map((body) => frame(body)));
          const decoder = createFrameDecoder();
          const frames: Buffer[] = [];
          for (let position = 0, turn = 0; position < stream.length; turn += 1) {
            const size = cuts[turn % cuts.length] ?? 1;
            frames.push(...decoder.push(stream.subarray(position, position + size)));
            position += size;
          }
          expect(frames.map((body) => body.toString('hex'))).toEqual(
            bodies.map((body) => Buffer.from(body).toString('hex')),
          );
        },
      ),
    );
  });

  it('refuses an empty frame and one above the limit before it arrives', () => {
    expect(() => createFrameDecoder().push(Buffer.from([0, 0]))).toThrow(CodecError);
    expect(() => createFrameDecoder().push(Buffer.from([0xff, 0xff]))).toThrow(/65535 bytes is above/);
    expect(() => frame(Buffer.alloc(FRAME_BYTES_MAX + 1))).toThrow(CodecError);
  });
});
