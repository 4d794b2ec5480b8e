import { z } from 'zod';
import { loadSettings } from '../platform/config.ts';
import { setting } from '../platform/settings/setting.ts';
import type { Via } from './via.ts';

const port = z.coerce.number().int().min(1).max(65_535);
const viaSchema = z.record(z.string().regex(/^[a-z0-9-]+>[a-z0-9-]+$/), port);
/** By process and name. */
export type ProcessVariables = Readonly<Record<string, Readonly<Record<string, string>>>>;
const processVariablesSchema = z.record(z.string(), z.record(z.string(), z.string()));
const optionalUrl = z.url().nullable();

function portOf(name: string, about: string, fallback: number) {
  return setting(`QUITTANCE_STACK_${name}_PORT`, port, 'TCP port', about, String(fallback));
}

/**
 * The settings of the stack on one machine. An address given here is used as it is: that part is
 * neither started nor stopped.
 */
export const STACK_SETTINGS = {
  postgresUrl: setting(
    'QUITTANCE_STACK_POSTGRES_URL',
    optionalUrl,
    'postgres URL',
    'A PostgreSQL (15 or newer) that runs already, with a superuser: databases and roles are made in it.',
    '',
    true,
  ),
  redisUrl: setting('QUITTANCE_STACK_REDIS_URL', optionalUrl, 'redis URL', 'A Redis that runs already.', ''),
  temporalAddress: setting(
    'QUITTANCE_STACK_TEMPORAL_ADDRESS',
    z
      .string()
      .regex(/^[^\s:]+:\d+$/)
      .nullable(),
    'host:port',
    'A Temporal frontend that runs already; the namespace (QUITTANCE_TEMPORAL_NAMESPACE) exists there.',
    '',
  ),
  temporalWeb: setting(
    'QUITTANCE_STACK_TEMPORAL_WEB',
    optionalUrl,
    'URL',
    'Where Temporal Web of that server is: the gateway stands before it.',
    '',
  ),
  kmsEndpoint: setting(
    'QUITTANCE_STACK_KMS_ENDPOINT',
    optionalUrl,
    'URL',
    'A KMS endpoint that runs already, with alias/quittance-vault, alias/quittance-platform and alias/quittance-grants (ECC_NIST_P256) in it.',
    '',
  ),
  partsFolder: setting(
    'QUITTANCE_STACK_PARTS',
    z.string().min(1).nullable(),
    'folder',
    'Where fetched programs are kept; by default .quittance/parts of the checkout, shared by its stacks.',
    '',
  ),

  restartPauseMaxMs: setting(
    'QUITTANCE_STACK_RESTART_PAUSE_MAX_MS',
    z.coerce.number().int().min(100),
    'ms',
    'The longest pause before a part that ended is started again.',
    '5000',
  ),
  continueAfterEvents: setting(
    'QUITTANCE_STACK_CONTINUE_AFTER_EVENTS',
    z.coerce.number().int().min(50),
    'count',
    'A run with so many events is told to continue as new. 4096 is Temporal’s own default.',
    '4096',
  ),
  via: setting(
    'QUITTANCE_STACK_VIA',
    z.string().transform((raw, context): Via => {
      const parsed = viaSchema.safeParse(JSON.parse(raw));
      if (parsed.success) return parsed.data;
      context.addIssue('is not {"caller>part": port}');
      return z.NEVER;
    }),
    'JSON',
    'Ports of 127.0.0.1 by which a process reaches a part instead of directly, such as {"api>postgres": 7000}: npm run proof puts its proxies there.',
    '{}',
  ),
  processVariables: setting(
    'QUITTANCE_STACK_PROCESS_VARIABLES',
    z.string().transform((raw, context): ProcessVariables => {
      const parsed = processVariablesSchema.safeParse(JSON.parse(raw));
      if (parsed.success) return parsed.data;
      context.addIssue('is not {"process": {"NAME": "value"}}');
      return z.NEVER;
    }),
    'JSON',
    'Further variables of one of our processes, such as {"payments": {"NAME": "value"}}: npm run proof gives workers a clock there that it can move.',
    '{}',
  ),

  runFile: setting(
    'QUITTANCE_RUN_FILE',
    z.string().min(1).nullable(),
    'path',
    'The run.json of a running stack that the tests use instead of starting their own.',
    '',
  ),
  testStacks: setting(
    'QUITTANCE_TEST_STACKS',
    z.coerce.number().int().min(1).max(8),
    'count',
    'How many stacks the tests start, and so how many files of stack tests run at once. npm test starts 2.',
    '1',
  ),

  apiPort: portOf('API', 'Merchant API.', 7400),
  vaultPort: portOf('VAULT', 'Vault service.', 7401),
  vaultPublicPort: portOf('VAULT_PUBLIC', 'Vault’s address for pages and apps.', 7403),
  kmsPort: portOf('KMS', 'KMS emulator.', 7402),
  acquirerWirePort: portOf('ACQUIRER_WIRE', 'First acquirer simulator, ISO 8583.', 7410),
  acquirerControlPort: portOf('ACQUIRER_CONTROL', 'First acquirer simulator, control (HTTP).', 7411),
  stripePort: portOf('STRIPE', 'Stripe simulator, API.', 7412),
  stripeControlPort: portOf('STRIPE_CONTROL', 'Stripe simulator, control (HTTP).', 7413),
  adyenPort: portOf('ADYEN', 'Adyen simulator, API.', 7414),
  adyenControlPort: portOf('ADYEN_CONTROL', 'Adyen simulator, control (HTTP).', 7415),
  gatewayMetricsPort: portOf('GATEWAY_METRICS', 'Metrics of the operator gateway.', 7426),
  apiMetricsPort: portOf('API_METRICS', 'Metrics of the merchant API.', 7420),
  paymentsHealthPort: portOf('PAYMENTS_HEALTH', 'Health and metrics of the payments worker.', 7421),
  acquirersHealthPort: portOf('ACQUIRERS_HEALTH', 'Health and metrics of the acquirer worker.', 7422),
  webhooksHealthPort: portOf('WEBHOOKS_HEALTH', 'Health and metrics of the webhooks worker.', 7423),
  backOfficeHealthPort: portOf('BACK_OFFICE_HEALTH', 'Health and metrics of the back-office worker.', 7424),
  vaultHealthPort: portOf('VAULT_HEALTH', 'Health and metrics of the vault service.', 7425),
  redisPort: portOf('REDIS', 'Redis.', 7379),
  postgresPort: portOf('POSTGRES', 'PostgreSQL.', 7432),
  temporalPort: portOf('TEMPORAL', 'Temporal frontend (gRPC).', 7233),
  temporalWebPort: portOf('TEMPORAL_WEB', 'Temporal Web itself, behind the gateway.', 8233),
  gatewayPort: portOf('GATEWAY', 'Operator gateway: Temporal Web with login.', 8234),
} as const;

export const PORT_NAMES = [
  'apiPort',
  'vaultPort',
  'vaultPublicPort',
  'kmsPort',
  'acquirerWirePort',
  'acquirerControlPort',
  'stripePort',
  'stripeControlPort',
  'adyenPort',
  'adyenControlPort',
  'gatewayMetricsPort',
  'apiMetricsPort',
  'paymentsHealthPort',
  'acquirersHealthPort',
  'webhooksHealthPort',
  'backOfficeHealthPort',
  'vaultHealthPort',
  'redisPort',
  'postgresPort',
  'temporalPort',
  'temporalWebPort',
  'gatewayPort',
] as const satisfies readonly (keyof typeof STACK_SETTINGS)[];

export type PortName = (typeof PORT_NAMES)[number];
export type Ports = Readonly<Record<PortName, number>>;

const OTHER_NAMES = [
  'postgresUrl',
  'redisUrl',
  'temporalAddress',
  'temporalWeb',
  'kmsEndpoint',
  'partsFolder',
  'restartPauseMaxMs',
  'continueAfterEvents',
  'via',
  'processVariables',
  'runFile',
  'testStacks',
] as const;

/** @throws ConfigError as loadConfig. */
export function loadStackSettings(env?: Readonly<Record<string, string | undefined>>) {
  return loadSettings(STACK_SETTINGS, [...OTHER_NAMES, ...PORT_NAMES], env);
}

export type StackSettings = ReturnType<typeof loadStackSettings>;
