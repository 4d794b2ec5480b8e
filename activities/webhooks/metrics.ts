import { Counter, type Registry } from 'prom-client';

/** Counts the deliveries that failed for good: their schedule is over, and nobody sends them by itself any more. */
export function registerFailed(registry: Registry): () => void {
  const failed = new Counter({
    name: 'webhook_deliveries_failed_total',
    help: 'Deliveries that were given up: their last attempt failed, too.',
    registers: [registry],
  });
  return () => failed.inc();
}

/** Counts what this build cannot tell in the version that it is to be told in, each time that it looks. */
export function registerUnmade(registry: Registry): () => void {
  const unmade = new Counter({
    name: 'webhook_bodies_unmade_total',
    help: 'Deliveries that were not sent because this build cannot write their event in their version of the API.',
    registers: [registry],
  });
  return () => {
    unmade.inc();
  };
}
