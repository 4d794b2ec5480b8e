import type { PortName } from './settings.ts';

/** The parts of the stack that are processes of their own, and the ports each listens on. */
export const PARTS = {
  postgres: ['postgresPort'],
  redis: ['redisPort'],
  temporal: ['temporalPort', 'temporalWebPort'],
  kms: ['kmsPort'],
  'acquirer-1': ['acquirerWirePort', 'acquirerControlPort'],
  'acquirer-3': ['stripePort', 'stripeControlPort'],
  'acquirer-4': ['adyenPort', 'adyenControlPort'],
  vault: ['vaultPort', 'vaultHealthPort', 'vaultPublicPort'],
  api: ['apiPort', 'apiMetricsPort'],
  gateway: ['gatewayPort', 'gatewayMetricsPort'],
  payments: ['paymentsHealthPort'],
  acquirers: ['acquirersHealthPort'],
  webhooks: ['webhooksHealthPort'],
  'back-office': ['backOfficeHealthPort'],
} as const satisfies Record<string, readonly PortName[]>;

export type PartName = keyof typeof PARTS;
export const PART_NAMES = Object.keys(PARTS) as PartName[];

/**
 * The order of a clean stop, group after group: those who begin work drain first, while what they
 * need to finish it is still there.
 */
export const STOP_ORDER = [
  ['payments', 'acquirers', 'webhooks', 'back-office'],
  ['api', 'gateway'],
  ['vault'],
  ['temporal', 'redis', 'kms', 'acquirer-1', 'acquirer-3', 'acquirer-4', 'postgres'],
] as const satisfies readonly (readonly PartName[])[];
