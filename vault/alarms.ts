import type { Logger } from '../platform/logger.ts';
import type { CardToken, MerchantId } from '../workflows/domain/ids.ts';
import type { Caller } from './callers.ts';
import type { PublicDigits } from './card-facts.ts';
import { createCellWatch } from './cell-watch.ts';
import { count, type AlarmKind, type VaultCounters } from './counters.ts';
import type { VaultProblemCode } from './contract.ts';
import type { VaultDatabase } from './database.ts';
import { VaultProblem } from './problem.ts';
import type { SpeaksFor } from './speaks-for.ts';

export interface AlarmOptions {
  /** What is counted is counted anew after this (ms). */
  readonly windowMs: number;
  /** Refused requests of one caller, or about one merchant, in a window. */
  readonly failures: number;
  /** Different tokens of one merchant whose numbers were asked for in a window. */
  readonly tokensPerMerchant: number;
  /** The same by one caller, over all merchants. */
  readonly tokensPerCaller: number;
  /** How long whoever raised an alarm is refused everything but release and burn (ms); 0 = it is only told. */
  readonly lockMs: number;
  /** Different numbers of one cell of a merchant that may be staged in an hour (cell-watch.ts). */
  readonly cellCards: number;
}

/** Who tries many cards is seen: by many refusals, many different tokens (enumeration), or many numbers of one cell. */
export interface Alarms {
  /** @throws VaultProblem `locked` while whoever it is may not ask. */
  admit(caller: Caller, merchant: MerchantId | null, speaksFor: SpeaksFor): void;
  refused(caller: Caller, merchant: MerchantId | null, speaksFor: SpeaksFor, code: VaultProblemCode): void;
  asked(caller: Caller, merchant: MerchantId, token: CardToken): void;
  /**
   * Before a fingerprint is told, for each number that may be new to who hears it. Pages hear none: what they
   * enter is counted when it is claimed, so that nobody with a page's key locks a merchant's cards.
   * @throws VaultProblem `rate_limited` for a new number of a cell that was tried too often.
   */
  staged(
    caller: Caller,
    owner: { readonly merchant: MerchantId; readonly mode: 'test' | 'live' },
    cell: Pick<PublicDigits, 'bin' | 'lastFour'>,
    fingerprint: string,
  ): void;
}

interface Window {
  readonly since: number;
  failures: number;
  readonly tokens: Set<string>;
  /** Each kind is told once a window. */
  readonly told: Set<AlarmKind>;
}

const AUDIT = `
  INSERT INTO vault.audit_log (caller, action, merchant, payment, token, attempt, granted, security_code, refusal)
  VALUES ($1, 'alarm', $2, '', '', '', false, false, $3)`;

const CELL_WINDOW_MS = 3_600_000;

/**
 * All acquirer workers are one caller, and a worker whose certificate names too few acquirers must not lock the
 * others, nor the merchant's payments elsewhere. Null = what it asks has no names or no merchant.
 */
function asNamed(caller: Caller, merchant: MerchantId | null, speaksFor: SpeaksFor): string | null {
  if (merchant === null || speaksFor === null || speaksFor === 'all') return null;
  return `${caller} of ${[...speaksFor].sort().join(', ')} for ${merchant}`;
}

/** What is wrong with a token that a merchant names: one that names many such must not lock the api for all. */
const NAMED_BY_MERCHANTS: ReadonlySet<VaultProblemCode> = new Set(['unknown_token', 'card_forgotten']);

/** Whoever asks most; a merchant that asked once and never again must not be remembered for ever. */
const WINDOWS_HELD = 20_000;

/** @param now monotonic, ms. */
export function createAlarms(
  options: AlarmOptions,
  deps: {
    readonly database: VaultDatabase;
    readonly logger: Logger;
    readonly counters: VaultCounters;
    readonly now: () => number;
  },
): Alarms {
  const { database, logger, counters, now } = deps;
  const windows = new Map<string, Window>();
  /** Until when (monotonic ms). */
  const locks = new Map<string, number>();
  const cells = createCellWatch({ cards: options.cellCards, windowMs: CELL_WINDOW_MS }, now);

  function audit(kind: AlarmKind, caller: Caller, merchant: MerchantId | null): void {
    database.query('audit_alarm', AUDIT, [caller, merchant ?? '', kind]).catch((error: unknown) => {
      logger.error('vault_alarm_not_audited', { kind, caller, merchant, error });
    });
  }

  function windowOf(who: string): Window {
    const known = windows.get(who);
    if (known !== undefined && now() - known.since < options.windowMs) return known;
    const fresh: Window = { since: now(), failures: 0, tokens: new Set(), told: new Set() };
    windows.delete(who);
    windows.set(who, fresh);
    for (const oldest of windows.keys()) {
      if (windows.size <= WINDOWS_HELD) break;
      windows.delete(oldest);
    }
    return fresh;
  }

  function raise(
    kind: AlarmKind,
    who: string,
    caller: Caller,
    merchant: MerchantId | null,
    window: Window,
  ): void {
    if (window.told.has(kind)) return;
    window.told.add(kind);
    count(counters.alarms, kind);
    if (options.lockMs > 0) locks.set(who, now() + options.lockMs);
    const seen = { who, failures: window.failures, tokens: window.tokens.size, window_ms: options.windowMs };
    logger.error('vault_enumeration_alarm', { kind, caller, merchant, ...seen, lock_ms: options.lockMs });
    audit(kind, caller, merchant);
  }

  function failed(who: string, caller: Caller, merchant: MerchantId | null): void {
    const window = windowOf(who);
    window.failures += 1;
    if (window.failures >= options.failures) raise('many_failures', who, caller, merchant, window);
  }

  function saw(
    who: string,
    token: CardToken,
    limit: number,
    caller: Caller,
    merchant: MerchantId | null,
  ): void {
    const window = windowOf(who);
    if (window.tokens.size < limit) window.tokens.add(token);
    if (window.tokens.size >= limit) raise('many_tokens', who, caller, merchant, window);
  }

  function mustBeFree(who: string, ofCaller = false): void {
    const until = locks.get(who);
    if (until === undefined) return;
    const left = until - now();
    if (left > 0) {
      throw new VaultProblem(
        'locked',
        `${who} raised an alarm and is locked for ${Math.ceil(left)} ms more`,
        {
          retryAfterS: Math.ceil(left / 1_000),
          ofCaller,
        },
      );
    }
    locks.delete(who);
  }

  return {
    admit(caller, merchant, speaksFor) {
      mustBeFree(caller, true);
      if (merchant === null) return;
      mustBeFree(merchant);
      const named = asNamed(caller, merchant, speaksFor);
      if (named !== null) mustBeFree(named);
    },
    refused(caller, merchant, speaksFor, code) {
      // Of a payments worker from before grants named their acquirer; a newer one's comes next.
      if (code === 'grant_unnamed') return;
      if (caller === 'api' && merchant !== null && NAMED_BY_MERCHANTS.has(code)) {
        failed(merchant, caller, merchant);
        return;
      }
      const named = code === 'grant_wrong_acquirer' ? asNamed(caller, merchant, speaksFor) : null;
      if (named !== null) {
        failed(named, caller, merchant);
        return;
      }
      failed(caller, caller, null);
      if (merchant !== null) failed(merchant, caller, merchant);
    },
    asked(caller, merchant, token) {
      saw(caller, token, options.tokensPerCaller, caller, null);
      saw(merchant, token, options.tokensPerMerchant, caller, merchant);
    },
    staged(caller, { merchant, mode }, { bin, lastFour }, fingerprint) {
      const { level, leftMs } = cells.saw(merchant, mode, { bin, lastFour }, fingerprint);
      if (level === 'fine') return;
      if (level === 'raised') {
        const kind = 'many_cards_of_a_cell';
        count(counters.alarms, kind);
        logger.error('vault_enumeration_alarm', {
          kind,
          caller,
          merchant,
          bin,
          last_four: lastFour,
          cards: options.cellCards + 1,
          window_ms: CELL_WINDOW_MS,
          lock_ms: leftMs,
        });
        audit(kind, caller, merchant);
      }
      throw new VaultProblem(
        'rate_limited',
        `more than ${options.cellCards} cards of ${merchant} that have the same first digits and last four came within an hour; new ones are refused for ${Math.ceil(leftMs)} ms`,
        { retryAfterS: Math.ceil(leftMs / 1_000) },
      );
    },
  };
}
