import type { CopiedRows } from '../copy-out.ts';

/** A field as it is sent in binary; null is null. */
export type Field = Buffer | null;

export const text = (value: string): Buffer => Buffer.from(value);
export function int8(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}
export function int2(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

/** Each as its length and itself. */
export function fieldsOf(fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.flatMap((field) => {
      const length = Buffer.alloc(4);
      length.writeInt32BE(field?.length ?? -1);
      return field === null ? [length] : [length, field];
    }),
  );
}

/** What a server answers to COPY … TO STDOUT (FORMAT BINARY) with these rows. */
export function copied(rows: readonly (readonly Field[])[]): CopiedRows {
  const fileHeader = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
  const tuples = rows.map((fields) => Buffer.concat([int2(fields.length), fieldsOf(fields)]));
  const bytes = Buffer.concat(
    // The file's header comes in one message with the first row.
    [...tuples, int2(-1)].flatMap((tuple, index) => {
      const payload = index === 0 ? Buffer.concat([fileHeader, tuple]) : tuple;
      const head = Buffer.alloc(5, 0x64);
      head.writeInt32BE(payload.length + 4, 1);
      return [head, payload];
    }),
  );
  return { bytes, start: 0, end: bytes.length };
}
