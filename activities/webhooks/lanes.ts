export interface LaneLimits {
  /** At work at once, in all lanes together. */
  readonly running: number;
  /** At work at once in one lane: a slow lane holds no more than this. */
  readonly runningPerLane: number;
  /** Waiting in one lane. */
  readonly waitingPerLane: number;
  /** At work and waiting, in all lanes together. */
  readonly total: number;
}

interface Lane<T> {
  running: number;
  readonly waiting: T[];
}

/**
 * Work sorted into lanes, so that a lane whose work is slow fills up and the others go on. Lanes are
 * served in turn, each in the order in which its work came.
 */
export class Lanes<T> {
  readonly #limits: LaneLimits;
  /** Whose turn it is comes first. Only lanes with something in them. */
  readonly #lanes = new Map<string, Lane<T>>();
  #running = 0;
  #waiting = 0;

  constructor(limits: LaneLimits) {
    this.#limits = limits;
  }

  /** How much more work can be offered before everything is full. */
  get room(): number {
    return Math.max(this.#limits.total - this.#running - this.#waiting, 0);
  }

  get running(): number {
    return this.#running;
  }

  /** The lanes that take nothing more for now. */
  get full(): string[] {
    return [...this.#lanes]
      .filter(([, lane]) => lane.waiting.length >= this.#limits.waitingPerLane)
      .map(([key]) => key);
  }

  /** False, and not taken, when that lane is full. */
  offer(key: string, work: T): boolean {
    const lane = this.#lanes.get(key) ?? { running: 0, waiting: [] };
    if (lane.waiting.length >= this.#limits.waitingPerLane || this.room === 0) return false;
    lane.waiting.push(work);
    this.#waiting += 1;
    this.#lanes.set(key, lane);
    return true;
  }

  /** The next work that may begin now; it is at work until {@link done}. Null = none may begin. */
  take(): { readonly key: string; readonly work: T } | null {
    if (this.#running >= this.#limits.running) return null;
    for (const [key, lane] of this.#lanes) {
      if (lane.running >= this.#limits.runningPerLane) continue;
      const work = lane.waiting.shift();
      if (work === undefined) continue;
      lane.running += 1;
      this.#running += 1;
      this.#waiting -= 1;
      // To the end of the line.
      this.#lanes.delete(key);
      this.#lanes.set(key, lane);
      return { key, work };
    }
    return null;
  }

  done(key: string): void {
    const lane = this.#lanes.get(key);
    if (lane === undefined || lane.running === 0) throw new RangeError(`nothing is at work in lane ${key}`);
    lane.running -= 1;
    this.#running -= 1;
    if (lane.running === 0 && lane.waiting.length === 0) this.#lanes.delete(key);
  }

  /** Takes out everything that waits. */
  drain(): T[] {
    const drained: T[] = [];
    for (const [key, lane] of this.#lanes) {
      drained.push(...lane.waiting.splice(0));
      if (lane.running === 0) this.#lanes.delete(key);
    }
    this.#waiting = 0;
    return drained;
  }
}
