import { z } from 'zod';
import type { Route } from '../call.ts';
import { SCOPES } from '../auth/scopes.ts';
import { TOKEN_PATH } from '../oauth/paths.ts';
import { PROBLEMS, type ProblemCode } from '../problem.ts';
import { COMPONENTS } from './components.ts';
import { TAGS, type AnswerContract, type OperationContract } from './contract.ts';
import { NEWEST, schemaIn, type Version } from '../versions.ts';
import { HEADERS, IDEMPOTENCY_KEY, PREFER, VERSION as VERSION_HEADER } from './headers.ts';
import { EXAMPLES } from './examples.ts';
import { PATH_PARAMETERS, pathParameters, pathTemplate } from './path.ts';
import { problemsOf } from './problems-of.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface OpenApiDocument extends Json {
  readonly openapi: '3.1.0';
  readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>> } & Json;
}

/** Our own version of the contract; a change that breaks a client raises it. */
const VERSION = '1.0.0';

const ABOUT = [
  'Payments that are never told wrong: an outcome that is not known is `processing`, neither yes nor no.',
  'Amounts are whole minor units. Every POST needs an `Idempotency-Key`; send it again after a lost answer and nothing happens twice.',
  'Errors are problem documents (RFC 9457); each `code` is explained at `/problems/{code}`.',
  'A secret key or an access token of an OAuth client says who calls; a merchant can have every request signed besides (RFC 9421).',
].join(' ');

/**
 * The OpenAPI 3.1 document of these routes, from the schemas that validate their requests.
 * @param closed answers may have no members but the ones listed: for tests of ours, not for clients,
 *   who must expect new members.
 * @param version of the answers; requests are the same in every one.
 */
export function openApiDocument(
  routes: readonly Route[],
  { closed = false, version = NEWEST }: { readonly closed?: boolean; readonly version?: Version } = {},
): OpenApiDocument {
  const bodies = new Map(
    routes.flatMap(({ contract: { body } }) => (body === null ? [] : [[body.name, body.schema] as const])),
  );
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const item = (paths[pathTemplate(route.path)] ??= {});
    item[route.method.toLowerCase()] = operationObject(route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Quittance',
      version: VERSION,
      description: ABOUT,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ secretKey: [] }, { oauth2: [] }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: {
        ...inVersion(version, schemasOf(Object.entries(COMPONENTS), 'output', closed)),
        ...schemasOf([...bodies], 'input', closed),
      },
      headers: HEADERS,
      parameters: {
        'Idempotency-Key': IDEMPOTENCY_KEY,
        Prefer: PREFER,
        'Quittance-Version': VERSION_HEADER,
      },
      securitySchemes: {
        secretKey: {
          type: 'http',
          scheme: 'bearer',
          description: 'Your secret key, `sk_test_…` or `sk_live_…`. Merchant and mode come from it alone.',
        },
        oauth2: {
          type: 'oauth2',
          description:
            'An access token of an OAuth client of yours (`POST /v1/oauth-clients`), sent as a secret key is: good for ten minutes, signed by a key of `/.well-known/jwks.json`.',
          flows: { clientCredentials: { tokenUrl: TOKEN_PATH, scopes: SCOPES } },
        },
      },
    },
  };
}

function inVersion(
  version: Version,
  schemas: Readonly<Record<string, Json>>,
): Readonly<Record<string, Json>> {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, schemaIn(version, name, schema)]),
  );
}

function operationObject({ path, contract }: Route): Json {
  const { id, tag, summary, description, scope, body, idempotent, waits, query } = contract;
  const parameters = [
    ...pathParameters(path).map((name) => ({
      name,
      in: 'path',
      required: true,
      description: PATH_PARAMETERS[name].description,
      schema: { type: 'string', pattern: PATH_PARAMETERS[name].pattern },
    })),
    ...queryParameters(query),
    ...(idempotent ? [{ $ref: '#/components/parameters/Idempotency-Key' }] : []),
    ...(waits ? [{ $ref: '#/components/parameters/Prefer' }] : []),
    { $ref: '#/components/parameters/Quittance-Version' },
  ];
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: `${description} Scope: \`${scope}\`.`,
    security: [{ secretKey: [scope] }, { oauth2: [scope] }],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === null
      ? {}
      : {
          requestBody: {
            required: !accepts(body.schema, {}),
            content: {
              'application/json': {
                schema: { $ref: `#/components/schemas/${body.name}` },
                example: body.example,
              },
            },
          },
        }),
    responses: {
      ...Object.fromEntries(
        Object.entries(contract.answers).map(([status, answer]) => [
          status,
          answerObject(Number(status), answer, contract),
        ]),
      ),
      ...problemResponses(problemsOf(contract)),
    },
  };
}

function accepts(schema: z.ZodType, value: unknown): boolean {
  return schema.safeParse(value).success;
}

function queryParameters(query: z.ZodType): Json[] {
  const { properties = {}, required = [] } = z.toJSONSchema(query, {
    io: 'input',
    unrepresentable: 'any',
  }) as { properties?: Record<string, Json>; required?: string[] };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    // Lists are repeated with brackets, objects have their member in brackets: expand[]=ledger, created[gte]=….
    name: schema['type'] === 'array' ? `${name}[]` : name,
    in: 'query',
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    ...(schema['type'] === 'object' ? { style: 'deepObject', explode: true } : {}),
    schema,
  }));
}

/** What makes something with an address of its own. */
const LOCATED: ReadonlySet<string> = new Set(['createPayment', 'createCardVerification']);

function answerObject(status: number, answer: AnswerContract, contract: OperationContract): Json {
  const name = nameOf(answer);
  const headers = [
    'Request-Id',
    'Quittance-Version',
    'Deprecation',
    'Sunset',
    'RateLimit-Policy',
    'RateLimit',
    ...(contract.waits && contract.tag === 'Payments' ? ['Quittance-Payment'] : []),
    ...(contract.waits ? ['Preference-Applied'] : []),
    ...(status === 202 ? ['Retry-After'] : contract.idempotent ? ['Idempotency-Replayed'] : []),
    ...(LOCATED.has(contract.id) ? ['Location'] : []),
  ];
  const example = name === null ? undefined : EXAMPLES[name];
  const content: Record<string, Json> = {
    ...(name === null
      ? {}
      : {
          'application/json': {
            schema: { $ref: `#/components/schemas/${name}` },
            ...(example === undefined ? {} : { example }),
          },
        }),
    ...Object.fromEntries(
      Object.entries(answer.otherMedia ?? {}).map(([media, description]) => [
        media,
        { schema: { type: 'string', description } },
      ]),
    ),
  };
  return {
    description: answer.description,
    headers: Object.fromEntries(
      headers.map((header) => [header, { $ref: `#/components/headers/${header}` }]),
    ),
    ...(Object.keys(content).length === 0 ? {} : { content }),
  };
}

/** @throws Error when the schema is not in COMPONENTS: a schema without a name is not published. */
function nameOf({ schema }: AnswerContract): keyof typeof COMPONENTS | null {
  if (schema === null) return null;
  const found = Object.entries(COMPONENTS).find(([, known]) => known === schema);
  if (found === undefined)
    throw new Error('an answer has a schema that is not in COMPONENTS: give it a name');
  return found[0] as keyof typeof COMPONENTS;
}

/** One response for each status, with the codes that it can have. */
function problemResponses(codes: readonly ProblemCode[]): Record<string, Json> {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, some]) => [
      String(status),
      {
        description: some
          .map((code) => `[\`${code}\`](/problems/${code}): ${PROBLEMS[code].title}.`)
          .join('\n'),
        headers: Object.fromEntries(
          ['Request-Id', ...(status === 429 ? ['Retry-After'] : [])].map((header) => [
            header,
            { $ref: `#/components/headers/${header}` },
          ]),
        ),
        content: {
          'application/problem+json': {
            schema: {
              allOf: [{ $ref: '#/components/schemas/Problem' }],
              properties: { code: { enum: some }, status: { const: status } },
            },
          },
        },
      },
    ]),
  );
}

function schemasOf(
  named: readonly (readonly [string, z.ZodType])[],
  io: 'input' | 'output',
  closed: boolean,
): Record<string, Json> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of named) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    io,
    uri: (id) => `#/components/schemas/${id}`,
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      // Clients must expect new members in what they are sent.
      if (io === 'output' && !closed && jsonSchema.additionalProperties === false)
        delete jsonSchema.additionalProperties;
    },
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => {
      const { $schema: _schema, $id: _id, ...rest } = schema as Json;
      return [name, rest];
    }),
  );
}
