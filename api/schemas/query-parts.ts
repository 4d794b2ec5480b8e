import { z } from 'zod';
import { isCurrency, type Currency } from '../../workflows/domain/currencies.ts';
import { parseInstant } from '../instant.ts';
import { CURRENCY } from './meta.ts';

// What query parameters are made of. Messages complete the sentence "<parameter> …" and never quote what was sent.

export const once = z.string('must be given once');

/** A text that `read` understands. */
export function parsed<T>(read: (text: string) => T | null, message: string) {
  return once.transform((text, context) => {
    const value = read(text);
    if (value !== null) return value;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}

export const instant = once
  .pipe(
    z.iso.datetime({
      offset: true,
      message:
        'must be an ISO 8601 time with its zone, such as 2031-05-14T10:00:00Z (write the + of a zone as %2B)',
    }),
  )
  .transform((text, context) => {
    const value = parseInstant(text);
    if (value !== null) return value;
    context.addIssue({
      code: 'custom',
      message: 'must be in the years 1970 to 9999, with at most six digits after the second',
    });
    return z.NEVER;
  });

export const currency = parsed<Currency>(
  (text) => (isCurrency(text) ? text : null),
  'must be an active ISO 4217 code in upper case, such as EUR',
).meta(CURRENCY);

const LIMIT_MAX = 100;
const limit = parsed<number>((text) => {
  const value = /^[1-9]\d{0,2}$/.test(text) ? Number(text) : 0;
  return value >= 1 && value <= LIMIT_MAX ? value : null;
}, `must be a whole number from 1 to ${LIMIT_MAX}`)
  .default(20)
  .meta({
    type: 'integer',
    minimum: 1,
    maximum: LIMIT_MAX,
    description: 'How many at most; 20 where it is not said.',
  });

/** The page after, or before, what `read` understands. */
export function pages<T>(read: (text: string) => T | null, what: string) {
  const cursor = parsed<T>(read, `must be the id of ${what}`).optional();
  return { limit, starting_after: cursor, ending_before: cursor };
}

export const ONE_DIRECTION = { path: ['ending_before'], error: 'cannot stand beside starting_after' };
export const isOneDirection = (query: { starting_after?: unknown; ending_before?: unknown }): boolean =>
  query.starting_after === undefined || query.ending_before === undefined;

/** Bounds, each a parameter of its own: `created[gte]=…`. */
export function rangeOf<Bound extends z.ZodType>(bound: Bound) {
  const optional = bound.optional();
  return z.strictObject(
    { gt: optional, gte: optional, lt: optional, lte: optional },
    'must be written with a bound, such as [gte]',
  );
}
