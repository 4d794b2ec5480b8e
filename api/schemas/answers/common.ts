import { z } from 'zod';

// What answers are made of. These schemas describe what we send; they are published and tested, never parsed with.

export const time = z.iso.datetime();
export const text = z.string();
export const orNull = <Schema extends z.ZodType>(schema: Schema) => z.union([schema, z.null()]);
/** An id with one of these prefixes. */
export const idOf = (...prefixes: readonly string[]) =>
  z.string().regex(new RegExp(`^(?:${prefixes.join('|')})_[0-9a-z_]+$`));
/** Minor units of one payment: exact in every reader. */
export const minor = z.int().min(0).max(999_999_999_999);
/** Minor units that can go beyond 2^53, where they are a text of digits. */
export const anyMinor = z.union([z.int(), z.string().regex(/^-?[0-9]+$/)]);
export const currency = z.string().regex(/^[A-Z]{3}$/);
export const mode = z.enum(['test', 'live']);

/** A list as every list is. */
export const listOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ object: z.literal('list'), data: z.array(item), has_more: z.boolean() });
