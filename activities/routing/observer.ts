import type { Logger } from '../../platform/logger.ts';
import type { EndedAttempt } from '../../workflows/domain/ended-attempt.ts';
import type { OutcomeClass } from '../../workflows/domain/outcome.ts';
import type { Breakers } from './breakers.ts';
import type { Statistics } from './statistics.ts';

/** What the end of an authorization says about its acquirer. A decline is an answer like any other. */
const FAILED = {
  approved: false,
  declined: false,
  action_required: false,
  pending: false,
  retryable: true,
  ambiguous: true,
} as const satisfies Record<OutcomeClass, boolean>;

/**
 * Learns from every authorization that has ended: breakers from failures, statistics from answers. In
 * the background; what is lost is a count, never a payment.
 */
export function createObserver({
  breakers,
  statistics,
  logger,
}: {
  readonly breakers: Breakers;
  readonly statistics: Statistics;
  readonly logger: Logger;
}): (ended: EndedAttempt) => void {
  return (ended) => {
    if (ended.kind !== 'authorization' && ended.kind !== 'sale') return;
    const { acquirer, outcome, ours, asked, probe, plannedAt, latencyMs } = ended;
    // Asking about one lost call, as often as it takes, is not many failures.
    if (!asked) {
      const failed = FAILED[outcome];
      void breakers.report(acquirer, { failed: failed && ours ? null : failed, probe, plannedAt });
    }
    if (outcome !== 'approved' && outcome !== 'declined') return;
    statistics.add(ended, outcome === 'approved', asked ? null : latencyMs).catch((error: unknown) => {
      logger.debug('approval_not_counted', { attempt: ended.attempt, error });
    });
  };
}
