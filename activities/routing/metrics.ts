import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { EndedAttempt } from '../../workflows/domain/ended-attempt.ts';
import type { Breakers } from './breakers.ts';

const STATES = { closed: 0, half_open: 1, open: 2 } as const;

/**
 * What acquirers answered, how long they took, and how their breakers stand.
 * @returns takes every call that has ended; see createObserver.
 */
export function createAcquirerMetrics(
  registry: Registry,
  breakers: Pick<Breakers, 'view'>,
): (ended: EndedAttempt) => void {
  const outcomes = new Counter({
    name: 'acquirer_outcomes_total',
    help: 'Calls to acquirers that have ended, by outcome class. Rates of authorizations by acquirer are the routing shares.',
    labelNames: ['acquirer', 'kind', 'outcome'],
    registers: [registry],
  });
  const latency = new Histogram({
    name: 'acquirer_latency_seconds',
    help: 'From the first byte of a call to its answer. Not for what was learned by asking.',
    labelNames: ['acquirer', 'kind'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  });
  const seen = new Set<string>();
  new Gauge({
    name: 'acquirer_breaker_state',
    help: '0 closed, 1 half open, 2 open; acquirers that this process has called.',
    labelNames: ['acquirer'],
    registers: [registry],
    async collect() {
      for (const [acquirer, { state }] of await breakers.view([...seen]))
        this.set({ acquirer }, STATES[state]);
    },
  });
  return ({ acquirer, kind, outcome, asked, latencyMs }) => {
    seen.add(acquirer);
    outcomes.inc({ acquirer, kind, outcome });
    if (!asked && latencyMs !== null) latency.observe({ acquirer, kind }, latencyMs / 1_000);
  };
}
