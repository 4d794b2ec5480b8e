/**
 * What may not leave a process in a log line, an error text or a problem document: card numbers
 * (a run of 12 to 19 digits, also with spaces or dashes, that passes Luhn), security codes, and
 * credentials. Applied to whole values before they are written, whatever their shape.
 */
const DIGIT_RUN = /(?<![\dA-Za-z])\d(?:[ -]?\d){11,18}(?!\d)/g;
const SECRET_TEXT =
  /\b(?:Bearer\s+[^\s"']+|sk_(?:test|live)_[A-Za-z0-9]+|whsec_[A-Za-z0-9+/=]+)|(?<=:\/\/[^:/@\s]+:)[^@/\s]+(?=@)/g;
const SECRET_KEY =
  /^(?:authorization|cvv2?|cvc2?|cid|security_?code|card_?number|number|pan|secret|api_?key|password|private_?key)$/i;
const DEPTH_LIMIT = 8;

/** True when the digits pass the Luhn check (ISO/IEC 7812-1, annex B). */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48;
    const doubled = digit * 2;
    sum += index % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** The text with card numbers reduced to their last four digits and credentials removed. */
export function scrubText(text: string): string {
  return text
    .replace(DIGIT_RUN, (run) => {
      const digits = run.replace(/[ -]/g, '');
      return passesLuhn(digits) ? `[card …${digits.slice(-4)}]` : run;
    })
    .replace(SECRET_TEXT, '[secret]');
}

/** A copy of `value` that may be written: keys that name secrets are emptied, texts scrubbed, errors flattened. */
export function scrub(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return scrubText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number')
    return scrubText(String(value)) === String(value) ? value : scrubText(String(value));
  if (value === null || typeof value !== 'object') return value;
  if (depth >= DEPTH_LIMIT) return '[…]';
  if (value instanceof Error) {
    const { name, message, stack, cause } = value;
    return {
      name,
      message: scrubText(message),
      ...('code' in value ? { code: scrub(value.code, depth + 1) } : {}),
      ...(stack === undefined ? {} : { stack: scrubText(stack) }),
      ...(cause === undefined ? {} : { cause: scrub(cause, depth + 1) }),
    };
  }
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.map((item) => scrub(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      SECRET_KEY.test(key) && item !== null && item !== undefined ? '[secret]' : scrub(item, depth + 1),
    ]),
  );
}
