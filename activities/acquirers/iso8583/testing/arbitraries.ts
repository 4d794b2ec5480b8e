import fc from 'fast-check';
import { encode, type Message } from '../codec.ts';
import { FIELDS, FIELD_NUMBERS, MESSAGE_TYPES } from '../fields.ts';
import type { FieldDefinition, FieldNumber, MessageType } from '../fields.ts';
import { frame } from '../frames.ts';

const SETS = {
  n: '0123456789',
  an: '0123456789ABCXYZabcxyz',
  ans: ' !"#$%&\'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~',
} as const;

function valueOf({ characters, length }: FieldDefinition): fc.Arbitrary<string> {
  const [minLength, maxLength] =
    length.type === 'fixed' ? [length.length, length.length] : [1, length.maximum];
  return fc.string({ unit: fc.constantFrom(...Array.from(SETS[characters])), minLength, maxLength });
}

/** Any message of the dialect, with any of its fields. */
export const messages: fc.Arbitrary<Message> = fc.record({
  type: fc.constantFrom(...(Object.keys(MESSAGE_TYPES) as MessageType[])),
  fields: fc.record(
    Object.fromEntries(FIELD_NUMBERS.map((field) => [field, valueOf(FIELDS[field])])) as Record<
      FieldNumber,
      fc.Arbitrary<string>
    >,
    { requiredKeys: [] },
  ),
});

type Damage = (bytes: Buffer) => Buffer;

/** A position within, also of nothing. */
const within = (at: number, { length }: Buffer): number => (length === 0 ? 0 : at % length);

const changed = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })).map(([at, value]): Damage => (bytes) => {
  const damaged = Buffer.from(bytes);
  if (damaged.length > 0) damaged[within(at, damaged)] = value;
  return damaged;
});
/** The first bytes hold type, bitmaps and lengths: a bit turned there moves everything behind it. */
const turned = fc
  .tuple(fc.integer({ min: 0, max: 19 }), fc.integer({ min: 0, max: 7 }))
  .map(([at, bit]): Damage => (bytes) => {
    const damaged = Buffer.from(bytes);
    const place = within(at, damaged);
    if (damaged.length > 0) damaged[place] = (damaged[place] ?? 0) ^ (1 << bit);
    return damaged;
  });
const cut = fc.nat().map(
  (at): Damage =>
    (bytes) =>
      bytes.subarray(0, within(at, bytes)),
);
const grown = fc.tuple(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 8 })).map(
  ([at, more]): Damage =>
    (bytes) =>
      Buffer.concat([bytes.subarray(0, within(at, bytes)), more, bytes.subarray(within(at, bytes))]),
);
const doubled = fc.tuple(fc.nat(), fc.nat(40)).map(
  ([at, size]): Damage =>
    (bytes) =>
      Buffer.concat([bytes.subarray(0, within(at, bytes) + size), bytes.subarray(within(at, bytes))]),
);

/** Almost a message: bytes changed, bits of the head turned, cut off, put in, or said twice. */
export const damagedMessages: fc.Arbitrary<Buffer> = fc
  .tuple(messages, fc.array(fc.oneof(changed, turned, cut, grown, doubled), { maxLength: 4 }))
  .map(([message, damages]) => damages.reduce<Buffer>((bytes, damage) => damage(bytes), encode(message)));

/** What a wire may bring: noise, and messages that are almost right. */
export const wireBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  { weight: 4, arbitrary: damagedMessages },
);

/** A stream of frames, some of them damaged with their headers, and how the network cuts it. */
export const streams: fc.Arbitrary<{ readonly stream: Buffer; readonly cuts: readonly number[] }> = fc
  .tuple(
    fc.array(messages, { maxLength: 5 }),
    fc.array(fc.oneof(changed, cut, grown, doubled), { maxLength: 2 }),
    fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 }),
  )
  .map(([bodies, damages, cuts]) => ({
    stream: damages.reduce<Buffer>(
      (bytes, damage) => damage(bytes),
      Buffer.concat(bodies.map((body) => frame(encode(body)))),
    ),
    cuts,
  }));
