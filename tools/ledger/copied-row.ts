import type { CopiedRows } from './copy-out.ts';

const COPY_DATA = 0x64;
/** Type and length of a message. */
const HEAD_BYTES = 5;
/** 'PGCOPY\n\xff\r\n\0' and flags; the length of an extension, and it, come after. */
const FILE_HEADER_BYTES = 15;
const END_OF_ROWS = -1;

/**
 * Goes along the rows of a COPY in binary (PostgreSQL, COPY, binary format). A row is its fields, each a
 * length in four bytes and the value; null is the length -1.
 */
export class CopiedRow {
  readonly bytes: Buffer;
  readonly view: DataView;
  /** Where the row's first field begins, with its length. */
  at = 0;
  /** Where the row ends. */
  end = 0;
  #next: number;
  readonly #fields: number;
  readonly #stop: number;
  #isFirst = true;

  /** @param fields how many each row has. */
  constructor({ bytes, start, end }: CopiedRows, fields: number) {
    this.bytes = bytes;
    this.view = viewOf(bytes);
    this.#fields = fields;
    this.#next = start;
    this.#stop = end;
  }

  /**
   * Goes to the next row; false when there is none.
   * @throws Error when the rows have another number of fields.
   */
  next(): boolean {
    let at: number;
    let type: number;
    do {
      if (this.#next >= this.#stop) return false;
      type = this.view.getUint8(this.#next);
      at = this.#next + HEAD_BYTES;
      this.#next += 1 + this.view.getUint32(this.#next + 1);
      // Between two rows the server may tell something else: a notice, a setting.
    } while (type !== COPY_DATA);
    if (this.#isFirst) {
      this.#isFirst = false;
      at += FILE_HEADER_BYTES + 4 + this.view.getInt32(at + FILE_HEADER_BYTES);
      if (at === this.#next) return this.next();
    }
    const fields = this.view.getInt16(at);
    if (fields === END_OF_ROWS) return false;
    if (fields !== this.#fields)
      throw new Error(`a copied row has ${fields} fields, and ${this.#fields} were asked for`);
    this.at = at + 2;
    this.end = this.#next;
    return true;
  }

  /** Where the field after the one that begins there begins. */
  after(field: number): number {
    const length = this.view.getInt32(field);
    return field + 4 + (length > 0 ? length : 0);
  }

  /** The text of the field that begins there. */
  textAt(field: number): string {
    return this.bytes.toString('utf8', field + 4, this.after(field));
  }
}

/** A buffer's numbers: V8 reads them from a DataView without a call. */
export function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** Whether so many bytes are the same. */
export function sameBytes(
  one: DataView,
  at: number,
  other: DataView,
  otherAt: number,
  bytes: number,
): boolean {
  let i = 0;
  for (; i + 4 <= bytes; i += 4) if (one.getInt32(at + i) !== other.getInt32(otherAt + i)) return false;
  for (; i < bytes; i += 1) if (one.getUint8(at + i) !== other.getUint8(otherAt + i)) return false;
  return true;
}
