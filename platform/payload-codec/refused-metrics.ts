import { Counter, type Registry } from 'prom-client';
import type { RefusalReason } from '../../workflows/domain/refused-payload.ts';

const REASONS = { plain: true, foreign: true, unauthentic: true } as const satisfies Record<
  RefusalReason,
  true
>;

/** Counts payloads of Temporal that were not sealed by this system; each reading of one is counted anew. */
export function countRefused(registry: Registry): (reason: RefusalReason) => void {
  const refused = new Counter({
    name: 'payloads_refused_total',
    help: 'Payloads that came from Temporal and were refused, by why: plain, foreign, unauthentic. Each reading counts.',
    labelNames: ['reason'],
    registers: [registry],
  });
  // Shown from the start: the first one is a rise.
  for (const reason of Object.keys(REASONS)) refused.inc({ reason }, 0);
  return (reason) => {
    refused.inc({ reason });
  };
}
