import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { createVisitMetrics } from './metrics.ts';

it('a visit is counted by its area, never by what stands in its path', async () => {
  const registry = new Registry();
  const count = createVisitMetrics(registry);
  const visits = [
    ['GET', '/', 200],
    ['GET', '/cases/pay_01', 200],
    ['POST', '/login', 401],
    ['POST', '/codec/decode', 200],
    ['POST', '/internal/v1/decisions', 422],
    ['POST', '/api/v1/namespaces/default/workflows/pay_01/terminate', 403],
    ['GET', '/namespaces/default/workflows/pay_01', 200],
    ['GET', '/casesx', 502],
  ] as const;
  for (const [method, path, status] of visits) count({ method, path, status, ms: 20 });
  const lines = (await registry.metrics())
    .split('\n')
    .filter((line) => line.startsWith('gateway_requests_total'));
  expect(lines.sort()).toEqual([
    'gateway_requests_total{area="codec",access="write",status="2xx"} 1',
    'gateway_requests_total{area="desk",access="read",status="2xx"} 2',
    'gateway_requests_total{area="internal_api",access="write",status="4xx"} 1',
    'gateway_requests_total{area="login",access="write",status="4xx"} 1',
    'gateway_requests_total{area="temporal",access="write",status="4xx"} 1',
    'gateway_requests_total{area="web",access="read",status="2xx"} 1',
    'gateway_requests_total{area="web",access="read",status="5xx"} 1',
  ]);
  expect(await registry.metrics()).not.toContain('pay_01');
});
