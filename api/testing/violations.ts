import type { Json } from '../contract/document.ts';

/** A value that its schema forbids, and the pointer that the answer must name. */
export interface Violation {
  readonly what: string;
  readonly body: unknown;
  readonly param: string;
}

type Members = Readonly<Record<string, unknown>>;

const WRONG_TYPES: readonly (readonly [type: string, value: unknown])[] = [
  ['null', null],
  ['string', 'a text'],
  ['number', 7.5],
  ['boolean', true],
  ['array', [1]],
  ['object', { a: 1 }],
];

/**
 * Everything that a JSON Schema forbids of a body, one thing wrong at a time: missing, of another type,
 * out of range, too long, not of the form, unknown.
 * @param valid a body that is right.
 */
export function violationsOf(schema: Json, valid: Members): readonly Violation[] {
  return [
    ...WRONG_TYPES.filter(([type]) => type !== 'object').map(([type, body]) => ({
      what: `a body that is ${type}`,
      body,
      param: '',
    })),
    ...membersOf(schema, valid, '', (body) => body),
  ];
}

function* membersOf(
  schema: Json,
  valid: Members,
  parent: string,
  whole: (members: Members) => unknown,
): Generator<Violation> {
  const { properties = {}, required = [] } = schema as {
    properties?: Record<string, Json>;
    required?: readonly string[];
  };
  for (const [name, member] of Object.entries(properties)) {
    const param = `${parent}/${name}`;
    const put = (value: unknown): unknown => whole({ ...valid, [name]: value });
    if (required.includes(name)) {
      const { [name]: _, ...without } = valid;
      yield { what: `no ${param}`, body: whole(without), param };
    }
    for (const [what, value] of valuesAgainst(member))
      yield { what: `${param} ${what}`, body: put(value), param };
    if (member['type'] === 'array')
      yield { what: `${param} has an item that is null`, body: put([null]), param: `${param}/0` };
    if (member['properties'] !== undefined)
      yield* membersOf(member, (valid[name] ?? {}) as Members, param, put);
    const additional = member['additionalProperties'];
    if (typeof additional === 'object' && additional !== null) {
      for (const [what, value] of valuesAgainst(additional as Json))
        yield { what: `${param}/key ${what}`, body: put({ key: value }), param: `${param}/key` };
    }
  }
  const extra = `${parent}/no_such_field`;
  yield { what: `${extra} is there`, body: whole({ ...valid, no_such_field: 1 }), param: extra };
  yield {
    what: `${parent} has a field with a name of 5000 letters`,
    body: whole({ ...valid, ['x'.repeat(5_000)]: 1 }),
    param: parent,
  };
}

function* valuesAgainst(schema: Json): Generator<readonly [what: string, value: unknown]> {
  const { type, minimum, maximum, minLength, maxLength, maxProperties, pattern, format } = schema;
  for (const [wrong, value] of WRONG_TYPES) {
    if (wrong !== type && !(type === 'integer' && wrong === 'number')) yield [`is ${wrong}`, value];
  }
  if (type === 'integer') {
    yield ['has a fraction', 7.5];
    if (typeof minimum === 'number') yield ['is too small', minimum - 1];
    if (typeof maximum === 'number') yield ['is too large', maximum + 1];
    yield ['is beyond every integer', 1e300];
  }
  if (type === 'string') {
    if (typeof minLength === 'number' && minLength > 0) yield ['is empty', ''];
    yield ['is huge', 'x'.repeat(20_000)];
    if (typeof maxLength === 'number') yield ['is one too long', 'x'.repeat(maxLength + 1)];
    yield ['has a NUL', 'a\u0000b'];
    yield ['is half a character', '\ud83d'];
    if (pattern !== undefined || format !== undefined || schema['enum'] !== undefined) {
      yield ['is something else', '💳 é'];
    }
  }
  if (type === 'object' && typeof maxProperties === 'number')
    yield [
      'has too many members',
      Object.fromEntries(Array.from({ length: maxProperties + 1 }, (_, n) => [`k${n}`, 'x'])),
    ];
}
