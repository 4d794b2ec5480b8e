import type { AttemptKind } from '../../workflows/domain/outcome.ts';
import type { AttemptAnswer } from './attempts.ts';

/**
 * What an acquirer's event comes to, in words of this system: made by its adapter from what was signed,
 * and from nothing else. Amounts are minor units of `currency`, already undone from the acquirer's way
 * of writing them; whoever takes a report compares them with what was asked for.
 */
export type AcquirerReport = {
  /** As the acquirer signed it: the account that it is about. */
  readonly merchantAccount: string;
  /** What we called it when we asked; null when the acquirer says no name of ours. */
  readonly reference: string | null;
  /** What the acquirer calls this one thing. */
  readonly acquirerReference: string;
  /** What the acquirer calls the payment that it is about. */
  readonly payment: string;
  /** For people; not signed, never decides. */
  readonly reason: string | null;
} & ReportBody;

type ReportBody =
  /** How an attempt ended. Null currency = it names no amount. */
  | {
      readonly type: 'answer';
      /** Only of an attempt of one of these kinds. */
      readonly about: readonly AttemptKind[];
      readonly answer: AttemptAnswer;
      readonly currency: string | null;
    }
  /** A capture or refund that had succeeded has failed after all. */
  | { readonly type: 'withdrawal' }
  | {
      readonly type: 'chargeback' | 'chargeback_reversal';
      readonly amount: bigint;
      readonly currency: string;
    }
  /** Nothing changes by it. */
  | { readonly type: 'nothing'; readonly detail: string }
  /** No table has it, or it cannot be read: a person has to look. */
  | { readonly type: 'not_understood'; readonly detail: string };

/** One event of a request, and the name under which it is taken only once. */
export interface VerifiedEvent<Item> {
  readonly dedupeKey: string;
  readonly item: Item;
}

/** What verification says of one HTTP request. */
export type Verified<Item> =
  | { readonly type: 'verified'; readonly dedupeKey: string; readonly items: readonly VerifiedEvent<Item>[] }
  /** Why it is not believed, for people; with the HTTP status that says so. */
  | { readonly type: 'refused'; readonly status: 400 | 401; readonly reason: string };

/**
 * What an adapter implements for what its acquirer sends by itself. `verify` is given the bytes as they
 * came; what it lets through is signed. `translate` is pure.
 */
export interface AcquirerEvents<Secrets, Item> {
  verify(
    rawBody: Buffer,
    headers: Readonly<Record<string, string | string[] | undefined>>,
    secrets: Secrets,
  ): Verified<Item>;
  translate(item: Item): AcquirerReport;
}
