import { Counter, Histogram, type Registry } from 'prom-client';

/** One request of an operator that is over. */
export interface EndedVisit {
  readonly method: string;
  /** As it was sent, without its query. */
  readonly path: string;
  readonly status: number;
  readonly ms: number;
}

/** What a request is about, by the first words of its path; everything else is Temporal Web's own page. */
const AREAS = [
  [/^\/healthz$/, 'health'],
  [/^\/log(in|out)$/, 'login'],
  [/^\/codec\//, 'codec'],
  [/^\/internal\//, 'internal_api'],
  [/^\/(cases|decisions)\b|^\/$/, 'desk'],
  [/^\/api\//, 'temporal'],
] as const;

/** Counts what operators ask of the gateway and what they get. A path is the sender's text: only its area is a label. */
export function createVisitMetrics(registry: Registry): (visit: EndedVisit) => void {
  const requests = new Counter({
    name: 'gateway_requests_total',
    help: 'Requests to the operator gateway that are over, by what they were about and the class of the answer (2xx).',
    labelNames: ['area', 'access', 'status'] as const,
    registers: [registry],
  });
  const latency = new Histogram({
    name: 'gateway_latency_seconds',
    help: 'From the first line of a request to the operator gateway to the last byte of its answer.',
    labelNames: ['area'] as const,
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30],
    registers: [registry],
  });
  return ({ method, path, status, ms }) => {
    const area = AREAS.find(([pattern]) => pattern.test(path))?.[1] ?? 'web';
    const access = method === 'GET' || method === 'HEAD' ? 'read' : 'write';
    requests.inc({ area, access, status: `${Math.floor(status / 100)}xx` });
    latency.observe({ area }, ms / 1_000);
  };
}
