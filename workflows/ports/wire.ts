import type { AcquirerCapabilities } from '../domain/capabilities.ts';
import type { AcquirerAccountId, AttemptId } from '../domain/ids.ts';
import type { AttemptKind } from '../domain/outcome.ts';
import type { AuthorizationType } from '../domain/payment.ts';

/**
 * What goes on an acquirer's wire for one attempt, but for the card: named texts, exactly as they will
 * be sent. Committed in the attempt row before the first byte and never changed, so that a repeat is
 * byte-equal and a reversal is built from this and the vault alone. The names belong to the wire.
 */
export type WireFields = Readonly<Record<string, string>>;

/** A merchant's account at an acquirer, as far as the wire needs it. */
export interface AcquirerAccount {
  readonly id: AcquirerAccountId;
  readonly acquirer: string;
  /** The merchant's name at the acquirer: MID (ISO 8583 field 42, at most 15 characters), or account id. */
  readonly merchantAccount: string;
  /** Merchant category code, 4 digits. */
  readonly mcc: string;
  /** What only ISO 8583 needs; null on other wires. */
  readonly iso8583: Iso8583Account | null;
}

/** The part of an account that is terminals and fields. */
export interface Iso8583Account {
  /** Acquiring institution (field 32), 1 to 11 digits. */
  readonly institution: string;
  /** Terminal ids (field 41), at most 8 characters each; the planner spreads new transactions over them. */
  readonly terminals: readonly string[];
  /** Name and place as the cardholder reads it (field 43), at most 40 characters. */
  readonly acceptorName: string;
}

/** The attempt that a follow-up refers to. */
export interface OriginalAttempt {
  /** What we call it, and told the acquirer. */
  readonly id: AttemptId;
  readonly kind: AttemptKind;
  /** Minor units as it was asked for. */
  readonly amount: bigint;
  readonly wire: WireFields;
  /** Field 38 of the answer; null when none is known. */
  readonly approvalCode: string | null;
  /** Network transaction id of the answer; null when none is known. */
  readonly networkReference?: string | null;
  /** What the acquirer calls it; null when it has given it no name. */
  readonly acquirerReference: string | null;
}

export interface PlanRequest {
  readonly account: AcquirerAccount;
  readonly kind: AttemptKind;
  /** Minor units of `currency`: what this operation is about. */
  readonly amount: bigint;
  /** ISO 4217, alphabetic. */
  readonly currency: string;
  /** Becomes the transmission date and time. */
  readonly at: Date;
  /** Null for an authorization or a sale, otherwise the authorization or sale it follows, or the attempt a reversal undoes. */
  readonly original: OriginalAttempt | null;
  /** partial_void only: what the authorization stands for afterwards, captured amounts included. */
  readonly remaining: bigint | null;
  /** void, partial_void and reversal: all that is authorized, increments included; without it the amount of the original. */
  readonly authorized?: bigint;
  /** authorization: the merchant renews an earlier one, whose answer had this network transaction id. */
  readonly renews?: { readonly networkReference: string | null };
  /** authorization: whether its amount is final, or may still grow. Final unless it says. */
  readonly authorizationType?: AuthorizationType;
  /** What is held and taken of the payment before this, minor units. */
  readonly standing: {
    readonly authorized: bigint;
    readonly captured: bigint;
    /** Taken on the original as well, and given back because nobody owned it; of none where it is absent. */
    readonly undone?: bigint;
  };
}

/** A question about a card: amount zero, of nothing that went before. */
export interface VerificationPlan {
  readonly account: AcquirerAccount;
  /** ISO 4217, alphabetic. */
  readonly currency: string;
  readonly at: Date;
}

/**
 * Computes the wire references of one attempt. Every call takes new numbers, so a step that may run
 * twice must store the first result and use only that.
 */
export interface WirePlanner {
  readonly capabilities: AcquirerCapabilities;
  /**
   * @throws RangeError when the request cannot be said on this wire (a bug or a wrong account row).
   * Errors of the database that hands out numbers pass through; nothing was sent.
   */
  plan(request: PlanRequest): Promise<WireFields>;
  /** The same for a card verification; null where the wire has none (`capabilities.verification`). */
  readonly planVerification: ((request: VerificationPlan) => Promise<WireFields>) | null;
}
