import type { z } from 'zod';
import { invalidFields, type FieldError } from './problem.ts';

/** As the address has it: a text, or several when a name was given more than once. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Names that may be repeated in an answer; anything else could hold a card number. */
const PLAIN_NAME = /^[a-z_]{1,64}$/i;

/**
 * The query parameters as their schema says.
 * @throws Problem 400 whose `param` names the parameter.
 */
export function parseQuery<Schema extends z.ZodType>(schema: Schema, query: Query): z.output<Schema> {
  // Express gives an object without a prototype, which is no plain object to zod.
  const parsed = schema.safeParse({ ...query });
  if (parsed.success) return parsed.data;
  const errors = new Map<string, FieldError>();
  for (const error of parsed.error.issues.flatMap((issue) => toErrors(issue, query))) {
    if (!errors.has(error.param)) errors.set(error.param, error);
  }
  const [first, ...rest] = errors.values();
  if (first === undefined) throw new Error('a query was refused without a reason', { cause: parsed.error });
  throw invalidFields([first, ...rest]);
}

function toErrors(issue: z.core.$ZodIssue, query: Query): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const param = PLAIN_NAME.test(key) ? key : '';
      return {
        code: 'field_unknown',
        param,
        detail:
          param === '' ? 'the query has a parameter that does not exist' : `${param} does not exist here`,
      };
    });
  }
  const param = String(issue.path[0] ?? '');
  if (query[param] === undefined) return [{ code: 'field_missing', param, detail: `${param} is required` }];
  return [
    {
      code: param === 'currency' ? 'currency_invalid' : 'field_invalid',
      param,
      detail: `${param} ${issue.message}`,
    },
  ];
}
