export interface PacerOptions {
  /** Between the first and the second time (ms); doubled each time after. */
  readonly pauseMinMs: number;
  readonly pauseMaxMs: number;
  /** Things remembered at once; what is beyond that is not held back. */
  readonly capacity: number;
}

/**
 * Decides how often the same thing is done again: at first at once, then after pauses that grow.
 * What is not asked about for one whole round is forgotten, so memory holds no more than what is
 * still there. Lost with the process: then everything may be done once more at once.
 */
export class Pacer {
  readonly #options: PacerOptions;
  #known = new Map<string, { readonly dueAt: number; readonly pauseMs: number }>();
  #round = new Map<string, { readonly dueAt: number; readonly pauseMs: number }>();

  constructor(options: PacerOptions) {
    this.#options = options;
  }

  /** Whether it is time for it; if so, the next time is set. `now` is monotonic ms. */
  due(key: string, now: number): boolean {
    const known = this.#round.get(key) ?? this.#known.get(key);
    const due = known === undefined || known.dueAt <= now;
    const { pauseMinMs, pauseMaxMs, capacity } = this.#options;
    const pauseMs = known === undefined ? pauseMinMs : Math.min(known.pauseMs * 2, pauseMaxMs);
    if (this.#round.size < capacity) this.#round.set(key, due ? { dueAt: now + pauseMs, pauseMs } : known);
    return due;
  }

  /** It was not done after all: it is due again. */
  undo(key: string): void {
    this.#round.delete(key);
    this.#known.delete(key);
  }

  /** Ends a round in which everything that is still there was asked about. */
  endRound(): void {
    this.#known = this.#round;
    this.#round = new Map();
  }
}
