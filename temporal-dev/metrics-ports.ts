import type { ProcessRole } from '../platform/process-settings.ts';
import type { PortName } from './settings.ts';

/** Where each process answers GET /metrics: workers with their health, who has other callers on a port of its own. */
export const METRICS_PORTS = {
  api: 'apiMetricsPort',
  gateway: 'gatewayMetricsPort',
  vault: 'vaultHealthPort',
  payments: 'paymentsHealthPort',
  acquirers: 'acquirersHealthPort',
  webhooks: 'webhooksHealthPort',
  'back-office': 'backOfficeHealthPort',
} as const satisfies Partial<Record<ProcessRole, PortName>>;
