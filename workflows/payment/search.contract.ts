import {
  defineSearchAttributeKey,
  TypedSearchAttributes,
  type SearchAttributePair,
} from '@temporalio/common';
import type { MerchantId } from '../domain/ids.ts';

/**
 * What operators find payments by in Temporal Web. Search attributes are never sealed: nothing of a
 * person, no free text, no exact amount. Keywords all; SQL visibility holds ten (temporal-rules).
 */
export const SEARCH_ATTRIBUTES = {
  merchant: 'QuittanceMerchant',
  /** As the API says it. */
  status: 'QuittanceStatus',
  /** Of the latest attempt. */
  acquirer: 'QuittanceAcquirer',
  /** How that attempt ended, as a class; `open` while it has not. */
  outcome: 'QuittanceOutcome',
  currency: 'QuittanceCurrency',
  /** Power of ten of the amount in whole units, and what risk said: `100-999 accept`. */
  band: 'QuittanceBand',
  /** Kind of the newest open case when the run last looked; none = no case. */
  caseType: 'QuittanceCase',
  /** Why a person should look: `case`, `review`, `unknown`, or `none`. */
  attention: 'QuittanceAttention',
} as const;
export type SearchAttribute = keyof typeof SEARCH_ATTRIBUTES;

export const searchKey = (name: SearchAttribute) =>
  defineSearchAttributeKey(SEARCH_ATTRIBUTES[name], 'KEYWORD');

/** What is known of a payment when a run of it is started: whose it is. */
export function attributesAtStart(merchant: MerchantId): TypedSearchAttributes {
  const pairs: SearchAttributePair[] = [{ key: searchKey('merchant'), value: merchant }];
  return new TypedSearchAttributes(pairs);
}

/** The one line that Temporal Web shows over a payment's run; sealed like any payload. */
export function summaryAtStart(startedBy: string): { staticSummary: string; staticDetails: string } {
  return {
    staticSummary: `card payment, started by ${startedBy}`,
    staticDetails:
      'What it waits for stands in the current details. Queries: status, timeline, decision. The record is in PostgreSQL.',
  };
}
