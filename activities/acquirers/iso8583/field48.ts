import { CodecError } from './codec.ts';

/**
 * Field 48 of our dialect: a sequence of elements, each a tag (2 digits), a length (2 digits) and a
 * value, in ascending order of the tag, each tag at most once.
 *
 * | tag | element | in | value |
 * |---|---|---|---|
 * | 22 | stored-credential indicator | request | initiator C (customer) or M (merchant), then the reason letter (R recurring, I installment, U unscheduled, S resubmission, A reauthorization, D delayed charge, N no show, X incremental), then F (first) or S (subsequent) |
 * | 61 | authorization type | request | P: pre-authorization, whose amount may still grow (increments: 0100 with element 22 `MXS`, fields 37 and 38 of the original, and in field 4 what is added); absent: final |
 * | 63 | network transaction id | both | 1 to 15 letters or digits; in a request that of the first approval |
 * | 71 | valid until | reply | YYMMDDhhmm UTC: when the authorization ends |
 * | 83 | address verification result | reply | one letter |
 * | 87 | card verification result | reply | one letter: M match, N no match, P not processed, U issuer cannot |
 * | 92 | card verification value (CVV2) | request | 3 or 4 digits |
 *
 * A tag that is not in this table is skipped when read: it tells its length itself, and an acquirer
 * that adds one must not turn every approval into an unknown.
 */
const ELEMENTS = {
  storedCredential: { tag: '22', pattern: /^[CM][RIUSADNX][FS]$/ },
  authorizationType: { tag: '61', pattern: /^P$/ },
  networkReference: { tag: '63', pattern: /^[0-9A-Za-z]{1,15}$/ },
  validUntil: {
    tag: '71',
    pattern: /^[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])([01][0-9]|2[0-3])[0-5][0-9]$/,
  },
  avsResult: { tag: '83', pattern: /^[A-Z]$/ },
  cvvResult: { tag: '87', pattern: /^[A-Z]$/ },
  cvv: { tag: '92', pattern: /^[0-9]{3,4}$/ },
} as const satisfies Record<string, { tag: string; pattern: RegExp }>;

type ElementName = keyof typeof ELEMENTS;
export type AdditionalData = Readonly<Partial<Record<ElementName, string>>>;

const NAMES = Object.keys(ELEMENTS) as readonly ElementName[];
const HEADER = /^[0-9]{4}$/;

/**
 * The elements as field 48; null when there is none.
 * @throws CodecError bad_character when a value does not have its element's form.
 */
export function encodeAdditionalData(data: AdditionalData): string | null {
  let text = '';
  for (const name of NAMES) {
    const value = data[name];
    if (value === undefined) continue;
    const { tag } = ELEMENTS[name];
    checkForm(name, value);
    text += tag + String(value.length).padStart(2, '0') + value;
  }
  return text === '' ? null : text;
}

/** @throws CodecError when the text is not a sequence of elements, or a known one has not its form. */
export function decodeAdditionalData(text: string): AdditionalData {
  const data: Partial<Record<ElementName, string>> = {};
  let position = 0;
  let previous = '';
  while (position < text.length) {
    const header = text.slice(position, position + 4);
    if (!HEADER.test(header))
      throw malformed('does not start an element with tag and length where one must start');
    const tag = header.slice(0, 2);
    if (tag <= previous) throw malformed(`has element ${tag} after element ${previous}`);
    previous = tag;
    const size = Number(header.slice(2));
    const value = text.slice(position + 4, position + 4 + size);
    if (size === 0 || value.length < size)
      throw malformed(`ends within element ${tag}, or the element is empty`);
    position += 4 + size;
    const name = NAMES.find((candidate) => ELEMENTS[candidate].tag === tag);
    if (name === undefined) continue;
    checkForm(name, value);
    data[name] = value;
  }
  return data;
}

function checkForm(name: ElementName, value: string): void {
  const { tag, pattern } = ELEMENTS[name];
  if (!pattern.test(value))
    throw new CodecError('bad_character', `field 48, element ${tag} (${name}) has not its form`, 48);
}

function malformed(what: string): CodecError {
  return new CodecError('bad_length', `field 48 ${what}`, 48);
}
