import type pg from 'pg';
import { amountProblem, type AcquirerCapabilities } from '../../workflows/domain/capabilities.ts';
import type { Logger } from '../../platform/logger.ts';
import type { BreakerView } from '../../workflows/domain/route/breaker.ts';
import { decideRoute } from '../../workflows/domain/route/decide.ts';
import { answerOf } from '../../workflows/domain/route/record.ts';
import type { RouteRequest } from '../../workflows/domain/route/types.ts';
import type { RoutingActivities } from '../../workflows/ports/routing.ts';
import type { Breakers } from './breakers.ts';
import { loadRouting, type LoadedRouting } from './load.ts';
import type { AccountStatistics, Statistics } from './statistics.ts';

export { BREAKER_PREFIX, createBreakers, type Breakers } from './breakers.ts';
export { createAcquirerMetrics } from './metrics.ts';
export { createObserver } from './observer.ts';
export { createRedisState } from './shared-state.ts';
export { createStatistics, type Statistics } from './statistics.ts';

export interface RoutingDependencies {
  readonly pool: pg.Pool;
  readonly breakers: Breakers;
  readonly statistics: Statistics;
  /** What can be said on a wire; undefined when this process knows no such wire. */
  readonly capabilitiesOf: (wire: string) => AcquirerCapabilities | undefined;
  readonly logger: Logger;
}

const CLOSED: BreakerView = { state: 'closed', until: null, reason: null, probesFree: 0 };

/**
 * Reads what choosing rests on: accounts, rules, costs from the database, breakers and statistics from
 * Redis, guessed where that is away. The choice itself is pure (workflows/domain/route/decide.ts).
 */
export function createRoutingActivities({
  pool,
  breakers,
  statistics,
  capabilitiesOf,
  logger,
}: RoutingDependencies): RoutingActivities {
  async function readStatistics(
    { options, request, mode }: LoadedRouting,
    payment: string,
  ): Promise<readonly AccountStatistics[] | null> {
    const keys = options.map(({ acquirer, account }) => ({ ...request, acquirer, account, mode }));
    try {
      return await statistics.read(keys);
    } catch (error) {
      logger.warn('routing_without_statistics', { payment, error });
      return null;
    }
  }

  function amountProblemOf(wire: string, { amount, currency }: LoadedRouting['request']): string | null {
    const capabilities = capabilitiesOf(wire);
    if (capabilities === undefined) return `speaks ${wire}, which this version does not`;
    return amountProblem(capabilities, amount, currency);
  }

  return {
    async route({ merchant, payment, card, risk }) {
      const loaded = await loadRouting(pool, { merchant, payment }, card);
      const [views, counted] = await Promise.all([
        breakers.view([...new Set(loaded.options.map(({ acquirer }) => acquirer))]),
        readStatistics(loaded, payment),
      ]);
      const spent = new Set<string>();
      for (;;) {
        const request: RouteRequest = {
          ...loaded.request,
          holds:
            loaded.captureMethod === 'manual' ||
            (risk === null ? loaded.inReview : risk.decision === 'review'),
          degraded: counted === null,
          now: Date.now(),
          options: loaded.options.map((option, place) => {
            const view = views.get(option.acquirer) ?? CLOSED;
            return {
              ...option,
              amountProblem: amountProblemOf(option.wire, loaded.request),
              breaker: spent.has(option.acquirer) ? { ...view, probesFree: 0 } : view,
              counts: counted?.[place]?.counts ?? [],
              latencyMs: counted?.[place]?.latencyMs ?? null,
            };
          }),
        };
        const decision = decideRoute(request);
        const { chosen, left } = decision;
        // A probe is one of few: whoever comes second decides again without it.
        if (chosen === null || !left.probe || (await breakers.takeProbe(chosen.acquirer)))
          return answerOf(request, decision);
        spent.add(chosen.acquirer);
      }
    },
  };
}
