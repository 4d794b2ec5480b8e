import type { Logger } from '../platform/logger.ts';
import type { CardTokens } from './public/card-tokens.ts';
import type { SecurityCodes } from './security-codes.ts';

/** What was left over since the vault began, for whoever shows figures: both should stay zero. */
export interface Leftovers {
  readonly securityCodes: number;
  readonly stagedCards: number;
}

/**
 * Sweeps again and again, `intervalMs` after the last sweep ended. Every code of a
 * payment that it finds is one that nobody burnt in time: counted in the log. Resolves once the last sweep is over, after `stop`.
 */
export function startSweeper(
  securityCodes: Pick<SecurityCodes, 'sweep'>,
  cardTokens: Pick<CardTokens, 'expire'>,
  intervalMs: number,
  logger: Logger,
): { stop(): Promise<void>; leftovers(): Leftovers } {
  let stopped = false;
  let leftovers: Leftovers = { securityCodes: 0, stagedCards: 0 };
  let timer: NodeJS.Timeout | undefined;
  let sweeping: Promise<void> = Promise.resolve();

  async function sweep(): Promise<void> {
    try {
      const { securityCodes: codes, stagedCards: staged } = await securityCodes.sweep();
      leftovers = {
        securityCodes: leftovers.securityCodes + codes,
        stagedCards: leftovers.stagedCards + staged,
      };
      if (codes > 0)
        logger.warn('security_codes_expired', { count: codes, since_start: leftovers.securityCodes });
      if (staged > 0)
        logger.warn('staged_cards_expired', { count: staged, since_start: leftovers.stagedCards });
      const tokens = await cardTokens.expire();
      if (tokens > 0) logger.info('card_tokens_expired', { count: tokens });
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
    leftovers: () => leftovers,
    stop() {
      stopped = true;
      clearTimeout(timer);
      return sweeping;
    },
  };
}
