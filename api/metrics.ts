import { Counter, Histogram, type Registry } from 'prom-client';

/** One request that is over. */
export interface EndedRequest {
  readonly method: string;
  /** Pattern, never the address as sent. */
  readonly route: string;
  readonly status: number;
  /** Code of the problem document; null when it was none. */
  readonly problem: string | null;
  readonly ms: number;
}

const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE', 'OPTIONS', 'PUT'];

/** What merchants ask and what they get: a decline is an answer like any other. */
export function createRequestMetrics(registry: Registry): (request: EndedRequest) => void {
  const labelNames = ['method', 'route'] as const;
  const requests = new Counter({
    name: 'payment_requests_total',
    help: 'Requests to the merchant API that are over, by pattern of the address.',
    labelNames,
    registers: [registry],
  });
  const successes = new Counter({
    name: 'payment_success_total',
    help: 'Answered below 400: done, declined, or accepted and processing.',
    labelNames: [...labelNames, 'status'],
    registers: [registry],
  });
  const errors = new Counter({
    name: 'payment_error_total',
    help: 'Answered from 400 on, by code of the problem.',
    labelNames: [...labelNames, 'code'],
    registers: [registry],
  });
  const latency = new Histogram({
    name: 'payment_latency_seconds',
    help: 'From the first line of a request to the last byte of its answer; a wait for the outcome is in it.',
    labelNames,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  });
  return ({ method: sent, route, status, problem, ms }) => {
    // A method is the sender's text as well.
    const method = METHODS.includes(sent) ? sent : 'other';
    requests.inc({ method, route });
    if (status < 400) successes.inc({ method, route, status });
    else errors.inc({ method, route, code: problem ?? 'none' });
    latency.observe({ method, route }, ms / 1_000);
  };
}

/** Counts connections that were closed because the process had as many as it may. */
export function createConnectionMetrics(registry: Registry): () => void {
  const refused = new Counter({
    name: 'api_connections_refused_total',
    help: 'Connections to the merchant API that were closed as they came: there were too many.',
    registers: [registry],
  });
  return () => refused.inc();
}
