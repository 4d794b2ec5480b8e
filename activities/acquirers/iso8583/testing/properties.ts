import fc from 'fast-check';
import { CodecError, decode, encode, type Message } from '../codec.ts';
import { createFrameDecoder } from '../frames.ts';
import { messages, streams, wireBytes } from './arbitraries.ts';

/**
 * What must hold for every input of the codec. Each throws what is wrong with the input it is given.
 * Tried briefly by the tests beside it and at length by `npm run fuzz:iso8583`.
 */
export const CODEC_PROPERTIES = {
  'reads back what it wrote': fc.property(messages, (message) => {
    const read = decode(encode(message));
    if (read.type !== message.type || !sameFields(read, message))
      throw new Error('another message came back than went out');
  }),

  'answers any bytes with a message or a CodecError, and has one encoding for each message': fc.property(
    wireBytes,
    (bytes) => {
      const message = refusedAsTyped(() => decode(bytes));
      if (message !== null && !encode(message).equals(bytes))
        throw new Error('it was read, and is written otherwise');
    },
  ),

  'cuts a stream into the same frames however it arrives, and refuses it at the same place': fc.property(
    streams,
    ({ stream, cuts }) => {
      const whole = framesOf([stream]);
      const pieces: Buffer[] = [];
      for (let position = 0, turn = 0; position < stream.length; turn += 1) {
        const size = cuts[turn % cuts.length] ?? 1;
        pieces.push(stream.subarray(position, position + size));
        position += size;
      }
      const cut = framesOf(pieces);
      // In one piece a frame that cannot be hides the ones that came with it; in pieces it may not.
      const same = whole.refused ? cut.refused : !cut.refused && cut.frames.join() === whole.frames.join();
      if (!same) throw new Error('the frames depend on how the stream was cut');
    },
  ),
} as const;

function sameFields(a: Message, b: Message): boolean {
  const text = ({ fields }: Message): string =>
    JSON.stringify(Object.entries(fields).sort(([one], [other]) => Number(one) - Number(other)));
  return text(a) === text(b);
}

/** What `act` gives, or null when it refuses with a CodecError; everything else is thrown on. */
function refusedAsTyped<T>(act: () => T): T | null {
  try {
    return act();
  } catch (error) {
    if (error instanceof CodecError) return null;
    throw error;
  }
}

function framesOf(pieces: readonly Buffer[]): { readonly frames: string[]; readonly refused: boolean } {
  const decoder = createFrameDecoder();
  const frames: string[] = [];
  const done = refusedAsTyped(() => {
    for (const piece of pieces) frames.push(...decoder.push(piece).map((body) => body.toString('hex')));
    return true;
  });
  return { frames, refused: done === null };
}
