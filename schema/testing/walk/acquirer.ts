import type { AttemptId, PaymentId } from '../../../workflows/domain/ids.ts';
import type { AttemptKind } from '../../../workflows/domain/outcome.ts';
import { originalOf } from './model.ts';

/** One message as it reaches the acquirer. */
export interface Message {
  readonly payment: PaymentId;
  readonly attempt: AttemptId;
  readonly kind: AttemptKind;
  readonly amount: bigint;
}

/** What the acquirer would say if it had a choice. */
export interface Mood {
  readonly declines: boolean;
  /** How much of what was asked it approves, in percent; above 100 is its mistake. */
  readonly part: number;
}

export interface Reply {
  readonly outcome: 'approved' | 'declined';
  readonly code: string;
  readonly approved: bigint | null;
}

/** A line of its journal: what it did, in the order in which it did it. */
export interface Entry extends Message {
  readonly outcome: Reply['outcome'];
  readonly approved: bigint;
}

interface Hold {
  readonly attempt: AttemptId;
  authorized: bigint;
  captured: bigint;
  refunded: bigint;
  open: boolean;
  reversed: boolean;
}

const APPROVED = '00';
const REFUSED = '05';
const NOT_FOUND = '25';

/**
 * An acquirer that keeps its own books in memory: the outside truth of the walk. A message that comes
 * again is answered again and not executed again; an original that comes after its reversal is refused.
 * What a right client never sends is executed nowhere and noted in `violations`.
 */
export class WalkAcquirer {
  readonly journal: Entry[] = [];
  readonly violations: string[] = [];
  readonly #replies = new Map<AttemptId, Reply>();
  readonly #holds = new Map<PaymentId, Hold>();
  readonly #undone = new Set<string>();
  readonly #increments = new Map<string, bigint>();

  execute(message: Message, mood: Mood): Reply {
    const before = this.#replies.get(message.attempt);
    if (before !== undefined) return before;
    const reply = this.#decide(message, mood);
    this.#replies.set(message.attempt, reply);
    this.journal.push({ ...message, outcome: reply.outcome, approved: reply.approved ?? message.amount });
    return reply;
  }

  #decide(message: Message, { declines, part }: Mood): Reply {
    switch (message.kind) {
      case 'authorization':
      case 'sale':
        return this.#authorize(message, declines, part);
      case 'increment':
        return this.#increase(message, declines, part);
      case 'capture':
        return this.#onHold(message, declines, (hold) => {
          if (message.amount > hold.authorized - hold.captured) return 'takes more than is held';
          hold.captured += message.amount;
          hold.open = hold.captured < hold.authorized;
          return null;
        });
      case 'void':
      case 'partial_void':
        return this.#onHold(message, declines, (hold) => {
          hold.open = false;
          return null;
        });
      case 'refund':
        return this.#refund(message, declines);
      case 'reversal':
        return this.#reverse(message);
    }
  }

  #authorize({ payment, attempt, kind, amount }: Message, declines: boolean, part: number): Reply {
    if (declines || this.#undone.has(attempt)) return declined(REFUSED);
    const other = this.#holds.get(payment);
    if (other !== undefined && !other.reversed) {
      this.violations.push(`${attempt}: ${other.attempt} of ${payment} is alive`);
      return declined(REFUSED);
    }
    const authorized = part === 100 ? amount : (amount * BigInt(part)) / 100n || 1n;
    const captured = kind === 'sale' ? authorized : 0n;
    const open = kind !== 'sale';
    this.#holds.set(payment, { attempt, authorized, captured, refunded: 0n, open, reversed: false });
    return { outcome: 'approved', code: APPROVED, approved: authorized };
  }

  #increase(message: Message, declines: boolean, part: number): Reply {
    const { attempt, amount } = message;
    if (this.#undone.has(attempt)) return declined(REFUSED);
    const added = part === 100 ? amount : (amount * BigInt(part)) / 100n || 1n;
    const reply = this.#onHold(message, declines, (hold) => {
      hold.authorized += added;
      this.#increments.set(attempt, added);
      return null;
    });
    return reply.outcome === 'approved' ? { ...reply, approved: added } : reply;
  }

  #onHold(
    { payment, attempt, kind, amount }: Message,
    declines: boolean,
    take: (hold: Hold) => string | null,
  ): Reply {
    if (declines) return declined(REFUSED);
    const hold = this.#holds.get(payment);
    const fault = hold === undefined || !hold.open || hold.reversed ? 'has nothing held' : take(hold);
    if (fault !== null) this.violations.push(`${kind} ${attempt} of ${amount} on ${payment} ${fault}`);
    return fault === null ? approved(amount) : declined(REFUSED);
  }

  #refund({ payment, attempt, amount }: Message, declines: boolean): Reply {
    if (declines) return declined(REFUSED);
    const hold = this.#holds.get(payment);
    if (hold === undefined || hold.reversed || amount > hold.captured - hold.refunded) {
      this.violations.push(`refund ${attempt} of ${amount} on ${payment} gives back more than was taken`);
      return declined(REFUSED);
    }
    hold.refunded += amount;
    return approved(amount);
  }

  #reverse({ payment, attempt, amount }: Message): Reply {
    const original = originalOf(attempt);
    this.#undone.add(original);
    const hold = this.#holds.get(payment);
    const added = this.#increments.get(original);
    if (hold !== undefined && added !== undefined) {
      if (!hold.open || hold.captured > hold.authorized - added)
        this.violations.push(`${attempt} undoes what was followed up`);
      this.#increments.delete(original);
      hold.authorized -= added;
      return approved(amount);
    }
    if (hold?.attempt !== original || hold.reversed) return declined(NOT_FOUND);
    if (hold.refunded > 0n || (hold.captured > 0n && hold.captured < hold.authorized))
      this.violations.push(`${attempt} undoes what was followed up`);
    hold.reversed = true;
    hold.open = false;
    return approved(amount);
  }
}

function declined(code: string): Reply {
  return { outcome: 'declined', code, approved: null };
}

function approved(amount: bigint): Reply {
  return { outcome: 'approved', code: APPROVED, approved: amount };
}
