import { z } from 'zod';
import { anyMinor, currency, listOf, mode, orNull, text, time } from './common.ts';
import { entry } from './payments.ts';

const side = z.enum(['debit', 'credit']);
const balanceParts = { account: text, currency, normal_side: side, balance: anyMinor };

const balance = z.object({ object: z.literal('balance'), account_id: text, ...balanceParts });
const ledgerAccount = z.object({
  object: z.literal('ledger_account'),
  id: text,
  ...balanceParts,
  opened: time,
  closed: orNull(time),
});
const asOf = { at: orNull(time) };
export const balanceList = listOf(balance).extend(asOf);
export const ledgerAccountList = listOf(ledgerAccount).extend(asOf);

export const ledgerTransaction = z.object({
  id: text,
  object: z.literal('ledger_transaction'),
  event: text,
  at: time,
  payment: orNull(text),
  operation: orNull(text),
  attempt: orNull(text),
  entries: z.array(entry),
});
export const ledgerTransactionList = listOf(ledgerTransaction);

const ledgerEntry = entry.extend({
  id: text,
  object: z.literal('ledger_entry'),
  transaction: text,
  at: time,
  event: text,
  payment: orNull(text),
  operation: orNull(text),
  balance: anyMinor.describe('Of the account right after this entry.'),
});
export const ledgerEntryList = listOf(ledgerEntry);

export const trialBalance = z.object({
  object: z.literal('trial_balance'),
  mode,
  at: orNull(time),
  balanced: z.boolean(),
  currencies: z.array(z.object({ currency, debits: anyMinor, credits: anyMinor, balanced: z.boolean() })),
  accounts: z.array(z.object({ account_id: text, ...balanceParts, debits: anyMinor, credits: anyMinor })),
});

const statementBalance = z.object({ account_id: text, ...balanceParts });
export const ledgerStatement = z.object({
  object: z.literal('ledger_statement'),
  mode,
  from: time,
  to: time,
  opening_balances: z.array(statementBalance),
  entries: z.array(ledgerEntry.extend({ order_reference: orNull(text), description: orNull(text) })),
  closing_balances: z.array(statementBalance),
});
