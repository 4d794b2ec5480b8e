import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { createPool, isConnectionLost, isSerializationFailure, retryTransaction } from './database.ts';

/** The promise: what PostgreSQL undid, or did not answer, is told from what it refused; repeats have an end. */
function refused(code: string): pg.DatabaseError {
  return Object.assign(new pg.DatabaseError('refused', 7, 'error'), { code });
}

const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

/** The error of a query on a server that does `serve` with whoever connects. */
async function errorOf(serve: (socket: Socket) => void): Promise<unknown> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    serve(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const pool = createPool(
    { url: `postgres://u@127.0.0.1:${port}/d`, poolSize: 1, statementTimeoutMs: 1_000, role: 'test' },
    silent,
  );
  try {
    return await pool.query('select 1').catch((error: unknown) => error);
  } finally {
    await pool.end();
    server.close();
  }
}

describe('what an error of the database means', () => {
  it.each([
    ['08006', false, true],
    ['57P01', false, true],
    ['40001', true, false],
    ['40P01', true, false],
    ['57014', false, false],
    ['23514', false, false],
  ])('SQLSTATE %s: serialization failure %s, connection lost %s', (code, serialization, lost) => {
    expect(isSerializationFailure(refused(code))).toBe(serialization);
    expect(isConnectionLost(refused(code))).toBe(lost);
  });

  it('a connection that is closed without a word is lost', async () => {
    expect(isConnectionLost(await errorOf((socket) => socket.destroy()))).toBe(true);
  });

  it('a connection that is reset is lost', async () => {
    expect(isConnectionLost(await errorOf((socket) => socket.resetAndDestroy()))).toBe(true);
  });

  it('a mistake of ours is not', () => {
    expect(isConnectionLost(new TypeError('x is not a function'))).toBe(false);
  });
});

describe('a transaction that may run again', () => {
  it('runs until it succeeds, and its repeats are told', async () => {
    const told: number[] = [];
    let runs = 0;
    const answer = await retryTransaction(
      async () => {
        runs += 1;
        if (runs < 4) throw refused('40001');
        return 'done';
      },
      { mayRepeat: isSerializationFailure, onRepeat: (_, run) => told.push(run) },
    );
    expect([answer, told]).toEqual(['done', [2, 3, 4]]);
  });

  it('runs 8 times at most, and the last error is thrown as it is', async () => {
    let runs = 0;
    const last = await retryTransaction(async () => {
      runs += 1;
      throw refused('40P01');
    }).catch((error: unknown) => error);
    expect([runs, (last as pg.DatabaseError).code]).toEqual([8, '40P01']);
  });

  it('runs once when PostgreSQL refused what was sent, or the connection broke and nobody said it may', async () => {
    for (const error of [refused('23514'), refused('57P01')]) {
      let runs = 0;
      await expect(
        retryTransaction(async () => {
          runs += 1;
          throw error;
        }),
      ).rejects.toBe(error);
      expect(runs).toBe(1);
    }
  });
});
