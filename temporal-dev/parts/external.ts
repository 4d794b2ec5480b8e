import type { PartName } from '../part-names.ts';
import type { StackSettings } from '../settings.ts';
import { withClient } from './postgres-bootstrap.ts';
import { ping } from './redis.ts';
import { probeTemporal } from './temporal.ts';

const PROBE_LIMIT_MS = 5_000;

/** For each part whose address is given by configuration: a check that it answers there. */
export function externalProbes(
  settings: StackSettings,
  namespace: string,
): Partial<Record<PartName, () => Promise<void>>> {
  const { postgresUrl, redisUrl, temporalAddress, kmsEndpoint } = settings;
  const limit = () => AbortSignal.timeout(PROBE_LIMIT_MS);
  return {
    ...(postgresUrl === null
      ? {}
      : {
          postgres: named('QUITTANCE_STACK_POSTGRES_URL', async () => {
            await withClient(postgresUrl, (client) => client.query('SELECT 1'));
          }),
        }),
    ...(redisUrl === null
      ? {}
      : {
          redis: named('QUITTANCE_STACK_REDIS_URL', async () => {
            const { hostname, port } = new URL(redisUrl);
            await ping(hostname, Number(port === '' ? 6379 : port), limit());
          }),
        }),
    ...(temporalAddress === null
      ? {}
      : {
          temporal: named('QUITTANCE_STACK_TEMPORAL_ADDRESS', () =>
            probeTemporal(temporalAddress, namespace, limit()),
          ),
        }),
    ...(kmsEndpoint === null
      ? {}
      : {
          kms: named('QUITTANCE_STACK_KMS_ENDPOINT', async () => {
            await fetch(kmsEndpoint, { signal: limit() });
          }),
        }),
  };
}

function named(variable: string, probe: () => Promise<void>): () => Promise<void> {
  return async () => {
    await probe().catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`what ${variable} names does not answer (${reason}): start it, or unset the variable`, {
        cause: error,
      });
    });
  };
}
