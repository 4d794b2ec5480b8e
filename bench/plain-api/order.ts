/** What the process of the plain api is told. */
export interface PlainOrder {
  readonly databaseUrl: string;
  /** Whose payments it answers; it asks nobody who they are. */
  readonly merchant: string;
}

/** What it says when it can be used. */
export interface PlainReady {
  readonly port: number;
}
