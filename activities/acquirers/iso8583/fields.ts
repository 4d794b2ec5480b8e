/**
 * The fields of ISO 8583:1987 that our dialect uses. Anything else on the wire is refused: a field
 * whose length we do not know cannot be skipped, and one we do not read could change what we agreed to.
 *
 * Character classes as in the standard: n = digits, an = letters and digits, ans = printable ASCII.
 * A fixed `an` or `ans` field shorter than its length is filled with spaces on the right, a fixed `n`
 * field with zeros on the left; that is the writer's business, the codec only checks.
 */
export type CharacterClass = 'n' | 'an' | 'ans';

type FieldLength =
  | { readonly type: 'fixed'; readonly length: number }
  /** Preceded by its length in ASCII digits: LLVAR has two, LLLVAR three. */
  | { readonly type: 'variable'; readonly lengthDigits: 2 | 3; readonly maximum: number };

export interface FieldDefinition {
  readonly name: string;
  readonly characters: CharacterClass;
  readonly length: FieldLength;
}

const fixed = (name: string, characters: CharacterClass, length: number): FieldDefinition => ({
  name,
  characters,
  length: { type: 'fixed', length },
});
const llvar = (name: string, characters: CharacterClass, maximum: number): FieldDefinition => ({
  name,
  characters,
  length: { type: 'variable', lengthDigits: 2, maximum },
});
const lllvar = (name: string, characters: CharacterClass, maximum: number): FieldDefinition => ({
  name,
  characters,
  length: { type: 'variable', lengthDigits: 3, maximum },
});

export const FIELDS = {
  2: llvar('primary account number', 'n', 19),
  3: fixed('processing code', 'n', 6),
  4: fixed('amount, transaction', 'n', 12),
  7: fixed('transmission date and time, MMDDhhmmss UTC', 'n', 10),
  11: fixed('system trace audit number', 'n', 6),
  12: fixed('time, local transaction, hhmmss', 'n', 6),
  13: fixed('date, local transaction, MMDD', 'n', 4),
  14: fixed('date, expiration, YYMM', 'n', 4),
  15: fixed('date, settlement, MMDD', 'n', 4),
  18: fixed('merchant type', 'n', 4),
  22: fixed('point of service entry mode', 'n', 3),
  25: fixed('point of service condition code', 'n', 2),
  32: llvar('acquiring institution identification code', 'n', 11),
  33: llvar('forwarding institution identification code', 'n', 11),
  37: fixed('retrieval reference number', 'an', 12),
  38: fixed('authorization identification response', 'an', 6),
  39: fixed('response code', 'an', 2),
  41: fixed('card acceptor terminal identification', 'ans', 8),
  42: fixed('card acceptor identification code', 'ans', 15),
  43: fixed('card acceptor name and location', 'ans', 40),
  48: lllvar('additional data, private', 'ans', 999),
  49: fixed('currency code, transaction', 'n', 3),
  54: lllvar('additional amounts', 'an', 120),
  70: fixed('network management information code', 'n', 3),
  90: fixed('original data elements', 'n', 42),
  95: fixed('replacement amounts', 'an', 42),
} as const satisfies Record<number, FieldDefinition>;

export type FieldNumber = keyof typeof FIELDS;

/** Every field number, ascending: the order on the wire. */
export const FIELD_NUMBERS = Object.keys(FIELDS)
  .map(Number)
  .sort((left, right) => left - right) as readonly FieldNumber[];

export function isFieldNumber(value: number): value is FieldNumber {
  return Object.hasOwn(FIELDS, value);
}

/**
 * The message types of our dialect, each with the type of its answer; null = it is an answer itself.
 * 0221, 0401 and 0421 are repeats, byte-equal to 0220, 0400 and 0420 but for the type.
 */
export const MESSAGE_TYPES = {
  '0100': '0110',
  '0110': null,
  '0200': '0210',
  '0210': null,
  '0220': '0230',
  '0221': '0230',
  '0230': null,
  '0400': '0410',
  '0401': '0410',
  '0410': null,
  '0420': '0430',
  '0421': '0430',
  '0430': null,
  '0800': '0810',
  '0810': null,
} as const satisfies Record<string, string | null>;

export type MessageType = keyof typeof MESSAGE_TYPES;
export type RequestType = {
  [T in MessageType]: (typeof MESSAGE_TYPES)[T] extends null ? never : T;
}[MessageType];

export function isMessageType(value: string): value is MessageType {
  return Object.hasOwn(MESSAGE_TYPES, value);
}
