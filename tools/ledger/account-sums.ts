import type { CopiedRow } from './copied-row.ts';
import { sameBytes } from './copied-row.ts';

/** What the postings of one stripe of an account come to. */
export interface AccountSum {
  readonly merchant_id: string;
  readonly mode: string;
  readonly code: string;
  readonly currency: string;
  readonly stripe: number;
  readonly posted: bigint;
  readonly postings: number;
  readonly lowest: number;
  readonly highest: number;
}

/** Fields of a posting that its account is named by and that are summed: where each begins, with its length. */
export interface PostingFields {
  merchant: number;
  transaction: number;
  mode: number;
  line: number;
  code: number;
  currency: number;
  amount: number;
  stripe: number;
  sequence: number;
}

const TWO_32 = 2 ** 32;
/** So often low halves are carried over to high ones: both then stay exact in a double. */
const CARRY_EVERY = 2 ** 20;
const HIGH_AT_MOST = 2 ** 51;
const SEQUENCE_HIGH_AT_MOST = 2 ** 21;

class Sum {
  readonly key: Uint8Array;
  readonly keyView: DataView;
  readonly merchant: string;
  readonly modeBytes: number;
  readonly next: Sum | undefined;
  high = 0;
  low = 0;
  postings = 0;
  lowest = Infinity;
  highest = 0;

  constructor(merchant: string, key: Uint8Array, modeBytes: number, next: Sum | undefined) {
    this.merchant = merchant;
    this.key = key;
    this.keyView = new DataView(key.buffer, key.byteOffset, key.byteLength);
    this.modeBytes = modeBytes;
    this.next = next;
  }
}

/**
 * Adds up postings account by account, as they come in the order of their merchants. An account is found
 * by the bytes of its name, without a text being made of them.
 */
export class AccountSums {
  /** Of the merchant that is under way, by the hash of the name. */
  #sums = new Map<number, Sum>();
  #finished: AccountSum[] = [];
  #merchant: Uint8Array = new Uint8Array(0);
  #merchantView: DataView = new DataView(new ArrayBuffer(0));
  #merchantText: string | null = null;
  #isExact = true;

  /** False when not everything could be added up here: then the sums are worth nothing. */
  get isExact(): boolean {
    return this.#isExact;
  }

  /** There are postings that cannot be added. */
  giveUp(): void {
    this.#isExact = false;
  }

  /** Stripes of accounts of merchants that are done, not yet taken. */
  get finished(): number {
    return this.#finished.length;
  }

  /** Adds one posting, none of whose fields is null. */
  add(row: CopiedRow, at: PostingFields): void {
    const { view } = row;
    const merchantBytes = at.transaction - at.merchant;
    if (
      merchantBytes !== this.#merchant.length ||
      !sameBytes(view, at.merchant, this.#merchantView, 0, merchantBytes)
    )
      this.#begin(row, at);
    const sum = this.#find(row, at);

    const high = view.getInt32(at.amount + 4);
    sum.high += high;
    sum.low += view.getUint32(at.amount + 8);
    sum.postings += 1;
    if (sum.postings % CARRY_EVERY === 0) this.#carry(sum);
    const sequenceHigh = view.getInt32(at.sequence + 4);
    if (sequenceHigh < 0 || sequenceHigh > SEQUENCE_HIGH_AT_MOST) this.#isExact = false;
    const sequence = sequenceHigh * TWO_32 + view.getUint32(at.sequence + 8);
    if (sequence > sum.highest) sum.highest = sequence;
    if (sequence < sum.lowest) sum.lowest = sequence;
  }

  /** The last merchant of which all postings have come; null when none is kept. */
  get finishedUpTo(): string | null {
    return this.#finished.at(-1)?.merchant_id ?? null;
  }

  /** What was added up of merchants that no more postings come of; it is not kept any longer. */
  take(): readonly AccountSum[] {
    const sums = this.#finished;
    this.#finished = [];
    return sums;
  }

  /** There are no more postings. */
  finish(): void {
    for (const sum of this.#sums.values())
      for (let one: Sum | undefined = sum; one !== undefined; one = one.next) {
        this.#carry(one);
        this.#finished.push(told(one));
      }
    this.#sums = new Map();
  }

  #begin({ bytes }: CopiedRow, { merchant, transaction }: PostingFields): void {
    this.finish();
    this.#merchant = Uint8Array.from(bytes.subarray(merchant, transaction));
    this.#merchantView = new DataView(this.#merchant.buffer);
    this.#merchantText = bytes.toString('utf8', merchant + 4, transaction);
  }

  /** The sum that the posting belongs to, made if it is the first. */
  #find({ bytes, view }: CopiedRow, { mode, line, code, amount, stripe, sequence }: PostingFields): Sum {
    const modeBytes = line - mode;
    const nameBytes = amount - code;
    const keyBytes = modeBytes + nameBytes + (sequence - stripe);
    let hash = 0;
    // Most of a code is the same for many accounts; what differs may stand anywhere in it.
    for (let i = code; i < amount; i += 1) hash = Math.imul(hash ^ view.getUint8(i), 0x01000193);
    hash = Math.imul(hash ^ view.getUint8(sequence - 1), 0x01000193) ^ modeBytes;

    const first = this.#sums.get(hash);
    for (let sum = first; sum !== undefined; sum = sum.next) {
      const { keyView } = sum;
      if (
        sum.key.length === keyBytes &&
        sum.modeBytes === modeBytes &&
        sameBytes(view, mode, keyView, 0, modeBytes) &&
        sameBytes(view, code, keyView, modeBytes, nameBytes) &&
        sameBytes(view, stripe, keyView, modeBytes + nameBytes, sequence - stripe)
      )
        return sum;
    }
    const key = new Uint8Array(keyBytes);
    key.set(bytes.subarray(mode, line));
    key.set(bytes.subarray(code, amount), modeBytes);
    key.set(bytes.subarray(stripe, sequence), modeBytes + nameBytes);
    const made = new Sum(this.#merchantText ?? '', key, modeBytes, first);
    this.#sums.set(hash, made);
    return made;
  }

  #carry(sum: Sum): void {
    const carried = Math.floor(sum.low / TWO_32);
    sum.low -= carried * TWO_32;
    sum.high += carried;
    if (Math.abs(sum.high) > HIGH_AT_MOST) this.#isExact = false;
  }
}

function told({ merchant, key, keyView, modeBytes, high, low, postings, lowest, highest }: Sum): AccountSum {
  const bytes = Buffer.from(key.buffer);
  const codeEnd = modeBytes + 4 + keyView.getInt32(modeBytes);
  const currencyEnd = codeEnd + 4 + keyView.getInt32(codeEnd);
  return {
    merchant_id: merchant,
    mode: bytes.toString('utf8', 4, modeBytes),
    code: bytes.toString('utf8', modeBytes + 4, codeEnd),
    currency: bytes.toString('utf8', codeEnd + 4, currencyEnd),
    stripe: keyView.getInt16(currencyEnd + 4),
    posted: BigInt(high) * BigInt(TWO_32) + BigInt(low),
    postings,
    lowest,
    highest,
  };
}
