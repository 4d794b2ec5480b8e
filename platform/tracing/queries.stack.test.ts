import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';
import { createPool } from '../database.ts';
import { createGroupCommit } from '../group-commit.ts';
import { separateTenants } from '../tenant-pool.ts';
import type { MerchantId } from '../../workflows/domain/ids.ts';
import { inSpan } from './spans.ts';

/**
 * The promise: a statement is a span of the trace that sent it, also when it waited for a connection that
 * another trace had, and says which one it is and nothing of what is in it.
 */
const silent = { error() {}, warn() {}, info() {}, debug() {} };
const SECRET = '4242424242424242';
const exporter = new InMemorySpanExporter();
let pool: pg.Pool;

beforeAll(async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(
    new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }),
  );
  const run = await readRunFile(stackRunFile());
  // One connection: whoever comes second waits for the first.
  pool = createPool(
    { url: run.postgres.urls.api, poolSize: 1, statementTimeoutMs: 10_000, role: 'test', tracing: true },
    silent,
  );
});
beforeEach(() => {
  exporter.reset();
});
afterAll(async () => {
  await pool.end();
  trace.disable();
  context.disable();
  propagation.disable();
});

const within = <T>(name: string, work: () => Promise<T>): Promise<T> =>
  inSpan({ name, kind: 'internal' }, work);

/** The statements of each trace, by the name of its root. */
function statements(): Readonly<Record<string, readonly string[]>> {
  const spans = exporter.getFinishedSpans();
  const of = (root: ReadableSpan): readonly string[] =>
    spans
      .filter(({ parentSpanContext }) => parentSpanContext?.spanId === root.spanContext().spanId)
      .map(({ name }) => name)
      .sort();
  return Object.fromEntries(
    spans
      .filter(({ parentSpanContext }) => parentSpanContext === undefined)
      .map((root) => [root.name, of(root)]),
  );
}

describe('a statement', () => {
  it('belongs to the trace that sent it, whoever had the connection before', async () => {
    const tenants = separateTenants(pool);
    const merchant = (name: string): MerchantId => `mer_${name}` as MerchantId;
    await Promise.all([
      within('one', () =>
        tenants.as(merchant('one'), async () => {
          await pool.query({ name: 'first_of_one', text: 'select pg_sleep(0.02)' });
          await pool.query('select 1');
        }),
      ),
      within('two', () =>
        tenants.as(merchant('two'), () =>
          pool.query({ name: 'first_of_two', text: 'select $1::int', values: [2] }),
        ),
      ),
      within('three', async () => {
        const client = await pool.connect();
        await client.query('begin');
        await client.query({ name: 'within_three', text: 'select 3' });
        await client.query('  COMMIT');
        client.release();
      }),
    ]);
    expect(statements()).toEqual({
      one: expect.arrayContaining(['sql first_of_one', 'sql select']) as unknown,
      two: expect.arrayContaining(['sql first_of_two']) as unknown,
      three: expect.arrayContaining(['sql begin', 'sql commit', 'sql within_three']) as unknown,
    });
    // Beside them only what tells the connection for whom it works.
    const told = Object.values(statements())
      .flat()
      .filter((name) => !/first_of|within_three|select|begin|commit/.test(name));
    expect(new Set(told)).toEqual(new Set(['sql for_merchant']));
  });

  it('is no span outside of a trace, and tells nothing of what is in it', async () => {
    await pool.query('select 1');
    expect(exporter.getFinishedSpans()).toEqual([]);
    await within('fails', async () => {
      await pool.query(`select '${SECRET}'::text as "${SECRET}", $1::text`, [SECRET]);
      await expect(pool.query(`select '${SECRET}x'::int`)).rejects.toThrow();
    });
    const spans = exporter.getFinishedSpans();
    expect(spans.map(({ name }) => name)).toEqual(expect.arrayContaining(['sql select', 'fails']));
    const told = spans.map(({ name, attributes, events, status }) => ({ name, attributes, events, status }));
    expect(JSON.stringify(told)).not.toContain(SECRET.slice(0, 6));
    expect(told[0]?.attributes).toEqual({ 'db.system.name': 'postgresql', 'db.operation.name': 'select' });
  });

  it('that writes for several traces at once is a span of each, and none of the others', async () => {
    const join = createGroupCommit<string, string>({
      name: 'together',
      lanes: 1,
      batch: 10,
      keyOf: (item) => item,
      write: async (items) => {
        await pool.query('select 1');
        return items;
      },
      isRefusal: () => false,
    });
    await Promise.all(['a', 'b', 'c'].map((name) => within(name, () => join(name))));
    expect(statements()).toEqual({ a: ['sql together'], b: ['sql together'], c: ['sql together'] });
  });
});
