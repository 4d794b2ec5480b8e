import type pg from 'pg';

/** What one COPY … TO STDOUT answered: messages of the protocol in `bytes` from start to end, a CopyData for each row. */
export interface CopiedRows {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** Memory that answers are put into, grown when needed and used again. */
export interface CopyMemory {
  bytes: Buffer;
}

/** More than any honest page of a ledger has; beyond it an answer is thrown away as it comes. */
const BYTES_AT_MOST = 64 * 1024 * 1024;

// Messages of the protocol (PostgreSQL, 55.7); each is followed by its length in four bytes, its own four included.
const COPY_OUT_RESPONSE = 0x48;
const COPY_DONE = 0x63;
const ERROR_RESPONSE = 0x45;
const READY_FOR_QUERY = 0x5a;
const HEAD_BYTES = 5;

/**
 * Runs some queries in one round trip, each as COPY (…) TO STDOUT (FORMAT BINARY). node-postgres makes an
 * object and an event of every row; here the bytes of its socket are taken as they are.
 * @param memory holds the answers; must not be used again while they are read.
 * @returns the rows of each query, or null when they are more than 64 MB.
 * @throws Error what the server says, or that the connection was lost.
 */
export async function copyOut(
  client: pg.ClientBase,
  queries: readonly string[],
  memory: CopyMemory,
): Promise<readonly CopiedRows[] | null> {
  const text = queries.map((query) => `copy (${query}) to stdout (format binary)`).join('; ');
  const found = await new Promise<readonly Span[] | null>((resolve, reject) => {
    client.query(new CopyOut(text, memory, resolve, reject));
  });
  return found?.map(({ start, end }) => ({ bytes: memory.bytes, start, end })) ?? null;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

type Listener = (chunk: Buffer) => void;

/** One query as node-postgres runs it, but for its answer, which does not go through the parser. */
class CopyOut implements pg.Submittable {
  readonly #text: string;
  readonly #memory: CopyMemory;
  readonly #resolve: (found: readonly Span[] | null) => void;
  readonly #reject: (error: Error) => void;
  readonly #spans: Span[] = [];
  #length = 0;
  /** Where the next message begins; beyond the length when the last one is not there in full. */
  #at = 0;
  #start = 0;
  #isTooLarge = false;

  constructor(
    text: string,
    memory: CopyMemory,
    resolve: (found: readonly Span[] | null) => void,
    reject: (error: Error) => void,
  ) {
    this.#text = text;
    this.#memory = memory;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  submit(connection: pg.Connection): void {
    const { stream } = connection;
    const parsers = stream.listeners('data') as Listener[];
    const take = (chunk: Buffer): void => {
      const rest = this.#take(chunk);
      if (rest === null) return;
      stream.off('data', take);
      for (const parser of parsers) stream.on('data', parser);
      for (const parser of parsers) parser(rest);
    };
    for (const parser of parsers) stream.off('data', parser);
    stream.on('data', take);
    connection.query(this.#text);
  }

  /** Goes along the messages; answers what is for the parser again: an error, or the end. */
  #take(chunk: Buffer): Buffer | null {
    this.#keep(chunk);
    const { bytes } = this.#memory;
    while (this.#at + HEAD_BYTES <= this.#length) {
      const at = this.#at;
      const type = bytes[at];
      if (type === ERROR_RESPONSE || type === READY_FOR_QUERY)
        return Buffer.from(bytes.subarray(at, this.#length));
      this.#at += 1 + bytes.readUInt32BE(at + 1);
      if (type === COPY_OUT_RESPONSE) this.#start = this.#at;
      else if (type === COPY_DONE) this.#spans.push({ start: this.#start, end: at });
    }
    if (this.#isTooLarge) this.#drop();
    return null;
  }

  #keep(chunk: Buffer): void {
    const needed = this.#length + chunk.length;
    if (needed > BYTES_AT_MOST && !this.#isTooLarge) {
      this.#isTooLarge = true;
      this.#drop();
      this.#keep(chunk);
      return;
    }
    if (needed > this.#memory.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#memory.bytes.length));
      this.#memory.bytes.copy(larger, 0, 0, this.#length);
      this.#memory.bytes = larger;
    }
    chunk.copy(this.#memory.bytes, this.#length);
    this.#length = needed;
  }

  /** Forgets what was gone along. */
  #drop(): void {
    const done = Math.min(this.#at, this.#length);
    this.#memory.bytes.copyWithin(0, done, this.#length);
    this.#length -= done;
    this.#at -= done;
  }

  handleError(error: Error): void {
    this.#reject(error);
  }

  handleReadyForQuery(): void {
    this.#resolve(this.#isTooLarge ? null : this.#spans);
  }
}
