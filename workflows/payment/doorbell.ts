import type { CommandId } from '../domain/ids.ts';
import type { PaymentView } from '../domain/view.ts';

interface Waiting {
  readonly command: CommandId;
  readonly until: number;
}

/**
 * Who rang and has not been answered. The loop asks whether it rang, tells what it has seen, and
 * lets those go who have waited long enough; the update handlers only wait here.
 */
export class Doorbell {
  #rung = false;
  #closed = false;
  /** Commands that were pending or answered when the loop last looked, after they rang. */
  readonly #answered = new Set<CommandId>();
  readonly #waiting = new Set<Waiting>();
  readonly #dismissed = new Set<Waiting>();

  get rung(): boolean {
    return this.#rung;
  }

  ring(): void {
    this.#rung = true;
  }

  /** The loop is about to read what is pending: whatever rang before now will be seen. */
  hear(): void {
    this.#rung = false;
  }

  wait(command: CommandId, until: number): Waiting {
    const waiting = { command, until };
    this.#waiting.add(waiting);
    this.ring();
    return waiting;
  }

  leave(waiting: Waiting): void {
    this.#waiting.delete(waiting);
    this.#dismissed.delete(waiting);
    this.#answered.delete(waiting.command);
  }

  /** Tells the waiting ones what a view that was read after they rang knows of their commands. */
  tell(view: PaymentView): void {
    if (this.#rung) return;
    const open = new Set([...view.commands.map(({ id }) => id), ...view.awaited]);
    for (const { command } of this.#waiting) if (!open.has(command)) this.#answered.add(command);
  }

  isAnswered({ command }: Waiting): boolean {
    return this.#answered.has(command);
  }

  /**
   * A timer has come to `deadline` (epoch ms): who has waited until then goes without an answer. Only ever
   * because of a timer, which is in the history: what the clock says at some other moment differs between
   * the first time and a replay, and with it the order of what a task decides.
   */
  dismiss(deadline: number): void {
    for (const waiting of this.#waiting) if (waiting.until <= deadline) this.#dismissed.add(waiting);
  }

  isDismissed(waiting: Waiting): boolean {
    return this.#closed || this.#dismissed.has(waiting);
  }

  /** Nobody is served here any more: who waits goes without an answer, at once, and so does whoever still rings. */
  close(): void {
    this.#closed = true;
  }

  /** When the first of the waiting has waited long enough (epoch ms); null when nobody waits. */
  get patience(): number | null {
    const deadlines = [...this.#waiting]
      .filter((one) => !this.isAnswered(one) && !this.isDismissed(one))
      .map(({ until }) => until);
    return deadlines.length === 0 ? null : Math.min(...deadlines);
  }
}
