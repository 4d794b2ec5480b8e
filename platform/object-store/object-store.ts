/** Objects by name, each written once and never changed: a folder's files, or those of a bucket. */
export interface ObjectStore {
  /**
   * Writes one whole, and so that it is still there after a crash, before it resolves.
   * @returns false when there is one of that name already: it stays as it is, and whoever asked looks at it.
   */
  add(name: string, bytes: Uint8Array): Promise<boolean>;
  /** Null when there is none of that name. Throws when it is not what was written, as far as the store can tell. */
  get(name: string): Promise<Uint8Array | null>;
  /** Every object, in no order that can be relied on. */
  list(): AsyncGenerator<ListedObject>;
  close(): void;
}

export interface ListedObject {
  readonly name: string;
  readonly bytes: number;
}

/** Parts of a name: what a file can be called anywhere, and never a way out of the folder. */
const PART = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,254}$/;

/** The parts of an object's name. @throws Error when it is none that every store can take. */
export function partsOf(name: string): readonly string[] {
  const parts = name.split('/');
  if (!parts.every((part) => PART.test(part))) throw new Error(`${name} cannot be the name of an object`);
  return parts;
}
