import type { z } from 'zod';
import { childPointer, nameOf } from './body.ts';
import { invalidFields, type FieldError, type ProblemCode } from './problem.ts';

const ERRORS_SHOWN_MAX = 20;

/** Fields whose wrong value has a code of its own. */
const CODES: Readonly<Record<string, ProblemCode>> = {
  '/amount': 'amount_invalid',
  '/currency': 'currency_invalid',
  '/card/number': 'card_number_invalid',
};

/**
 * The body as its schema says, or a problem that names every wrong field.
 * @throws Problem
 */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const errors = new Map<string, FieldError>();
  for (const error of parsed.error.issues.flatMap((issue) => toErrors(issue, body))) {
    // The first thing that is wrong with a field says enough.
    if (!errors.has(error.param)) errors.set(error.param, error);
  }
  const [first, ...rest] = [...errors.values()].slice(0, ERRORS_SHOWN_MAX);
  if (first === undefined) throw new Error('a body was refused without a reason', { cause: parsed.error });
  throw invalidFields([first, ...rest]);
}

function toErrors(issue: z.core.$ZodIssue, body: unknown): FieldError[] {
  const param = issue.path.reduce<string>((parent, name) => childPointer(parent, String(name)), '');
  const name = nameOf(param);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownField(param, childPointer(param, key)));
  }
  if (issue.code === 'invalid_key') {
    const reason = issue.issues[0]?.message ?? 'is not allowed';
    return [{ code: 'field_invalid', param, detail: `the name of ${name} ${reason}` }];
  }
  if (valueAt(body, issue.path) === undefined) {
    return [{ code: 'field_missing', param, detail: `${name} is required` }];
  }
  return [{ code: CODES[param] ?? 'field_invalid', param, detail: `${name} ${issue.message}` }];
}

/** A field whose name is too long to repeat is told by its parent. */
function unknownField(parent: string, param: string): FieldError {
  const detail =
    param === parent ? `${nameOf(parent)} has a field that does not exist` : `${param} does not exist`;
  return { code: 'field_unknown', param, detail };
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, name)
        ? (value as Record<PropertyKey, unknown>)[name]
        : undefined,
    body,
  );
}
