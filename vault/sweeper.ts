import type { Logger } from '../platform/logger.ts';
import type { SecurityCodes } from './security-codes.ts';

/**
 * Sweeps again and again, `intervalMs` after the last sweep ended. Every code it finds is one that
 * nobody burnt in time: counted in the log. Resolves once the last sweep is over, after `stop`.
 */
export function startSweeper(
  securityCodes: SecurityCodes,
  intervalMs: number,
  logger: Logger,
): { stop(): Promise<void> } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let sweeping: Promise<void> = Promise.resolve();

  async function sweep(): Promise<void> {
    try {
      const { securityCodes: codes, stagedCards: staged } = await securityCodes.sweep();
      if (codes > 0) logger.warn('security_codes_expired', { count: codes });
      if (staged > 0) logger.warn('staged_cards_expired', { count: staged });
    } catch (error) {
      logger.error('sweep_failed', { error });
    }
    if (!stopped) schedule();
  }

  function schedule(): void {
    timer = setTimeout(() => {
      sweeping = sweep();
    }, intervalMs);
  }

  schedule();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
      return sweeping;
    },
  };
}
