import { hideCardNumbers, hideCodedCardNumbers, passesLuhn } from './scrub-digits.ts';
import { SECURITY_CODE_SHORT_WORDS, SECURITY_CODE_WORDS } from './security-code.ts';

export { passesLuhn };

/**
 * What may not leave a process in a log line, an error text, a problem document, a crash's last words
 * or an attribute of a trace: card numbers however they are written, security codes, and credentials.
 * Applied to whole values before they are written, whatever their shape. Nothing here throws, and what
 * comes out is plain data: writing it calls no code of what went in.
 */

/** Longer texts are cut: what is longer is no message, and searching it holds everybody up. */
const TEXT_MAX = 16 * 1_024;
const DEPTH_MAX = 8;
/** Of one value, all its parts together: a socket or a client has thousands. */
const PARTS_MAX = 2_000;

const SECRET_TEXTS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g, '[secret]'],
  [/\b(Bearer|Basic|Digest)\s+[A-Za-z0-9._~+/=-]{6,}/gi, '$1 [secret]'],
  [/\b(?:sk|rk|ocs|rss)_(?:test|live)_[A-Za-z0-9_]+|\bwhsec_[A-Za-z0-9+/=_-]+/g, '[secret]'],
  // A token of three parts (JWT): the first is JSON, which begins so.
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+/g, '[secret]'],
  // A header's whole line. Shorter than a credential is how one is spoken of: "Authorization: Bearer sk_…".
  [/\b(authorization\\*["']?\s{0,4}[:=]\s{0,4}\\*["']?)[^\r\n"'\\…]{12,}/gi, '$1[secret]'],
  [/\b(cookie\\*["']?\s{0,4}[:=]\s{0,4}\\*["']?)[^\r\n"'\\]+/gi, '$1[secret]'],
  // Up to the last @ of the word: a password that was not encoded may hold one.
  [/(:\/\/[^:/@\s]{0,200}:)[^\s"'<>]{1,500}@/g, '$1[secret]@'],
];

/** Named in a text, as in a query, a header, JSON, or JSON within JSON. */
const NAMED_SECRET = new RegExp(
  String.raw`((?:[\w-]{0,40}(?:${SECURITY_CODE_WORDS}|passw(?:or)?d|secret|api[_-]?key|private[_-]?key|access[_-]?key)[\w-]{0,40}|\b(?:${SECURITY_CODE_SHORT_WORDS}|pwd))` +
    String.raw`(?:\\*["'\]]|\s){0,4}[:=]\s{0,4}\\*["']?)([^\s"'\\,;&{}[\]()]+)`,
  'gi',
);
/** What such a name may be followed by and stay readable. */
const HARMLESS = /^(?:null|undefined|true|false|none|\[\w*|)$/i;

const SECRET_PART = /cvv|cvc|securitycode|cardnumber|password|passwd|secret|apikey|privatekey|accesskey/;
const SECRET_NAME = /^(?:number|pan|cid|csc|pwd|authorization|proxyauthorization|cookie|setcookie)$/;

/** The text with card numbers reduced to their last four digits and credentials removed. */
export function scrubText(text: string): string {
  if (text.length > TEXT_MAX) {
    // A number that the cut goes through is no number any more: its digits go as well.
    const head = text.slice(0, TEXT_MAX).replace(/\P{L}{0,80}$/u, '');
    return `${scrubText(head)}[… ${text.length} characters]`;
  }
  const bare = SECRET_TEXTS.reduce((left, [secret, shown]) => left.replace(secret, shown), text).replace(
    NAMED_SECRET,
    (whole: string, name: string, value: string) => (HARMLESS.test(value) ? whole : `${name}[secret]`),
  );
  return hideCodedCardNumbers(hideCardNumbers(bare));
}

/** Whether a field of that name holds a secret, in whatever way it is spelt: cardNumber, card_number, Card-Number. */
function namesSecret(name: string): boolean {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  return SECRET_NAME.test(plain) || SECRET_PART.test(plain);
}

/** A copy of `value` that may be written: keys that name secrets are emptied, texts scrubbed, errors flattened. */
export function scrub(value: unknown): unknown {
  const state: State = { parts: 0, above: new Set() };
  return copy(value, 0, state);
}

/** Attributes of a trace or a metric, in the form in which OpenTelemetry takes them. */
export function scrubAttributes(
  attributes: Readonly<Record<string, unknown>>,
): Record<string, string | number | boolean | (string | number | boolean)[]> {
  const plain = (value: unknown): string | number | boolean =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? value
      : JSON.stringify(value ?? null);
  return Object.fromEntries(
    Object.entries(scrub(attributes) as Record<string, unknown>).map(([key, value]) => [
      key,
      Array.isArray(value) ? value.map(plain) : plain(value),
    ]),
  );
}

interface State {
  parts: number;
  /** What the value is part of: a circle ends where it closes. */
  readonly above: Set<object>;
}

function copy(value: unknown, depth: number, state: State): unknown {
  try {
    state.parts += 1;
    switch (typeof value) {
      case 'string':
        return scrubText(value);
      case 'number':
      case 'bigint': {
        const text = String(value);
        const scrubbed = scrubText(text);
        return scrubbed === text && typeof value === 'number' ? value : scrubbed;
      }
      case 'boolean':
      case 'undefined':
        return value;
      case 'symbol':
        return scrubText(String(value));
      case 'function':
        return '[function]';
      case 'object':
        return value === null ? null : copyObject(value, depth, state);
    }
  } catch {
    // A proxy, or a part that throws when it is looked at.
    return '[unreadable]';
  }
}

function copyObject(value: object, depth: number, state: State): unknown {
  if (state.above.has(value)) return '[circular]';
  if (depth >= DEPTH_MAX || state.parts > PARTS_MAX) return '[…]';
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? 'Invalid Date' : scrubText(value.toISOString());
  if (value instanceof URL || value instanceof RegExp) return scrubText(String(value));
  if (value instanceof String || value instanceof Number) return copy(value.valueOf(), depth, state);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof SharedArrayBuffer)
    return `[${value.byteLength} bytes]`;
  state.above.add(value);
  try {
    const next = (part: unknown): unknown => copy(part, depth + 1, state);
    if (value instanceof Error) return copyError(value, next);
    if (Array.isArray(value)) return copyList(value, state, next);
    if (value instanceof Set) return copyList([...value], state, next);
    if (value instanceof Map) {
      return copyEntries(
        Array.from(value, ([key, part]) => [typeof key === 'object' ? '[object]' : String(key), part]),
        state,
        next,
      );
    }
    return copyEntries(entriesOf(value), state, next);
  } finally {
    state.above.delete(value);
  }
}

function copyError(error: Error, next: (part: unknown) => unknown): Record<string, unknown> {
  const read = (name: string): unknown => {
    try {
      return (error as unknown as Record<string, unknown>)[name];
    } catch {
      return '[unreadable]';
    }
  };
  const parts: Record<string, unknown> = {};
  for (const name of ['name', 'message', 'code', 'stack', 'cause', 'errors']) {
    const part = read(name);
    if (part !== undefined) parts[name] = next(part);
  }
  return parts;
}

function copyList(list: readonly unknown[], state: State, next: (part: unknown) => unknown): unknown {
  // A number taken apart, or the bytes of one: no part of it is a number any more.
  if (
    list.length >= 12 &&
    list.every((part) => /^\d{1,3}$/.test(typeof part === 'symbol' ? '' : String(part)))
  ) {
    const parts = list.map(String);
    if (scrubText(parts.join('')) !== parts.join('')) return '[card]';
    if (scrubText(parts.join(',')) !== parts.join(',')) return '[card]';
  }
  const copied: unknown[] = [];
  for (const part of list) {
    if (state.parts > PARTS_MAX) {
      copied.push(`[… ${list.length} in all]`);
      break;
    }
    copied.push(next(part));
  }
  return copied;
}

function entriesOf(value: object): [string, unknown][] {
  return Object.entries(Object.getOwnPropertyDescriptors(value)).flatMap(([key, descriptor]) =>
    // A getter is code: it is not run for the sake of a log line.
    descriptor.enumerable === true
      ? [[key, 'value' in descriptor ? descriptor.value : '[getter]'] as [string, unknown]]
      : [],
  );
}

function copyEntries(
  entries: readonly (readonly [string, unknown])[],
  state: State,
  next: (part: unknown) => unknown,
): Record<string, unknown> {
  const copied: [string, unknown][] = [];
  for (const [key, part] of entries) {
    if (state.parts > PARTS_MAX) {
      copied.push(['…', `${entries.length} in all`]);
      break;
    }
    const secret =
      namesSecret(key) && part !== null && part !== undefined && typeof part !== 'boolean' && part !== '';
    copied.push([scrubText(key), secret ? '[secret]' : next(part)]);
  }
  return Object.fromEntries(copied);
}
