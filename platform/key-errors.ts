/** The key service did not answer, or asked to come back later. Nothing was changed; ask again. */
export class KmsUnavailable extends Error {
  override readonly name = 'KmsUnavailable';
}

/** The key service will not use this master key (disabled, to be deleted, no permission). An operator must act. */
export class KmsRefused extends Error {
  override readonly name = 'KmsRefused';
  /** What the key service called it, for example `DisabledException`. */
  readonly code: string;

  constructor(message: string, code: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What was stored is not what was sealed, or not for this owner: changed, cut short, or moved from another row. */
export class Tampered extends Error {
  override readonly name = 'Tampered';
}

/** What was stored names a data key, or a data key names a master key, that does not exist. */
export class UnknownKey extends Error {
  override readonly name = 'UnknownKey';
}

/** The master key of a data key was retired between the key service and the table: ask for another data key. */
export class RetiredMasterKey extends Error {
  override readonly name = 'RetiredMasterKey';
  /** What the tables' triggers raise. */
  static readonly sqlState = 'QK001';
}

/** What inserting a data key failed with, named: the table takes none under a retired master key. */
export function keyInsertError(error: unknown): unknown {
  const refused = error instanceof Error && 'code' in error && error.code === RetiredMasterKey.sqlState;
  return refused ? new RetiredMasterKey(error.message, { cause: error }) : error;
}
