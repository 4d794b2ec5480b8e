import type { Session } from './session.ts';

/** What three records say about a payment that they do not agree on. */
export interface Records {
  /** What Temporal holds: open or not, and its runs. */
  readonly workflow: string;
  /** Our rows and our books. */
  readonly ours: string;
  /** The acquirers' journals. */
  readonly acquirer: string;
}

export interface Violation {
  /** Null where no payment of ours is named: that itself may be what is wrong. */
  readonly payment: string | null;
  /** One sentence: what should be, and what is. */
  readonly what: string;
  readonly records: Records | null;
}

/** What a check found, or why it could not look. */
export type CheckResult =
  | {
      readonly checked: true;
      /** How many of what were looked at. */
      readonly count: bigint;
      readonly of: string;
      /** The first {@link TOLD} of them. */
      readonly violations: readonly Violation[];
      readonly violationCount: number;
      /** Disagreements of the last moments, which may still be on their way: judged by the next run. */
      readonly tooFresh: number;
      /** Parts of the promise that were left out, and why. */
      readonly notChecked: readonly string[];
      /** How far it came, where that is not all. */
      readonly notes: readonly string[];
    }
  | { readonly checked: false; readonly why: string };

/** Violations told of one check; the rest are only counted. */
export const TOLD = 20;

/** One promise, held against the records. */
export interface Check {
  /** As issue and docs/proof.md number them. */
  readonly number: number;
  readonly name: string;
  readonly promise: string;
  /** @throws Error when it cannot be checked although everything it needs is there. */
  run(session: Session): Promise<CheckResult>;
}

/** An outcome without violations yet. */
export function nothingFound(count: bigint, of: string): Extract<CheckResult, { checked: true }> {
  return {
    checked: true,
    count,
    of,
    violations: [],
    violationCount: 0,
    tooFresh: 0,
    notChecked: [],
    notes: [],
  };
}
