import pg from 'pg';
import { KmsRefused, KmsUnavailable, Tampered, UnknownKey } from '../platform/key-errors.ts';
import { VAULT_PROBLEMS, type VaultProblemCode } from './contract.ts';

/** A request that ends with one of the vault's problem codes. The message never holds card data. */
export class VaultProblem extends Error {
  override readonly name = 'VaultProblem';
  readonly code: VaultProblemCode;
  /** When asking again may help (s). */
  readonly retryAfterS: number;
  /** It is the caller itself that is kept waiting, whatever it asks and for whom. */
  readonly ofCaller: boolean;

  constructor(
    code: VaultProblemCode,
    message: string,
    {
      retryAfterS = 1,
      ofCaller = false,
      ...options
    }: ErrorOptions & { readonly retryAfterS?: number; readonly ofCaller?: boolean } = {},
  ) {
    super(message, options);
    this.code = code;
    this.retryAfterS = retryAfterS;
    this.ofCaller = ofCaller;
  }

  get status(): number {
    return VAULT_PROBLEMS[this.code].status;
  }

  get retryable(): boolean {
    return VAULT_PROBLEMS[this.code].retryable;
  }
}

/**
 * The vault's own database did not do what was asked, and the request may simply come again:
 * connection lost or refused, too many, shutting down, out of space, cancelled, deadlocked
 * (PostgreSQL, appendix A: classes 08, 25006 read-only after a failover, 40, 53, 57, 58).
 */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return true;
  return /^(?:08|25006|40|53|55P03|57|58)/.test(error.code ?? '');
}

/** Any error as the problem the caller is told. What is not understood is `internal`, and its text stays here. */
export function problemOf(error: unknown): VaultProblem {
  if (error instanceof VaultProblem) return error;
  if (error instanceof KmsUnavailable) {
    return new VaultProblem(
      'kms_unavailable',
      'the key service does not answer and no cached key will do; ask again',
      { cause: error },
    );
  }
  if (error instanceof KmsRefused) {
    return new VaultProblem(
      'kms_refused',
      `the key service refuses the master key (${error.code}); an operator must enable it`,
      { cause: error },
    );
  }
  if (error instanceof Tampered) return new VaultProblem('tampered', error.message, { cause: error });
  if (error instanceof UnknownKey) return new VaultProblem('unknown_key', error.message, { cause: error });
  return new VaultProblem('internal', 'the vault failed; its log says why', { cause: error });
}
