import { Histogram, type Registry } from 'prom-client';
import { KmsRefused, KmsUnavailable, Tampered, UnknownKey } from './key-errors.ts';
import type { Kms } from './kms.ts';
import type { MasterKeys } from './master-keys.ts';

/** Wraps those that ask the key service, so that each of their calls is measured. */
export interface KmsMetrics {
  readonly kms: (kms: Kms) => Kms;
  readonly masterKeys: (masterKeys: MasterKeys) => MasterKeys;
}

/** How long the key service took over each call, the AWS client's own second try included, and how it ended. */
export function createKmsMetrics(registry: Registry): KmsMetrics {
  const seconds = new Histogram({
    name: 'kms_call_seconds',
    help: 'Calls to the key service, by what was asked and how it ended: ok, unavailable, refused, unknown_key, tampered, error.',
    labelNames: ['operation', 'outcome'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });

  async function timed<T>(operation: string, call: () => Promise<T>): Promise<T> {
    const began = performance.now();
    let outcome = 'ok';
    try {
      return await call();
    } catch (error) {
      outcome = outcomeOf(error);
      throw error;
    } finally {
      seconds.observe({ operation, outcome }, (performance.now() - began) / 1_000);
    }
  }

  return {
    kms: (kms) => ({
      generateDataKey: (context) => timed('generate_data_key', () => kms.generateDataKey(context)),
      unwrap: (wrapped, masterKey, context) =>
        timed('decrypt', () => kms.unwrap(wrapped, masterKey, context)),
      close: () => {
        kms.close();
      },
    }),
    masterKeys: (keys) => ({
      current: () => timed('describe_key', () => keys.current()),
      create: (description) => timed('create_key', () => keys.create(description)),
      use: (masterKey) => timed('update_alias', () => keys.use(masterKey)),
      rewrap: (wrapped, from, to, context) =>
        timed('re_encrypt', () => keys.rewrap(wrapped, from, to, context)),
      disable: (masterKey) => timed('disable_key', () => keys.disable(masterKey)),
      close: () => {
        keys.close();
      },
    }),
  };
}

function outcomeOf(error: unknown): string {
  if (error instanceof KmsUnavailable) return 'unavailable';
  if (error instanceof KmsRefused) return 'refused';
  if (error instanceof UnknownKey) return 'unknown_key';
  return error instanceof Tampered ? 'tampered' : 'error';
}
