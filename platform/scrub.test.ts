import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { passesLuhn, scrub, scrubAttributes, scrubText } from './scrub.ts';

const NUMBER = '4242424242424242';

describe('what leaves a process holds no card number and no credential', () => {
  it.each([
    ['plain', NUMBER],
    ['with spaces', '4242 4242 4242 4242'],
    ['with dashes', '4242-4242-4242-4242'],
    ['inside a sentence', `the card ${NUMBER}, please`],
    ['of fifteen digits', '378282246310005'],
    ['inside JSON', `{"at":"${NUMBER}"}`],
    ['with dots', '4242.4242.4242.4242'],
    ['with no-break spaces', '4242\u00a04242\u00a04242\u00a04242'],
    ['with spaced dashes', '4242 - 4242 - 4242 - 4242'],
    ['with zero-width spaces', '4242\u200b4242\u200b4242\u200b4242'],
    ['in full-width digits', '４２４２４２４２４２４２４２４２'],
    ['in Arabic digits', '٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢'],
    ['in mathematical digits', '𝟒𝟐𝟒𝟐𝟒𝟐𝟒𝟐𝟒𝟐𝟒𝟐𝟒𝟐𝟒𝟐'],
    ['beside letters', `x${NUMBER}y`],
    ['after another number', `order 12 ${NUMBER}`],
    ['before its expiry', `${NUMBER} 12/29`],
    ['run together with its expiry and code', `${NUMBER}1229737`],
    ['on a magnetic stripe', `;${NUMBER}=29121010000000000?`],
    ['after a UUID', `52363674-6976-4680-812e-f1ddb4d780ac ${NUMBER}`],
    ['in UTF-16 read as bytes', Array.from(NUMBER).join('\0')],
  ])('a card number %s is reduced to its last four digits', (_how, text) => {
    const scrubbed = scrubText(text);
    const bare = scrubbed.replace(/\[card …\d{4}\]|[^\p{L}\p{N}]/gu, '');
    expect(bare).not.toMatch(/4242|3782|４２|٤٢|𝟒𝟐|29121/u);
    expect(scrubbed).toMatch(/\[card.*\]/);
  });

  it.each([
    ['hex', Buffer.from(NUMBER).toString('hex')],
    ['a dump of bytes', Buffer.from(NUMBER).toString('hex').replace(/../g, '$& ')],
    ['percent signs', encodeURIComponent(NUMBER).replace(/\d/g, (digit) => `%3${digit}`)],
    ['escapes of JSON', NUMBER.replace(/\d/g, (digit) => `\\u003${digit}`)],
    ['escapes of JSON within JSON', NUMBER.replace(/\d/g, (digit) => `\\\\u003${digit}`)],
    ['a printed Buffer', JSON.stringify(Buffer.from(NUMBER))],
    ['base64', Buffer.from(NUMBER).toString('base64')],
    ['base64 of something larger', Buffer.from(`{"card":"${NUMBER}"}`).toString('base64')],
    ['a piece of base64', Buffer.from(`{"card":"${NUMBER}"}`).toString('base64').slice(3)],
    ['base64url', Buffer.from(`??>>${NUMBER}`).toString('base64url')],
  ])('a card number written as %s is hidden', (_how, text) => {
    expect(scrubText(`got ${text} there`)).toContain('[card]');
    expect(scrubText(`got ${text} there`)).not.toContain(text);
  });

  it.each([
    ['an amount', 'amount 999999999999'],
    ['a time in ms', '1763733600000'],
    ['an id', 'pay_01m7z8gw0mf6dv31bg1vw9btsd'],
    ['sixteen digits that fail Luhn', '4242424242424241'],
    ['a UUID that looks like one', 'req_52363674-6976-4680-812e-f1ddb4d780ac'],
    ['a path', '/usr/lib/node_modules/@temporalio/worker/lib/runtime.js:123:45'],
    ['a time of PostgreSQL', '2026-11-21 23:50:09.123456+00'],
    ['an address', '10.24.113.204:54321 to 10.24.113.205:5432'],
    ['how a credential is spoken of', 'send your key as "Authorization: Bearer sk_…"'],
    ['an empty code', 'cvv: null, password=undefined'],
  ])('%s stays readable', (_what, text) => {
    expect(scrubText(text)).toBe(text);
  });

  it('credentials are removed wherever they stand', () => {
    const text = scrubText(
      'Bearer sk_test_abc123 of sk_live_XYZ at postgres://user:pass-word@host/db with whsec_abc+/=',
    );
    for (const secret of ['abc123', 'XYZ', 'pass-word', 'whsec_abc']) expect(text).not.toContain(secret);
  });

  it('keys that name secrets are emptied at any depth, in errors and their causes too', () => {
    const error = new Error(`refused ${NUMBER}`, { cause: new Error('Bearer sk_test_inner') });
    const text = JSON.stringify(
      scrub({ a: [{ cvv: '123', card: { number: NUMBER } }], error, authorization: 'Basic x' }),
    );
    for (const secret of ['"123"', NUMBER, 'sk_test_inner', 'Basic x']) expect(text).not.toContain(secret);
  });

  it('no number that passes Luhn survives, in whatever text it stands', () => {
    const pans = fc
      .array(fc.integer({ min: 0, max: 9 }), { minLength: 12, maxLength: 18 })
      .map((digits) => digits.join(''))
      .map(
        (body) =>
          Array.from('0123456789')
            .map((check) => body + check)
            .find(passesLuhn) ?? '',
      );
    fc.assert(
      fc.property(pans, fc.stringMatching(/^[ a-z.,:;"]{0,10}$/), (pan, around) => {
        expect(scrubText(`${around} ${pan} ${around}`)).not.toContain(pan);
      }),
    );
  });

  it.each([
    ['a basic login', 'Authorization: Basic dXNlcjpwYXNzd29yZA==', 'dXNlcjpw'],
    ['a signature', 'authorization: AWS4-HMAC-SHA256 Credential=AKIA/x, Signature=abcdef0123', 'abcdef0123'],
    ['a session', 'cookie: a=first; session=second', 'second'],
    ['a password with an @ in it', 'postgres://app:p@ss-word@host/db', 'ss-word'],
    ['a password without a user', 'redis://:hidden-word@host:6379', 'hidden-word'],
    ['a key of an acquirer', 'X-API-Key: AQEhmfxK1234', 'AQEhmfxK1234'],
    ['a webhook secret', 'signed with whsec_AbC+/123==', 'AbC+'],
    ['a restricted key', 'rk_live_abcdef', 'abcdef'],
    ['a setting', 'QUITTANCE_VAULT_SECRET_API=0123456789abcdef', '0123456789abcdef'],
    ['a code in a form', 'card[cvc]=7391&x=1', '7391'],
    ['a code in JSON', '{"cvv": "7391"}', '7391'],
    ['a code in JSON within JSON', '{\\"securityCode\\":\\"7391\\"}', '7391'],
    ['a private key', '-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----', 'MIIEvQ'],
    ['half a private key', '-----BEGIN EC PRIVATE KEY-----\nMIIEvQ', 'MIIEvQ'],
  ])('%s is removed from a text', (_what, text, secret) => {
    expect(scrubText(text)).not.toContain(secret);
  });

  it('a text of any length is finished in time, and the cut leaves no piece of a number', () => {
    for (const unit of ['4242 ', 'a', '://x:', '1', '3', '%34', 'secret', '"', '\\', 'QUJD']) {
      const long = scrubText(unit.repeat(200_000));
      expect(long.length).toBeLessThan(20_000 * 3);
    }
    const cut = scrubText(`${'x '.repeat(8_187)}${NUMBER}${'y'.repeat(100)}`);
    expect(cut).not.toContain('42424');
  });
});

/** Every way in which a value can carry a text to whoever writes it. */
const CARRIERS: readonly (readonly [string, (text: string) => unknown])[] = [
  ['a cause of a cause', (text) => new Error('a', { cause: new Error('b', { cause: new Error(text) }) })],
  ['an AggregateError', (text) => new AggregateError([new Error(text)], 'several')],
  ['a name of an error', (text) => Object.assign(new Error('a'), { name: text })],
  ['a code of an error', (text) => Object.assign(new Error('a'), { code: text })],
  ['a Map', (text) => new Map([[text, { [text]: text }]])],
  ['a Set', (text) => new Set([text])],
  ['a Symbol', (text) => Symbol(text)],
  ['a key', (text) => ({ [text]: 1 })],
  ['a Buffer', (text) => Buffer.from(text)],
  ['a typed array', (text) => Uint16Array.from(text, (char) => char.charCodeAt(0))],
  ['a DataView', (text) => new DataView(Uint8Array.from(Buffer.from(text)).buffer)],
  ['a Buffer as JSON', (text) => Buffer.from(text).toJSON()],
  ['a list of digits', (text) => Array.from(text)],
  ['a list of numbers', (text) => Array.from(text, Number)],
  ['a list of bytes', (text) => [...Buffer.from(text)]],
  ['a bigint', (text) => BigInt(text)],
  ['a number', (text) => Number(text)],
  ['a boxed text', (text) => Object(text) as unknown],
  ['a URL', (text) => new URL(`http://host/${text}`)],
  ['a RegExp', (text) => new RegExp(text)],
  ['a getter', (text) => Object.defineProperty({}, 'a', { enumerable: true, get: () => text })],
  ['its own toJSON', (text) => ({ toJSON: () => text })],
  ['an inherited toJSON', (text) => Object.create({ toJSON: () => text }) as unknown],
  [
    'a class',
    (text) =>
      new (class {
        readonly seen = text;
      })(),
  ],
  ['a function', (text) => Object.assign(() => text, { text })],
  [
    'a circle',
    (text) => {
      const ring: Record<string, unknown> = { text };
      ring['ring'] = [ring];
      return ring;
    },
  ],
  ['something deep', (text) => Array.from({ length: 30 }).reduce<unknown>((inner) => ({ inner }), text)],
  ['a large list', (text) => Array.from({ length: 5_000 }, () => [text])],
  [
    'what throws when it is looked at',
    (text) =>
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error(text);
          },
        },
      ),
  ],
];

describe('whatever carries it', () => {
  it.each(CARRIERS)('%s gives away no card number, and can be written', (_what, carry) => {
    const written = JSON.stringify(scrub({ here: carry(NUMBER), list: [carry(NUMBER)] }));
    const digits = written.replace(/\[card …\d{4}\]|[^0-9]/g, '');
    expect(digits).not.toContain(NUMBER);
    expect(digits).not.toContain(Array.from(NUMBER, (digit) => digit.charCodeAt(0)).join(''));
  });

  it('keys that name secrets are known in every spelling, and what is no secret stays', () => {
    const secrets = [
      'card_cvv',
      'securityCode',
      'Security-Code',
      'cardNumber',
      'X-Api-Key',
      'vaultSecretApi',
      'pwd',
      'Cookie',
    ];
    const written = JSON.stringify(scrub(Object.fromEntries(secrets.map((key) => [key, 'hidden-word']))));
    expect(written).not.toContain('hidden-word');
    expect(scrub(new Map([['cvv', 737]]))).toEqual({ cvv: '[secret]' });
    const plain = {
      authorization_type: 'pre',
      number_of: 3,
      security_code: true,
      secret: null,
      token: 'card_1',
    };
    expect(scrub(plain)).toEqual(plain);
  });

  it('any value that can be made comes out as plain data without a number in it', () => {
    const digits = fc.constantFrom('4242424242424242', '378282246310005', '5555555555554444');
    const separated = fc
      .tuple(digits, fc.constantFrom('', ' ', '-', '.', '\u00a0', '–', ' - '), fc.integer({ min: 1, max: 6 }))
      .map(([number, gap, size]) => number.replace(new RegExp(`\\d{${size}}(?=\\d)`, 'g'), `$&${gap}`));
    const leaf = fc.oneof(
      separated,
      fc.tuple(fc.string(), separated, fc.string()).map(([a, b, c]) => `${a} ${b} ${c}`),
    );
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(fc.string(), tie('any'), { maxKeys: 3 }),
        tie('any').map((inner) => new Set([inner])),
        tie('any').map((inner) => new Map([[inner, inner]])),
        tie('any').map((inner) => new Error(typeof inner === 'string' ? inner : 'e', { cause: inner })),
      ),
    })).any;
    fc.assert(
      fc.property(value, (made) => {
        const written = JSON.stringify(scrub(made)).replace(/[^\p{L}\p{N}]/gu, '');
        expect(written).not.toMatch(/4242424242424242|378282246310005|5555555555554444/);
      }),
    );
  });

  it('attributes of a trace stay texts, numbers, booleans and lists of them', () => {
    const attributes = {
      'http.route': '/v1/x',
      'http.header.authorization': 'x',
      ok: true,
      n: 3,
      list: ['a', NUMBER],
      deep: { a: NUMBER },
    };
    expect(scrubAttributes(attributes)).toEqual({
      'http.route': '/v1/x',
      'http.header.authorization': 'x',
      ok: true,
      n: 3,
      list: ['a', '[card …4242]'],
      deep: '{"a":"[card …4242]"}',
    });
  });
});
