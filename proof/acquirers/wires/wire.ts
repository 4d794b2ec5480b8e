import type { JournalEntry } from '../../support/world.ts';
import type { End, Operation } from '../ends.ts';
import type { DeclineCodes, FaultName, Settlement } from '../faults.ts';

/** One of our attempts, as much of it as finds its lines in a journal. */
export interface AttemptRow {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly outcome: string | null;
  readonly reference: string | null;
  readonly wire: Readonly<Record<string, unknown>>;
}

/** What tells the request of one cell from all others. */
export interface CellFacts {
  /** Of the operation, in minor units. */
  readonly amount: number;
  /** Of the authorization or sale. */
  readonly authorized: number;
  readonly lastFour: string;
  /** Attempts of the payment so far: none when it is the authorization itself. */
  readonly attempts: readonly AttemptRow[];
}

/** All that the matrix has to know about a wire. */
export interface MatrixWire {
  /** As in --wire. */
  readonly id: string;
  /** Of the stack. */
  readonly acquirer: string;
  readonly settles: Readonly<Record<Operation, Settlement>>;
  readonly codes: DeclineCodes;
  /** Faults that take other requests in flight with them: done while nothing else is under way. */
  readonly disturbing: readonly FaultName[];
  /** Where it ends otherwise than its effect says; null = there is no such thing there. */
  readonly differs: Readonly<
    Partial<Record<FaultName, Readonly<Partial<Record<Operation, End | null>>> | null>>
  >;
  /** The part of a fault that names the operation's own request. */
  matchOf(operation: Operation, facts: CellFacts): Readonly<Record<string, unknown>>;
  /** That names what is asked or sent next, when the operation is unknown. */
  matchOfNext(operation: Operation, facts: CellFacts): Readonly<Record<string, unknown>>;
  /** The lines of the journal that are about these attempts. */
  linesOf(journal: readonly JournalEntry[], attempts: readonly AttemptRow[]): readonly JournalEntry[];
}
