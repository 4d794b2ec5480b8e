import type { Logger } from '../platform/logger.ts';
import type { MerchantId } from '../workflows/domain/ids.ts';
import type { Caller } from './callers.ts';
import type { VaultOperation, VaultProblemCode } from './contract.ts';
import type { VaultDatabase } from './database.ts';

/** What of a request is not known yet, or not believed, is the empty text. */
const AUDIT = `
  INSERT INTO vault.audit_log (caller, action, merchant, payment, token, attempt, granted, security_code, refusal)
  VALUES ($1, 'detokenize', $2, '', '', '', false, false, $3)`;

/** What is refused before a grant is looked at; what comes later writes its own row (detokenize.ts). */
const EARLY: ReadonlySet<VaultProblemCode> = new Set(['forbidden', 'rate_limited', 'locked', 'malformed']);

/** One row for each caller and reason in this time (ms): nobody may fill the log, for it is kept for ever. */
const WINDOW_MS = 60_000;

/**
 * Writes down that a number was asked for and refused at the door.
 * @param now monotonic, ms.
 * @returns takes every refusal of a known caller; forgets those that are not of this kind.
 */
export function createRefusalAudit(database: VaultDatabase, logger: Logger, now: () => number) {
  /** When the last row of a caller and reason was written. */
  const written = new Map<string, number>();

  return (
    operation: VaultOperation | null,
    caller: Caller,
    merchant: MerchantId | null,
    code: VaultProblemCode,
  ): void => {
    if (operation !== 'detokenize' || !EARLY.has(code)) return;
    const key = `${caller} ${code}`;
    const last = written.get(key);
    const at = now();
    if (last !== undefined && at - last < WINDOW_MS) return;
    written.set(key, at);
    database.query('audit_refusal', AUDIT, [caller, merchant ?? '', code]).catch((error: unknown) => {
      // The next one is written instead.
      written.delete(key);
      logger.error('vault_refusal_not_audited', { caller, merchant, code, error });
    });
  };
}

export type RefusalAudit = ReturnType<typeof createRefusalAudit>;
