import { z } from 'zod';
import { loadSettings, setting } from '../platform/config.ts';

const port = z.coerce.number().int().min(1).max(65_535);
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
    'A KMS endpoint that runs already, with alias/quittance-vault and alias/quittance-platform in it.',
    '',
  ),
  partsFolder: setting(
    'QUITTANCE_STACK_PARTS',
    z.string().min(1).nullable(),
    'folder',
    'Where fetched programs are kept; by default .quittance/parts of the checkout, shared by its stacks.',
    '',
  ),

  runFile: setting(
    'QUITTANCE_RUN_FILE',
    z.string().min(1).nullable(),
    'path',
    'The run.json of a running stack that the tests use instead of starting their own.',
    '',
  ),

  apiPort: portOf('API', 'Merchant API.', 7400),
  vaultPort: portOf('VAULT', 'Vault service.', 7401),
  kmsPort: portOf('KMS', 'KMS emulator.', 7402),
  acquirerWirePort: portOf('ACQUIRER_WIRE', 'First acquirer simulator, ISO 8583.', 7410),
  acquirerControlPort: portOf('ACQUIRER_CONTROL', 'First acquirer simulator, control (HTTP).', 7411),
  stripePort: portOf('STRIPE', 'Stripe simulator, API.', 7412),
  stripeControlPort: portOf('STRIPE_CONTROL', 'Stripe simulator, control (HTTP).', 7413),
  adyenPort: portOf('ADYEN', 'Adyen simulator, API.', 7414),
  adyenControlPort: portOf('ADYEN_CONTROL', 'Adyen simulator, control (HTTP).', 7415),
  paymentsHealthPort: portOf('PAYMENTS_HEALTH', 'Health of the payments worker.', 7421),
  acquirersHealthPort: portOf('ACQUIRERS_HEALTH', 'Health of the acquirer worker.', 7422),
  webhooksHealthPort: portOf('WEBHOOKS_HEALTH', 'Health of the webhooks worker.', 7423),
  backOfficeHealthPort: portOf('BACK_OFFICE_HEALTH', 'Health of the back-office worker.', 7424),
  redisPort: portOf('REDIS', 'Redis.', 7379),
  postgresPort: portOf('POSTGRES', 'PostgreSQL.', 7432),
  temporalPort: portOf('TEMPORAL', 'Temporal frontend (gRPC).', 7233),
  temporalWebPort: portOf('TEMPORAL_WEB', 'Temporal Web itself, behind the gateway.', 8233),
  gatewayPort: portOf('GATEWAY', 'Operator gateway: Temporal Web with login.', 8234),
} as const;

export const PORT_NAMES = [
  'apiPort',
  'vaultPort',
  'kmsPort',
  'acquirerWirePort',
  'acquirerControlPort',
  'stripePort',
  'stripeControlPort',
  'adyenPort',
  'adyenControlPort',
  'paymentsHealthPort',
  'acquirersHealthPort',
  'webhooksHealthPort',
  'backOfficeHealthPort',
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
  'runFile',
] as const;

/** @throws ConfigError as loadConfig. */
export function loadStackSettings(env?: Readonly<Record<string, string | undefined>>) {
  return loadSettings(STACK_SETTINGS, [...OTHER_NAMES, ...PORT_NAMES], env);
}

export type StackSettings = ReturnType<typeof loadStackSettings>;
