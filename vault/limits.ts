import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { MerchantId } from '../workflows/domain/ids.ts';
import type { Caller } from './callers.ts';
import type { VaultOperation } from './contract.ts';
import { VaultProblem } from './problem.ts';

export interface LimitOptions {
  /** Of one operation, per second, by all processes of one kind of caller. */
  readonly perCaller: number;
  /** Of one operation, per second, about the cards of one merchant. */
  readonly perMerchant: number;
}

/** What ends or gives back a security code is never kept waiting, nor what destroys. */
const LIMITED = {
  stage: true,
  claim: true,
  tokenize: true,
  detokenize: true,
  release: false,
  burn: false,
  // The back office, at its own pace.
  rekey: false,
  forget: false,
  card: true,
  cards: true,
  cardToken: true,
  forgotten: false,
  destroy: false,
  publish: true,
} as const satisfies Record<VaultOperation, boolean>;

/** Rates per caller and per merchant, of this process alone: with several vaults each has its own. */
export interface Limits {
  /** @throws VaultProblem `rate_limited` with when to come again. */
  caller(caller: Caller, operation: VaultOperation): Promise<void>;
  merchant(merchant: MerchantId, operation: VaultOperation): Promise<void>;
}

export function createLimits({ perCaller, perMerchant }: LimitOptions): Limits {
  const callers = new RateLimiterMemory({ keyPrefix: 'caller', points: perCaller, duration: 1 });
  const merchants = new RateLimiterMemory({ keyPrefix: 'merchant', points: perMerchant, duration: 1 });

  async function take(
    limiter: RateLimiterMemory,
    who: string,
    operation: VaultOperation,
    ofCaller: boolean,
  ): Promise<void> {
    if (!LIMITED[operation]) return;
    try {
      await limiter.consume(`${operation} ${who}`);
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      throw new VaultProblem(
        'rate_limited',
        `${who} asks to ${operation} more than ${limiter.points} times a second; come again in ${error.msBeforeNext} ms`,
        { retryAfterS: Math.max(1, Math.ceil(error.msBeforeNext / 1_000)), ofCaller },
      );
    }
  }

  return {
    caller: (caller, operation) => take(callers, caller, operation, true),
    merchant: (merchant, operation) => take(merchants, merchant, operation, false),
  };
}
