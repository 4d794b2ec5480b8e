/** How a rotation of a master key ended. Keys by the names that the key service gives them. */
export interface RotationSummary {
  readonly rotation: string;
  readonly from: string;
  readonly to: string;
  /** Data keys that were wrapped anew. */
  readonly rewrapped: number;
}

/** Cards, by what became of them. */
export interface RetentionSummary {
  /** Forgotten because nobody had used them for long. */
  readonly unused: number;
  readonly destroyed: number;
  /** Forgotten, and still needed by a payment. */
  readonly kept: number;
}

/** Runs of payments and deliveries that had finished, by what became of their histories. */
export interface ExportSummary {
  readonly exported: number;
  /** Temporal had them no more when their turn came. */
  readonly gone: number;
  /** Everything that finished before is exported (ISO 8601). */
  readonly through: string;
}

/** The back office's work by the calendar: regular activities on its queue. Each may be repeated. */
export interface UpkeepActivities {
  /**
   * Makes a new master key the writing one and wraps every data key anew. A rotation of that id that was
   * begun goes on; one of another id is finished in its place.
   */
  rotateVaultKeys(rotation: string): Promise<RotationSummary>;
  rotatePlatformKeys(rotation: string): Promise<RotationSummary>;
  /** Destroys the numbers of forgotten cards that no payment needs any more. */
  retainCards(): Promise<RetentionSummary>;
  /** Writes the histories of finished runs to the store outside of Temporal, each once, from where the last one ended. */
  exportHistories(): Promise<ExportSummary>;
}
