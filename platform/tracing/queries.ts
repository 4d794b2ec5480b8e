import { context, trace } from '@opentelemetry/api';
import type pg from 'pg';
import { inSpan } from './spans.ts';

/** Its kind, and of a prepared one its name. Never a table, a text or a parameter: those may be anybody's. */
interface Statement {
  readonly operation: string;
  readonly name: string | null;
}

type Query = (...args: unknown[]) => unknown;

/**
 * Makes every statement that is sent within a trace a span of it, named after the prepared statement, else
 * after its kind (`sql record_changes`, `sql select`). What is sent outside of any trace is left alone:
 * loops that look for work would fill the collector. For processes that trace; others have the pool as it is.
 */
export function traceQueries(pool: pg.Pool): void {
  const connect = pool.connect.bind(pool) as Query;
  Object.assign(pool, {
    query: traced(pool.query.bind(pool) as Query),
    // A connection that was waited for comes on the turn of whoever let go of it.
    connect: (done?: Query): unknown =>
      done === undefined ? connect() : connect(context.bind(context.active(), done)),
  });
  pool.on('connect', (client) => {
    Object.assign(client, { query: traced(client.query.bind(client) as Query) });
  });
}

/** Does `work`, which is that statement, in a span of it; without one where nothing is traced. */
export function inQuerySpan<T>({ operation, name }: Statement, work: () => Promise<T>): Promise<T> {
  if (trace.getActiveSpan() === undefined) return work();
  return inSpan(
    {
      name: `sql ${name ?? operation}`,
      kind: 'client',
      attributes: { 'db.system.name': 'postgresql', 'db.operation.name': operation },
    },
    work,
  );
}

/** What is asked with a callback, or with an object that sends itself (a cursor, a copy), passes as it is: the pool asks its connections so. */
function traced(query: Query): Query {
  return (...args) => {
    const statement = typeof args.at(-1) === 'function' ? null : statementOf(args[0]);
    return statement === null
      ? query(...args)
      : inQuerySpan(statement, () => query(...args) as Promise<unknown>);
  };
}

/** Null for what is no statement. */
function statementOf(asked: unknown): Statement | null {
  if (typeof asked === 'string') return { operation: operationOf(asked), name: null };
  if (typeof asked !== 'object' || asked === null || 'submit' in asked) return null;
  const { text, name } = asked as { readonly text?: unknown; readonly name?: unknown };
  if (typeof text !== 'string') return null;
  return { operation: operationOf(text), name: typeof name === 'string' ? name : null };
}

/** The first word, if it is one. */
const operationOf = (text: string): string =>
  /^\s*([a-z]{2,20})\b/i.exec(text)?.[1]?.toLowerCase() ?? 'statement';
