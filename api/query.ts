import type { z } from 'zod';
import { holdsCardNumber } from '../platform/card-number.ts';
import { invalidFields, type FieldError } from './problem.ts';

/** As the address has it: a text, or several when a name was given more than once. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Names that may be repeated in an answer; anything else could hold a card number. */
const PLAIN_NAME = /^[a-z_]{1,64}(?:\[[a-z_]{0,64}\])?$/i;

/** `created[gte]`, `metadata[cart]`, `expand[]`. */
const BRACKETS = /^([^[\]]+)\[([^[\]]*)\]$/;

/**
 * The query parameters as their schema says. Names in brackets belong together: `created[gte]=…` is a
 * member of `created`, every `expand[]=…` an item of `expand`.
 * @throws Problem 400 whose `param` names the parameter.
 */
export function parseQuery<Schema extends z.ZodType>(schema: Schema, query: Query): z.output<Schema> {
  const parsed = schema.safeParse(folded(query));
  if (parsed.success) return parsed.data;
  const errors = new Map<string, FieldError>();
  for (const error of parsed.error.issues.flatMap((issue) => toErrors(issue, query))) {
    if (!errors.has(error.param)) errors.set(error.param, error);
  }
  const [first, ...rest] = errors.values();
  if (first === undefined) throw new Error('a query was refused without a reason', { cause: parsed.error });
  throw invalidFields([first, ...rest]);
}

/** Express gives an object without a prototype, which is no plain object to zod. */
function folded(query: Query): Record<string, unknown> {
  const plain = new Map<string, unknown>();
  for (const [name, value] of Object.entries(query)) {
    const [, outer, inner] = BRACKETS.exec(name) ?? [];
    if (outer === undefined || inner === undefined) plain.set(name, value);
    else if (inner === '') plain.set(outer, typeof value === 'string' ? [value] : value);
    else {
      const known = plain.get(outer);
      // Sent both plain and with members, it stays the plain one, which its schema refuses.
      if (known === undefined || isMembers(known)) plain.set(outer, { ...known, [inner]: value });
    }
  }
  return Object.fromEntries(plain);
}

function isMembers(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function toErrors(issue: z.core.$ZodIssue, query: Query): FieldError[] {
  const [outer] = issue.path;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const param = named(outer === undefined ? key : `${String(outer)}[${key}]`);
      return {
        code: 'field_unknown',
        param,
        detail:
          param === '' ? 'the query has a parameter that does not exist' : `${param} does not exist here`,
      };
    });
  }
  const param = named(sentName(issue.path, query));
  if (!isSent(param, query)) return [{ code: 'field_missing', param, detail: `${param} is required` }];
  return [
    {
      code: param === 'currency' ? 'currency_invalid' : 'field_invalid',
      param,
      detail: `${param} ${issue.code === 'invalid_key' ? `: its name ${issue.issues[0]?.message ?? 'is not allowed'}` : issue.message}`,
    },
  ];
}

/** The name under which the sender wrote it. */
function sentName([outer, inner]: readonly PropertyKey[], query: Query): string {
  const name = String(outer ?? '');
  if (Object.hasOwn(query, name)) return name;
  if (typeof inner === 'string') return `${name}[${inner}]`;
  return Object.hasOwn(query, `${name}[]`) ? `${name}[]` : name;
}

function isSent(param: string, query: Query): boolean {
  return Object.keys(query).some((name) => name === param || name.startsWith(`${param}[`));
}

function named(param: string): string {
  return PLAIN_NAME.test(param) && !holdsCardNumber(param) ? param : '';
}
