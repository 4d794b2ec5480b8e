import { hash } from 'node:crypto';
import type { AccountSums, PostingFields } from './account-sums.ts';
import { CopiedRow, sameBytes, viewOf } from './copied-row.ts';
import type { CopiedRows } from './copy-out.ts';
import { HASH_BYTES } from './merkle.ts';
import type { Sealed, TransactionCounts } from './suspects.ts';

/** Rows of three tables within the same bounds, each in the order of (merchant, transaction). */
export interface PageRows {
  /** HEADER_COLUMNS of each. */
  readonly headers: CopiedRows;
  /** SEALED_COLUMNS of each. */
  readonly sealed: CopiedRows;
  /** POSTING_COLUMNS of each, those of a transaction in the order of their lines. */
  readonly postings: CopiedRows;
}

/** In the order in which format 2 of seals hashes them. */
export const HEADER_COLUMNS =
  'merchant_id, mode, id, payment_id, operation_id, attempt_id, event, business_key, at, workflow_id, workflow_run_id, xact, cause, activity';
export const HEADER_FIELDS = 14;
/** Of them, counted from 0. */
const XACT = 11;
/** Its key, and then what is hashed of it. */
export const POSTING_COLUMNS =
  'merchant_id, transaction_id, mode, line, code, currency, amount, stripe, account_sequence';
const POSTING_FIELDS = 9;
export const SEALED_COLUMNS = 'merchant_id, transaction_id, seal_number, leaf';
const SEALED_FIELDS = 4;

export interface ScannedPage {
  /**
   * Every transaction of the page is whole and every row belongs to one. False: it may be, but it is not
   * as plain as that; verifyPage (suspects.ts) knows.
   */
  readonly isWhole: boolean;
  readonly counts: TransactionCounts;
}

const LEAF_PREFIX = 0x00;
const INT8_BYTES = 8;
const INT2_BYTES = 2;
const CURRENCY_BYTES = 3;
/** An id or an xact with its length. */
const INT8_FIELD_BYTES = 12;
const TWO_32 = 2 ** 32;

/**
 * Looks whether a page's transactions are whole: each header has postings, they net to zero in each
 * currency, and the hash over the bytes of them all is what ledger_sealed says, or the transaction is
 * younger than every seal. Adds the postings to their accounts, whatever it finds.
 */
export class PageScanner {
  readonly #lastXact: bigint | null;
  readonly #textSeals: bigint;
  readonly #accounts: AccountSums;
  /** What is hashed of the transaction at hand. */
  readonly #hashed = new Hashed();
  readonly #rests = new CurrencyRests();
  readonly #fields: PostingFields = {
    ...{ merchant: 0, transaction: 0, mode: 0, line: 0, code: 0 },
    ...{ currency: 0, amount: 0, stripe: 0, sequence: 0 },
  };

  constructor({ upTo, textSeals }: Sealed, accounts: AccountSums) {
    this.#lastXact = upTo === null ? null : BigInt(upTo.xact);
    this.#textSeals = textSeals;
    this.#accounts = accounts;
  }

  scan(page: PageRows): ScannedPage {
    const header = new CopiedRow(page.headers, HEADER_FIELDS);
    const seal = new CopiedRow(page.sealed, SEALED_FIELDS);
    const posting = new CopiedRow(page.postings, POSTING_FIELDS);
    let isWhole = true;
    let transactions = 0;
    let sealed = 0;
    let postings = 0;
    let hasSeal = seal.next();
    let hasPosting = posting.next();
    while (header.next()) {
      transactions += 1;
      this.#hashed.begin(header.bytes, header.at, header.end);
      this.#rests.clear();
      if (!hasPosting || !sameKey(header, posting)) isWhole = false;
      for (; hasPosting && sameKey(header, posting); hasPosting = posting.next()) {
        postings += 1;
        if (!this.#take(posting)) isWhole = false;
      }
      if (!this.#rests.areZero()) isWhole = false;
      if (hasSeal && sameKey(header, seal)) {
        sealed += 1;
        if (!this.#isAsSealed(seal)) isWhole = false;
        hasSeal = seal.next();
      } else if (!this.#isYoung(header)) isWhole = false;
    }
    // Rows that are left belong to no header of the page.
    if (hasPosting || hasSeal) isWhole = false;
    for (; hasPosting; hasPosting = posting.next()) this.#take(posting);
    const counts = {
      transactions: BigInt(transactions),
      postings: BigInt(postings),
      unsealed: BigInt(transactions - sealed),
      sealed: BigInt(sealed),
    };
    return { isWhole, counts };
  }

  /** Hashes and adds up one posting; false when it is none that can be. */
  #take(row: CopiedRow): boolean {
    const { view, end } = row;
    const fields = this.#fields;
    fields.merchant = row.at;
    fields.transaction = row.after(row.at);
    fields.mode = fields.transaction + INT8_FIELD_BYTES;
    fields.line = row.after(fields.mode);
    fields.code = fields.line + 4 + INT2_BYTES;
    fields.currency = row.after(fields.code);
    fields.amount = row.after(fields.currency);
    fields.stripe = fields.amount + 4 + INT8_BYTES;
    fields.sequence = fields.stripe + 4 + INT2_BYTES;
    if (
      fields.sequence + 4 + INT8_BYTES !== end ||
      view.getInt32(fields.merchant) < 0 ||
      view.getInt32(fields.mode) < 0 ||
      view.getInt32(fields.line) !== INT2_BYTES ||
      view.getInt32(fields.code) < 0 ||
      view.getInt32(fields.currency) !== CURRENCY_BYTES ||
      view.getInt32(fields.amount) !== INT8_BYTES ||
      view.getInt32(fields.stripe) !== INT2_BYTES ||
      view.getInt32(fields.sequence) !== INT8_BYTES
    ) {
      this.#accounts.giveUp();
      return false;
    }
    this.#hashed.append(view, fields.mode, end);
    this.#rests.add(view, fields);
    this.#accounts.add(row, fields);
    return true;
  }

  #isAsSealed({ bytes, view, end, at }: CopiedRow): boolean {
    if (view.getInt32(end - HASH_BYTES - 4) !== HASH_BYTES) return false;
    const number = end - HASH_BYTES - 4 - INT8_BYTES;
    if (this.#textSeals > 0n && view.getBigInt64(number) <= this.#textSeals) return false;
    if (number - 4 !== at + 4 + view.getInt32(at) + INT8_FIELD_BYTES) return false;
    return this.#hashed.hash() === bytes.toString('latin1', end - HASH_BYTES, end);
  }

  /** Whether a transaction that is in no seal came after them all. */
  #isYoung(header: CopiedRow): boolean {
    if (this.#lastXact === null) return true;
    let field = header.at;
    for (let index = 0; index < XACT; index += 1) field = header.after(field);
    return header.view.getInt32(field) === INT8_BYTES && header.view.getBigUint64(field + 4) > this.#lastXact;
  }
}

/** The bytes that a transaction's leaf is the hash of. */
class Hashed {
  #bytes = Buffer.alloc(4_096);
  #view = viewOf(this.#bytes);
  #used = 0;
  /** The first so many bytes: making them anew for each transaction would cost as much as a copy. */
  #beginnings: Buffer[] = [];

  begin(header: Buffer, start: number, end: number): void {
    this.#used = 1 + (end - start);
    this.#fit(1);
    this.#bytes[0] = LEAF_PREFIX;
    header.copy(this.#bytes, 1, start, end);
  }

  append(view: DataView, start: number, end: number): void {
    const at = this.#used;
    this.#used += end - start;
    this.#fit(at);
    // Few bytes: four at a time is faster than to call for a copy.
    let i = start;
    for (; i + 4 <= end; i += 4) this.#view.setInt32(at + i - start, view.getInt32(i));
    for (; i < end; i += 1) this.#view.setUint8(at + i - start, view.getUint8(i));
  }

  /** As a text of one byte a character: node makes and compares that faster than a buffer. */
  hash(): string {
    return hash('sha256', (this.#beginnings[this.#used] ??= this.#bytes.subarray(0, this.#used)), 'binary');
  }

  /** Makes room for what will be used, and keeps what there is. */
  #fit(there: number): void {
    if (this.#used <= this.#bytes.length) return;
    const larger = Buffer.alloc(2 * this.#used);
    this.#bytes.copy(larger, 0, 0, there);
    this.#bytes = larger;
    this.#view = viewOf(larger);
    this.#beginnings = [];
  }
}

/** What is left over of a transaction in each currency. */
class CurrencyRests {
  #count = 0;
  readonly #currencies: number[] = [];
  readonly #highs: number[] = [];
  readonly #lows: number[] = [];

  clear(): void {
    this.#count = 0;
  }

  /** Halves of amounts stay exact in doubles: a page has far fewer than 2^20 postings. */
  add(view: DataView, { currency, amount }: PostingFields): void {
    const name = (view.getUint16(currency + 4) << 8) | view.getUint8(currency + 6);
    let place = 0;
    while (place < this.#count && this.#currencies[place] !== name) place += 1;
    if (place === this.#count) {
      this.#count += 1;
      this.#currencies[place] = name;
      this.#highs[place] = 0;
      this.#lows[place] = 0;
    }
    this.#highs[place] = (this.#highs[place] ?? 0) + view.getInt32(amount + 4);
    this.#lows[place] = (this.#lows[place] ?? 0) + view.getUint32(amount + 8);
  }

  areZero(): boolean {
    for (let place = 0; place < this.#count; place += 1)
      if ((this.#highs[place] ?? 0) * TWO_32 !== -(this.#lows[place] ?? 0)) return false;
    return true;
  }
}

/** Whether a row that begins with (merchant, transaction) is of the transaction that the header is. */
function sameKey(header: CopiedRow, row: CopiedRow): boolean {
  const { view, at } = header;
  const merchantBytes = 4 + view.getInt32(at);
  return (
    sameBytes(row.view, row.at, view, at, merchantBytes) &&
    sameBytes(row.view, row.at + merchantBytes, view, header.after(at + merchantBytes), INT8_FIELD_BYTES)
  );
}
