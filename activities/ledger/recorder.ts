import pg from 'pg';
import type { Change } from '../../workflows/domain/change.ts';
import type { PaymentState } from '../../workflows/domain/payment.ts';
import {
  changeDocument,
  recordDocuments,
  type ChangeDocument,
  type RecordContext,
  type Recorded,
} from './record.ts';

export interface RecorderOptions {
  readonly pool: pg.Pool;
  /** Transactions of this process under way at once; what comes meanwhile goes together into the next one. */
  readonly lanes: number;
  /** Changes in one transaction at most: bounds how long a balance is locked, and what is sent again when one is refused. */
  readonly batch: number;
}

/** What a payments worker records with: measured, see docs/performance.md. */
export const RECORDING = { lanes: 3, batch: 32 } as const satisfies Omit<RecorderOptions, 'pool'>;

/**
 * Writes one change of a payment, whole or not at all.
 * @throws what PostgreSQL refused this very change with, or how the connection was lost: then it may be
 * written, and the same change sent again finds out (it is `repeated`).
 */
export type Recorder = (before: PaymentState, made: Change, context: RecordContext) => Promise<Recorded>;

interface Waiting {
  readonly document: ChangeDocument;
  /** It was in a group that was refused: now it stands for itself. */
  readonly alone: boolean;
  readonly resolve: (recorded: Recorded) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: changes of different payments that come while `lanes` transactions are under way
 * share the next one. Nobody waits to be joined: one that finds a lane free goes at once. Each gets its
 * own answer; when PostgreSQL refuses a transaction of several, each is written again alone, so that
 * only the one at fault is refused.
 */
export function createRecorder({ pool, lanes, batch }: RecorderOptions): Recorder {
  let waiting: Waiting[] = [];
  let underWay = 0;
  let called = false;

  function start(): void {
    called = false;
    while (underWay < lanes && waiting.length > 0) {
      underWay += 1;
      void write(take()).finally(() => {
        underWay -= 1;
        start();
      });
    }
  }

  /** The longest waiting ones, each payment once: its second change was decided before its first is known. */
  function take(): readonly Waiting[] {
    const [first] = waiting;
    if (first?.alone === true) {
      waiting = waiting.slice(1);
      return [first];
    }
    const taken = new Map<string, Waiting>();
    const left: Waiting[] = [];
    for (const one of waiting) {
      const { payment_id: payment } = one.document;
      if (!one.alone && taken.size < batch && !taken.has(payment)) taken.set(payment, one);
      else left.push(one);
    }
    waiting = left;
    return [...taken.values()];
  }

  /** Settles every one of them or puts it back; never rejects. */
  async function write(changes: readonly Waiting[]): Promise<void> {
    try {
      const documents = changes.map(({ document }) => document);
      const answers = await recordDocuments(pool, documents);
      for (const [index, answer] of answers.entries()) changes[index]?.resolve(answer);
    } catch (error) {
      // A refused transaction has written nothing. A lost connection may have: that is each caller's to find out.
      if (changes.length > 1 && error instanceof pg.DatabaseError)
        waiting = [...changes.map((one) => ({ ...one, alone: true })), ...waiting];
      else for (const { reject } of changes) reject(error);
    }
  }

  return (before, made, context) =>
    new Promise((resolve, reject) => {
      waiting.push({ document: changeDocument(before, made, context), alone: false, resolve, reject });
      if (called || underWay >= lanes) return;
      // After what is runnable now: the answers of one transaction wake many, whose next changes belong together.
      called = true;
      setImmediate(start);
    });
}
