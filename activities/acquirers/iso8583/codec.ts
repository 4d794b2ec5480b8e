import { FIELDS, FIELD_NUMBERS, isFieldNumber, isMessageType } from './fields.ts';
import type { CharacterClass, FieldDefinition, FieldNumber, MessageType } from './fields.ts';

export type Fields = Readonly<Partial<Record<FieldNumber, string>>>;

/** One message; field values are the characters on the wire without the length in front. */
export interface Message {
  readonly type: MessageType;
  readonly fields: Fields;
}

export type CodecErrorKind =
  /** The bytes end before the message does. */
  | 'truncated'
  /** Bytes follow the last field. */
  | 'trailing_bytes'
  /** A message type our dialect does not have. */
  | 'unknown_message_type'
  /** A secondary bitmap without fields, or bit 65 (a third bitmap). */
  | 'bad_bitmap'
  /** A field our dialect does not have. */
  | 'unknown_field'
  /** A length that is no number, is zero, or above the field's maximum; a value of another length. */
  | 'bad_length'
  /** A character that the field's class does not have. */
  | 'bad_character'
  /** A frame above the size that was agreed. */
  | 'frame_too_long';

/** The bytes, or the message, are not of our dialect. The text names fields, never what is in them. */
export class CodecError extends Error {
  override readonly name = 'CodecError';
  readonly kind: CodecErrorKind;
  readonly field: number | null;

  constructor(kind: CodecErrorKind, message: string, field: number | null = null) {
    super(message);
    this.kind = kind;
    this.field = field;
  }
}

/** `an` allows spaces only as filling on the right. */
const CHARACTERS = {
  n: /^[0-9]+$/,
  an: /^[0-9A-Za-z]* *$/,
  ans: /^[\x20-\x7e]+$/,
} as const satisfies Record<CharacterClass, RegExp>;

const TYPE_LENGTH = 4;
const BITMAP_BYTES = 8;
const SECONDARY_BITMAP_BIT = 1;
const THIRD_BITMAP_BIT = 65;

/**
 * The message as bytes, without the length header.
 * @throws CodecError when a value does not fit its field.
 */
export function encode(message: Message): Buffer {
  if (!isMessageType(message.type)) throw unknownType();
  const present = Object.keys(message.fields).map(Number);
  for (const field of present) if (!isFieldNumber(field)) throw unknownField(field);

  const secondary = present.some((field) => field > 64);
  const bitmap = Buffer.alloc(secondary ? 2 * BITMAP_BYTES : BITMAP_BYTES);
  if (secondary) setBit(bitmap, SECONDARY_BITMAP_BIT);
  let body = '';
  for (const field of FIELD_NUMBERS) {
    const value = message.fields[field];
    if (value === undefined) continue;
    const definition: FieldDefinition = FIELDS[field];
    checkLength(field, definition, value.length);
    checkCharacters(field, definition, value);
    setBit(bitmap, field);
    if (definition.length.type === 'variable')
      body += String(value.length).padStart(definition.length.lengthDigits, '0');
    body += value;
  }
  return Buffer.concat([Buffer.from(message.type, 'latin1'), bitmap, Buffer.from(body, 'latin1')]);
}

/**
 * Reads exactly one message that fills `bytes`. There is one encoding of a message: what is accepted
 * here gives the same bytes again.
 * @throws CodecError, and nothing else, for every input that is not a message of our dialect.
 */
export function decode(bytes: Uint8Array): Message {
  const reader = createReader(bytes);
  const type = reader.text(TYPE_LENGTH, 'the message type');
  if (!isMessageType(type)) throw unknownType();

  const present = readBitmaps(reader);
  const fields: Partial<Record<FieldNumber, string>> = {};
  for (const field of present) {
    if (!isFieldNumber(field)) throw unknownField(field);
    fields[field] = readField(reader, field, FIELDS[field]);
  }
  if (reader.remaining() > 0) {
    throw new CodecError(
      'trailing_bytes',
      `${reader.remaining()} bytes follow the last field of a ${type} message`,
    );
  }
  return { type, fields };
}

function readBitmaps(reader: Reader): number[] {
  const primary = reader.bytes(BITMAP_BYTES, 'the primary bitmap');
  const present = bitsOf(primary, 0);
  if (present[0] !== SECONDARY_BITMAP_BIT) return present;
  const secondary = bitsOf(reader.bytes(BITMAP_BYTES, 'the secondary bitmap'), 64);
  if (secondary.length === 0) throw new CodecError('bad_bitmap', 'the secondary bitmap announces no field');
  if (secondary[0] === THIRD_BITMAP_BIT)
    throw new CodecError(
      'bad_bitmap',
      'bit 65 announces a third bitmap, which the 1987 edition does not have',
    );
  return [...present.slice(1), ...secondary];
}

function readField(reader: Reader, field: FieldNumber, definition: FieldDefinition): string {
  const { length } = definition;
  let size: number;
  if (length.type === 'fixed') size = length.length;
  else {
    const digits = reader.text(length.lengthDigits, `the length of field ${field}`);
    if (!CHARACTERS.n.test(digits))
      throw new CodecError(
        'bad_length',
        `the length of field ${field} (${definition.name}) is not a number`,
        field,
      );
    size = Number(digits);
    checkLength(field, definition, size);
  }
  const value = reader.text(size, `field ${field} (${definition.name})`);
  checkCharacters(field, definition, value);
  return value;
}

function checkLength(field: number, { name, length }: FieldDefinition, size: number): void {
  if (length.type === 'fixed' ? size === length.length : size >= 1 && size <= length.maximum) return;
  const allowed = length.type === 'fixed' ? `${length.length}` : `1 to ${length.maximum}`;
  throw new CodecError(
    'bad_length',
    `field ${field} (${name}) has ${size} characters where ${allowed} are allowed`,
    field,
  );
}

function checkCharacters(field: number, { name, characters }: FieldDefinition, value: string): void {
  if (!CHARACTERS[characters].test(value)) {
    throw new CodecError(
      'bad_character',
      `field ${field} (${name}) has a character that is not of class ${characters}`,
      field,
    );
  }
}

interface Reader {
  text(length: number, what: string): string;
  bytes(length: number, what: string): Buffer;
  remaining(): number;
}

function createReader(source: Uint8Array): Reader {
  const buffer = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
  let position = 0;
  function bytes(length: number, what: string): Buffer {
    const end = position + length;
    if (end > buffer.length) throw new CodecError('truncated', `the bytes end within ${what}`);
    const taken = buffer.subarray(position, end);
    position = end;
    return taken;
  }
  return {
    bytes,
    text: (length, what) => bytes(length, what).toString('latin1'),
    remaining: () => buffer.length - position,
  };
}

/** The numbers of the set bits, ascending; the first bit of a byte is its highest. */
function bitsOf(bitmap: Uint8Array, offset: number): number[] {
  const bits: number[] = [];
  bitmap.forEach((byte, index) => {
    for (let bit = 0; bit < 8; bit += 1) {
      if ((byte & (0x80 >> bit)) !== 0) bits.push(offset + index * 8 + bit + 1);
    }
  });
  return bits;
}

function setBit(bitmap: Buffer, bit: number): void {
  const index = (bit - 1) >> 3;
  bitmap[index] = (bitmap[index] ?? 0) | (0x80 >> ((bit - 1) & 7));
}

function unknownType(): CodecError {
  return new CodecError('unknown_message_type', 'the message type is not one of our dialect');
}

function unknownField(field: number): CodecError {
  return new CodecError('unknown_field', `field ${field} is not one of our dialect`, field);
}
