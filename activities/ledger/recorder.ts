import pg from 'pg';
import { createGroupCommit } from '../../platform/group-commit.ts';
import { traceCarrier } from '../../platform/tracing/spans.ts';
import { TRACE_HEADER } from '../../platform/tracing/temporal-headers.ts';
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
  /** Changes in one transaction at most: bounds how long a balance is locked. */
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

/** Changes of different payments share a transaction: a payment's second was decided before its first is known. */
export function createRecorder({ pool, lanes, batch }: RecorderOptions): Recorder {
  const record = createGroupCommit<ChangeDocument, Recorded>({
    name: 'record_changes',
    lanes,
    batch,
    keyOf: ({ payment_id: payment }) => payment,
    write: (documents) => recordDocuments(pool, documents),
    isRefusal: (error) => error instanceof pg.DatabaseError,
  });
  return (before, made, context) =>
    record({
      ...changeDocument(before, made, context),
      // For whoever delivers its events: they are a part of what made them.
      traceparent: traceCarrier()[TRACE_HEADER] ?? null,
    });
}
