import type { z } from 'zod';
import type { Scope } from '../auth/scopes.ts';
import type { CallClass } from '../limits/load.ts';
import type { ProblemCode } from '../problem.ts';

/** What an operation is about; the document's sections, in their order. */
export const TAGS = {
  Payments: 'Take, hold, capture, give back: everything that moves money on a card.',
  Cards: 'Whether an issuer says that a card is good, without any money held, and the cards that you stored.',
  Customers: 'Whom you sell to, as far as you say.',
  Ledger: 'The double-entry books of your payments (docs/api.md, “Reading the ledger”).',
  Events: 'What happened, as it was told to your webhook endpoints.',
  Webhooks: 'Where events are sent, how they are signed, and what became of each delivery.',
  Keys: 'Who may call, for what, from where. A key sees and makes keys of its own merchant and mode.',
} as const;
export type Tag = keyof typeof TAGS;

/** One way in which an operation succeeds. */
export interface AnswerContract {
  readonly description: string;
  /** One of COMPONENTS (components.ts); null for a body that is not JSON. */
  readonly schema: z.ZodType | null;
  /** Other media types that it can have, by their name, with what is in them. */
  readonly otherMedia?: Readonly<Record<string, string>>;
}

/** What a request's body may be. */
export interface BodyContract<Schema extends z.ZodType = z.ZodType> {
  readonly schema: Schema;
  /** Name in the document, and an example that is tested to be valid. */
  readonly name: string;
  readonly example: Readonly<Record<string, unknown>>;
}

/**
 * One operation as it is promised. It stands next to its handler, and the very schemas that are
 * published here decide what is let in.
 */
export interface OperationContract {
  /** The name of the operation in clients: `createPayment`. */
  readonly id: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description: string;
  /** What a key must be allowed to do. */
  readonly scope: Scope;
  /** By which it is counted, and shed when too much is asked. */
  readonly callClass: CallClass;
  /** Parameters of the address: a strict object. */
  readonly query: z.ZodType;
  readonly body: BodyContract | null;
  /** Every POST that changes something needs an Idempotency-Key. */
  readonly idempotent: boolean;
  /** Takes `Prefer: wait=N`, and can answer 202 while the outcome is not known. */
  readonly waits: boolean;
  /** By HTTP status. */
  readonly answers: Readonly<Record<number, AnswerContract>>;
  /** What it can refuse beyond what follows from its form; see problemsOf. */
  readonly problems: readonly ProblemCode[];
}
