import { z } from 'zod';

/** One variable of the environment: its form, what it is for, and what it is when it is absent. */
export interface Setting<T> {
  readonly env: string;
  readonly schema: z.ZodType<T>;
  /** Unit or form of the value, for the reader. */
  readonly unit: string;
  readonly about: string;
  /** Used when the variable is absent; null = the process will not start without it. */
  readonly fallback: string | null;
  /** Never printed. */
  readonly secret: boolean;
}

export const text = z.string().min(1);
export const port = z.coerce.number().int().min(0).max(65_535);
export const positive = z.coerce.number().int().min(1);
export const url = z.url();

/** A JSON text of that form. */
export function json<T>(schema: z.ZodType<T>): z.ZodType<T> {
  return text
    .transform((raw, context): unknown => {
      try {
        return JSON.parse(raw);
      } catch {
        context.addIssue('is not JSON');
        return z.NEVER;
      }
    })
    .pipe(schema);
}

export function setting<T>(
  env: string,
  schema: z.ZodType<T>,
  unit: string,
  about: string,
  fallback: string | null = null,
  secret = false,
): Setting<T> {
  return { env, schema, unit, about, fallback, secret };
}
