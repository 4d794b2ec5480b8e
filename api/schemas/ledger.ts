import { z } from 'zod';
import type { Currency } from '../../workflows/domain/currencies.ts';
import { isId } from '../../workflows/domain/ids.ts';
import { LEDGER_EVENTS } from '../../workflows/domain/posting.ts';
import { isAccountCode, parseAccountId, parseEntryId, parseTransactionId } from '../ledger/ids.ts';
import { currency, instant, isOneDirection, once, ONE_DIRECTION, pages, parsed } from './query-parts.ts';

// Query parameters of the ledger. Messages complete the sentence "<parameter> …" and never quote what was sent.

/** An account in one currency by its id, or in every currency by its code. */
const account = parsed<{ readonly code: string; readonly currency: Currency | null }>(
  (text) => parseAccountId(text) ?? (isAccountCode(text) ? { code: text, currency: null } : null),
  'must be an account id such as merchant_payable.pending.EUR, or a code such as merchant_payable:pending',
);

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
