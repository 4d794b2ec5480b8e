import type { Json, OpenApiDocument } from '../contract/document.ts';
import { html, type Html } from '../../platform/html.ts';
import { marked } from './page.ts';

interface Row {
  readonly name: string;
  readonly schema: Json;
  readonly required: boolean;
}

/** Deeper members are told of, and not shown. */
const DEPTH_MAX = 4;

/** The members of a schema as rows, nested ones under the name of their parent. */
export function schemaTable(document: OpenApiDocument, schema: Json): Html {
  const rows = [...rowsOf(document, schema, '', 0)];
  if (rows.length === 0) return html`<p class="muted">No members: send <code>{}</code>, or nothing.</p>`;
  return tableOf(rows);
}

export function tableOf(rows: readonly Row[]): Html {
  return html`<table>
    <thead>
      <tr>
        <th>Name</th>
        <th>Type</th>
        <th>What it is</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(({ name, schema, required }) => {
        const description = typeof schema['description'] === 'string' ? schema['description'] : '';
        return html`<tr>
          <td><code>${name}</code>${required ? html` <span class="muted">required</span>` : ''}</td>
          <td>${typeOf(schema)}</td>
          <td>${marked([description, limitsOf(schema)].filter((part) => part !== '').join(' '))}</td>
        </tr> `;
      })}
    </tbody>
  </table>`;
}

function* rowsOf(document: OpenApiDocument, schema: Json, parent: string, depth: number): Generator<Row> {
  const { properties = {}, required = [] } = resolved(document, schema) as {
    properties?: Record<string, Json>;
    required?: readonly string[];
  };
  for (const [name, given] of Object.entries(properties)) {
    const member = notNull(resolved(document, given));
    const path = parent === '' ? name : `${parent}.${name}`;
    yield { name: path, schema: { ...member, ...descriptionOf(given) }, required: required.includes(name) };
    if (depth >= DEPTH_MAX) continue;
    if (member['properties'] !== undefined) yield* rowsOf(document, member, path, depth + 1);
    const items = member['items'] as Json | undefined;
    if (items !== undefined) yield* rowsOf(document, items, `${path}[]`, depth + 1);
  }
}

function resolved(document: OpenApiDocument, schema: Json): Json {
  const reference = schema['$ref'];
  if (typeof reference !== 'string') return schema;
  return document.components.schemas[reference.split('/').at(-1) ?? ''] ?? {};
}

/** What stands beside null. */
function notNull(schema: Json): Json {
  const options = schema['anyOf'] as readonly Json[] | undefined;
  const values = options?.filter(({ type }) => type !== 'null') ?? [];
  const [only] = values;
  return values.length === 1 && only !== undefined
    ? { ...only, ...descriptionOf(schema), nullable: options?.length !== 1 }
    : schema;
}

function descriptionOf({ description }: Json): Json {
  return description === undefined ? {} : { description };
}

function typeOf(schema: Json): string {
  const { type, format, items, nullable, anyOf } = schema;
  const named =
    typeof type === 'string'
      ? type === 'array'
        ? `list of ${typeOf((items ?? {}) as Json)}`
        : format === 'date-time'
          ? 'time'
          : type
      : Array.isArray(anyOf)
        ? (anyOf as Json[]).map(typeOf).join(' or ')
        : 'const' in schema
          ? 'text'
          : 'any';
  return nullable === true ? `${named} or null` : named;
}

function limitsOf(schema: Json): string {
  const {
    minimum,
    maximum,
    minLength,
    maxLength,
    maxProperties,
    default: fallback,
  } = schema as Readonly<Record<string, string | number | boolean | undefined>>;
  const values = schema['enum'] ?? ('const' in schema ? [schema['const']] : null);
  const limits = [
    Array.isArray(values) ? `One of ${values.map((value) => `\`${String(value)}\``).join(', ')}.` : '',
    minimum !== undefined && maximum !== undefined && Number(maximum) < Number.MAX_SAFE_INTEGER
      ? `From ${String(minimum)} to ${String(maximum)}.`
      : '',
    maxLength === undefined ? '' : `${String(minLength ?? 0)} to ${String(maxLength)} characters.`,
    maxProperties === undefined ? '' : `At most ${String(maxProperties)}.`,
    fallback === undefined || typeof fallback === 'object'
      ? ''
      : `\`${String(fallback)}\` where it is not said.`,
  ];
  return limits.filter((limit) => limit !== '').join(' ');
}
