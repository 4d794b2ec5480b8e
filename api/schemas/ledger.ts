import { z } from 'zod';
import { isCurrency, type Currency } from '../../workflows/domain/currencies.ts';
import { isId } from '../../workflows/domain/ids.ts';
import { LEDGER_EVENTS } from '../../workflows/domain/posting.ts';
import { parseInstant } from '../instant.ts';
import { isAccountCode, parseAccountId, parseEntryId, parseTransactionId } from '../ledger/ids.ts';

// Query parameters of the ledger. Messages complete the sentence "<parameter> …" and never quote what was sent.

const once = z.string('must be given once');

/** A text that `read` understands. */
function parsed<T>(read: (text: string) => T | null, message: string) {
  return once.transform((text, context) => {
    const value = read(text);
    if (value !== null) return value;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}

const instant = once
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

const currency = parsed<Currency>(
  (text) => (isCurrency(text) ? text : null),
  'must be an active ISO 4217 code in upper case, such as EUR',
);

/** An account in one currency by its id, or in every currency by its code. */
const account = parsed<{ readonly code: string; readonly currency: Currency | null }>(
  (text) => parseAccountId(text) ?? (isAccountCode(text) ? { code: text, currency: null } : null),
  'must be an account id such as merchant_payable.pending.EUR, or a code such as merchant_payable:pending',
);

const LIMIT_MAX = 100;
const limit = parsed<number>((text) => {
  const value = /^[1-9]\d{0,2}$/.test(text) ? Number(text) : 0;
  return value >= 1 && value <= LIMIT_MAX ? value : null;
}, `must be a whole number from 1 to ${LIMIT_MAX}`).default(20);

/** The page after, or before, what `read` understands. */
function pages<T>(read: (text: string) => T | null, what: string) {
  const cursor = parsed<T>(read, `must be the id of ${what}`).optional();
  return { limit, starting_after: cursor, ending_before: cursor };
}

const ONE_DIRECTION = { path: ['ending_before'], error: 'cannot stand beside starting_after' };
const isOneDirection = (query: { starting_after?: unknown; ending_before?: unknown }): boolean =>
  query.starting_after === undefined || query.ending_before === undefined;

/** GET /v1/balances, /v1/ledger/accounts and /v1/ledger/trial-balance. */
export const pointInTime = z.strictObject({ at: instant.optional() });

/** What payments post, and what operators adjust. */
const EVENTS = [...LEDGER_EVENTS, 'adjusted'] as const;

/** GET /v1/ledger/transactions. */
export const listTransactions = z
  .strictObject({
    payment: parsed((text) => (isId('pay', text) ? text : null), 'must be the id of a payment').optional(),
    event: once.pipe(z.enum(EVENTS, `must be one of ${EVENTS.join(', ')}`)).optional(),
    account: account.optional(),
    currency: currency.optional(),
    at_after: instant.optional(),
    at_before: instant.optional(),
    ...pages(parseTransactionId, 'a ledger transaction (ltx_…)'),
  })
  .refine(isOneDirection, ONE_DIRECTION);
export type ListTransactions = z.output<typeof listTransactions>;

/** GET /v1/ledger/accounts/{id}/entries. */
export const listEntries = z
  .strictObject(pages(parseEntryId, 'a ledger entry (ent_…)'))
  .refine(isOneDirection, ONE_DIRECTION);
export type ListEntries = z.output<typeof listEntries>;

/** GET /v1/ledger/statement. */
export const statementQuery = z
  .strictObject({
    from: instant,
    to: instant.optional(),
    account: account.optional(),
    format: once.pipe(z.enum(['csv', 'json'], 'must be csv or json')).default('json'),
  })
  .refine(({ from, to }) => to === undefined || from <= to, {
    path: ['to'],
    error: 'must not be earlier than from',
  });

/** A query without parameters. */
export const nothing = z.strictObject({});
