import type { Client } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Redis } from 'ioredis';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { openedText, storedText } from '../../temporal-dev/testing/open-history.ts';
import type { RunFile } from '../../temporal-dev/run-file.ts';
import type { Feed } from './search.ts';

/** Somewhere a canary could be. */
export interface Place {
  readonly name: string;
  readonly read: (feed: Feed) => Promise<void>;
  /** Writes these where {@link read} must find them. @returns what takes them away again */
  readonly plant: (examples: readonly Buffer[]) => Promise<() => Promise<void>>;
}

/** Every table of a database as COPY writes it, catalogues included; tables with bytes also in binary. */
export function databasePlace(superuserUrl: string, database: string): Place {
  const url = new URL(superuserUrl);
  url.pathname = `/${database}`;
  const connected = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = new pg.Client({ connectionString: url.href, connectionTimeoutMillis: 10_000 });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
  return {
    name: `database ${database}`,
    read: (feed) =>
      connected(async (client) => {
        const { rows } = await client.query<{ name: string; bytes: boolean }>(
          `select c.oid::regclass::text as name,
                  exists (select from pg_attribute a where a.attrelid = c.oid and a.atttypid = 'bytea'::regtype) as bytes
           from pg_class c where c.relkind in ('r', 'm') and c.relnamespace <> 'pg_toast'::regnamespace`,
        );
        for (const { name, bytes } of rows)
          for (const form of bytes ? ['text', 'binary'] : ['text']) {
            const stream = client.query(copyTo(`copy ${name} to stdout (format ${form})`));
            for await (const chunk of stream as AsyncIterable<Buffer>) feed(chunk, `${name} (${form})`);
          }
      }),
    plant: async (examples) => {
      const table = `canary_${randomBytes(6).toString('hex')}`;
      await connected(async (client) => {
        await client.query(`create table ${table} (as_text text, as_bytes bytea)`);
        for (const bytes of examples) {
          // A text column takes no NUL.
          const text = bytes.includes(0) ? null : bytes.toString('utf8');
          await client.query(`insert into ${table} values ($1, $2)`, [text, bytes]);
        }
      });
      return () =>
        connected(async (client) => {
          await client.query(`drop table ${table}`);
        });
    },
  };
}

interface FilesOptions {
  /** Names of files and folders that are left out. */
  readonly without?: ReadonlySet<string>;
}

/** Every file of a folder, byte for byte; what is packed (exported histories, archives) also unpacked. */
export function filesPlace(name: string, folder: string, options: FilesOptions = {}): Place {
  const { without = new Set<string>() } = options;
  async function walk(path: string, feed: Feed): Promise<void> {
    for (const entry of await readdir(path, { withFileTypes: true })) {
      if (without.has(entry.name)) continue;
      const inner = join(path, entry.name);
      if (entry.isDirectory()) await walk(inner, feed);
      else if (entry.isFile()) {
        const at = relative(folder, inner);
        await readInto(inner, at, feed);
        if (entry.name.endsWith('.gz')) await readUnpacked(inner, `${at} (unpacked)`, feed);
      }
    }
  }
  return {
    name,
    read: (feed) => walk(folder, feed),
    plant: async (examples) => {
      const path = join(folder, `canary-planted-${randomBytes(6).toString('hex')}.log`);
      await writeFile(path, Buffer.concat(examples.flatMap((bytes) => [bytes, Buffer.from('\n')])));
      return () => rm(path, { force: true });
    },
  };
}

/** As long as it is now: a file that is written to meanwhile has no end. */
async function readInto(path: string, at: string, feed: Feed): Promise<void> {
  try {
    const { size } = await stat(path);
    if (size === 0) return;
    const file = await open(path);
    try {
      const stream = createReadStream(path, {
        fd: file,
        autoClose: false,
        end: size - 1,
        highWaterMark: 1 << 20,
      });
      for await (const chunk of stream as AsyncIterable<Buffer>) feed(chunk, at);
    } finally {
      await file.close();
    }
  } catch (error) {
    // PostgreSQL and Temporal remove files of theirs while we read.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}

/** @throws Error when it is packed and damaged: what cannot be read cannot be searched. */
async function readUnpacked(path: string, at: string, feed: Feed): Promise<void> {
  try {
    await pipeline(createReadStream(path), createGunzip(), async (unpacked: AsyncIterable<Buffer>) => {
      for await (const chunk of unpacked) feed(chunk, at);
    });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    // Gone, or not written to its end yet.
    if (code !== 'ENOENT' && code !== 'Z_BUF_ERROR') throw error;
  }
}

/** All keys of Redis with what they hold, read by their type. */
export function redisPlace(url: string): Place {
  const connected = async <T>(work: (redis: Redis) => Promise<T>): Promise<T> => {
    const redis = new Redis(url, { connectTimeout: 5_000, maxRetriesPerRequest: 3 });
    try {
      return await work(redis);
    } finally {
      redis.disconnect();
    }
  };
  return {
    name: 'redis, all keys',
    read: (feed) =>
      connected(async (redis) => {
        for await (const keys of redis.scanBufferStream({ count: 500 }) as AsyncIterable<Buffer[]>)
          for (const key of keys) {
            feed(key, 'keys');
            // DUMP has every type, but packs texts; what it holds is read as it is.
            for (const part of await valuesOf(redis, key)) feed(part, key.toString('latin1'));
          }
      }),
    plant: async (examples) => {
      const key = `canary:${randomBytes(6).toString('hex')}`;
      await connected((redis) => redis.rpush(key, ...examples));
      return () =>
        connected(async (redis) => {
          await redis.del(key);
        });
    },
  };
}

async function valuesOf(redis: Redis, key: Buffer): Promise<readonly Buffer[]> {
  const type: string = await redis.type(key);
  switch (type) {
    case 'string': {
      const value = await redis.getBuffer(key);
      return value === null ? [] : [value];
    }
    case 'hash':
      return Object.entries(await redis.hgetallBuffer(key)).flatMap(([field, value]) => [
        Buffer.from(field),
        value,
      ]);
    case 'list':
      return redis.lrangeBuffer(key, 0, -1);
    case 'set':
      return redis.smembersBuffer(key);
    case 'zset':
      return redis.zrangeBuffer(key, 0, -1);
    default: {
      // Its time may be over by now.
      const dumped = (await redis.dumpBuffer(key)) as Buffer | null;
      return dumped === null ? [] : [dumped];
    }
  }
}

/** Histories as Temporal gives them, and what stands in their payloads once they are opened with our keys. */
export function historiesPlace(
  clients: { readonly plain: Client; readonly sealed: Client },
  codec: PayloadCodec | undefined,
  ids: () => AsyncIterable<string>,
): Place {
  // Listed only after a while: what was planted is named here.
  const planted: string[] = [];
  async function* all(): AsyncIterable<string> {
    yield* planted;
    yield* ids();
  }
  return {
    name: 'histories, payloads opened',
    async read(feed) {
      for await (const id of all()) {
        const history = await clients.plain.workflow.getHandle(id).fetchHistory();
        feed(Buffer.from(storedText(history), 'latin1'), id);
        feed(Buffer.from(await openedText(history, codec), 'latin1'), `${id} (opened)`);
      }
    },
    async plant(examples) {
      const ended = await Promise.all(
        [clients.plain, clients.sealed].map(async (client) => {
          const handle = await client.workflow.start('canary', {
            workflowId: `canary-${randomBytes(6).toString('hex')}`,
            taskQueue: 'nobody-works-here',
            args: examples.map((bytes) => Uint8Array.from(bytes)),
          });
          planted.push(handle.workflowId);
          return () => handle.terminate('planted').then(() => undefined);
        }),
      );
      return async () => {
        await Promise.all(ended.map((end) => end()));
      };
    },
  };
}

/** What was kept in memory: bodies that came to us. */
export function keptPlace(name: string, kept: Buffer[]): Place {
  return {
    name,
    read: (feed) => {
      kept.forEach((bytes, index) => {
        feed(bytes, `number ${index + 1}`);
      });
      return Promise.resolve();
    },
    plant: (examples) => {
      kept.push(...examples);
      return Promise.resolve(() => {
        kept.length -= examples.length;
        return Promise.resolve();
      });
    },
  };
}

/** The names of all databases of the server. */
export async function databasesOf({ postgres }: RunFile): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: postgres.superuserUrl, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string }>(
      'select datname from pg_database where datallowconn and not datistemplate order by 1',
    );
    return rows.map(({ datname }) => datname);
  } finally {
    await client.end();
  }
}
