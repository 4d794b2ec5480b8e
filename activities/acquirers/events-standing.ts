import type { OperationKind } from '../../workflows/domain/payment.ts';
import type { Standing } from './events.ts';

/** The kinds of operation that are not finished: what is told may be theirs. */
export function pendingKinds({ operations }: Pick<Standing, 'operations'>): ReadonlySet<OperationKind> {
  return new Set(operations.filter(({ state }) => state === 'pending').map(({ kind }) => kind));
}
