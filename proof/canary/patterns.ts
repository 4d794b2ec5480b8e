import type { Canaries } from './canaries.ts';

/** One way in which a canary may be written down. */
export interface Pattern {
  /** What was found and how it was written, such as "visa number, base64". Never the thing itself. */
  readonly name: string;
  /** Searched in bytes read as latin1; or found byte for byte. */
  readonly find: RegExp | Buffer;
}

/** Between digits: up to three bytes that are neither digit nor letter (a no-break space is two in UTF-8, NUL one in UTF-16). */
const GAP = '[^0-9A-Za-z]{0,3}';

/** Every way in which a canary is looked for. */
export function patternsOf({ stems, codes, secrets }: Canaries): readonly Pattern[] {
  const patterns: Pattern[] = [];
  for (const [scheme, stem] of Object.entries(stems)) {
    const digits = Array.from(stem);
    const coded = (digit: string): string => `(?:%|\\\\+u00|\\\\+x|0x)?3${digit}(?:00)?[\\s,:]{0,2}`;
    const bytes = digits.map((digit) => String(digit.charCodeAt(0))).join(',\\s{0,8}');
    patterns.push(
      { name: `${scheme} number, digits`, find: new RegExp(digits.join(GAP)) },
      { name: `${scheme} number, hex or escaped`, find: new RegExp(digits.map(coded).join('')) },
      { name: `${scheme} number, list of bytes`, find: new RegExp(bytes) },
      ...inBase64(`${scheme} number`, stem),
    );
  }
  const named = Object.values(codes).join('|');
  patterns.push({
    name: 'security code, named',
    find: new RegExp(
      `(?:cvv2?|cvc2?|cid|csc|security[_ -]?code)(?:\\\\*["'\\]]|\\s){0,4}[:=]\\s{0,4}\\\\*["']?(?:${named})(?!\\d)`,
      'i',
    ),
  });
  for (const [scheme, code] of Object.entries(codes))
    for (const key of ['cvv', 'cvc'])
      patterns.push(...inBase64(`${scheme} security code as ${key}`, `"${key}":"${code}"`), {
        name: `${scheme} security code as ${key}, hex`,
        find: hexOf(`"${key}":"${code}"`),
      });
  for (const [what, secret] of secrets)
    patterns.push(
      { name: `${what}, as it is`, find: Buffer.from(secret) },
      { name: `${what}, hex`, find: hexOf(secret) },
      ...inBase64(what, secret),
    );
  return patterns;
}

function hexOf(text: string): Buffer {
  return Buffer.from(Buffer.from(text).toString('hex'));
}

/** A text within a longer one is written in one of three ways; what depends on its neighbours is left off. */
function inBase64(what: string, text: string): Pattern[] {
  return [0, 1, 2].map((before) => {
    const coded = Buffer.from(`${'x'.repeat(before)}${text}`)
      .toString('base64')
      .replace(/=+$/, '');
    const first = Math.ceil((before * 8) / 6);
    const whole = Math.floor(((before + Buffer.byteLength(text)) * 8) / 6);
    return { name: `${what}, base64 at ${before}`, find: Buffer.from(coded.slice(first, whole)) };
  });
}

/** One example of each way, to be planted; `found` is the pattern that must find it. */
export function examplesOf(
  canaries: Canaries,
): readonly { readonly found: string; readonly bytes: Buffer }[] {
  const { codes, secrets } = canaries;
  const examples: { found: string; bytes: Buffer }[] = [];
  const add = (found: string, bytes: Buffer | string): void => {
    examples.push({ found, bytes: Buffer.from(bytes as string) });
  };
  for (const scheme of ['visa', 'amex'] as const) {
    const number = canaries.number(scheme, 7);
    const groups = scheme === 'visa' ? /(\d{4})(?=\d)/g : /^(\d{4})(\d{6})/;
    const separated = (gap: string): string =>
      number.replace(groups, (...[, one, two]: string[]) =>
        scheme === 'visa' ? `${one}${gap}` : `${one}${gap}${two}${gap}`,
      );
    for (const gap of ['', ' ', '-', '.', '\u00a0']) add(`${scheme} number, digits`, separated(gap));
    add(`${scheme} number, digits`, Buffer.from(number, 'utf16le'));
    add(`${scheme} number, digits`, Buffer.from(number, 'utf16le').swap16());
    const each = (write: (digit: string) => string): string => Array.from(number, write).join('');
    add(`${scheme} number, hex or escaped`, Buffer.from(number).toString('hex'));
    add(`${scheme} number, hex or escaped`, Buffer.from(number, 'utf16le').toString('hex'));
    add(
      `${scheme} number, hex or escaped`,
      each((digit) => `%3${digit}`),
    );
    add(
      `${scheme} number, hex or escaped`,
      each((digit) => `\\u003${digit}`),
    );
    add(`${scheme} number, list of bytes`, JSON.stringify(Buffer.from(number)));
    for (const before of [0, 1, 2])
      add(
        `${scheme} number, base64 at ${before}`,
        Buffer.from('x'.repeat(before) + number).toString('base64'),
      );
    add('security code, named', `{"cvv":"${codes[scheme]}"}`);
    add('security code, named', `card[cvc]=${codes[scheme]}&x`);
    for (const key of ['cvv', 'cvc']) {
      const text = `"${key}":"${codes[scheme]}"`;
      for (const before of [0, 1, 2])
        add(
          `${scheme} security code as ${key}, base64 at ${before}`,
          Buffer.from(`${'x'.repeat(before)}${text}}`).toString('base64'),
        );
      add(`${scheme} security code as ${key}, hex`, Buffer.from(text).toString('hex'));
    }
  }
  for (const [what, secret] of secrets) {
    add(`${what}, as it is`, secret);
    add(`${what}, hex`, Buffer.from(secret).toString('hex'));
    for (const before of [0, 1, 2])
      add(`${what}, base64 at ${before}`, Buffer.from('x'.repeat(before) + secret).toString('base64'));
  }
  return examples;
}
