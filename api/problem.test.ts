import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { KmsUnavailable } from '../platform/key-errors.ts';
import { VaultUnavailable } from './vault.ts';
import { PROBLEMS, Problem, invalidFields, problemBody } from './problem.ts';
import { problemOf } from './problem-of.ts';

// A problem says what is wrong with the request, and nothing about us.

describe('a problem document', () => {
  it('has the members of RFC 9457, its code and its request', () => {
    expect(JSON.parse(problemBody(new Problem('payment_not_found', 'none'), 'req_1'))).toEqual({
      type: '/problems/payment_not_found',
      title: PROBLEMS.payment_not_found.title,
      status: 404,
      code: 'payment_not_found',
      detail: 'none',
      request_id: 'req_1',
    });
  });

  it('is called after its first wrong field and names all', () => {
    const first = { code: 'amount_invalid', param: '/amount', detail: 'one' } as const;
    const second = { code: 'field_unknown', param: '/x', detail: 'two' } as const;
    expect(JSON.parse(problemBody(invalidFields([first, second]), 'req_1'))).toMatchObject({
      code: 'amount_invalid',
      param: '/amount',
      detail: 'one',
      errors: [first, second],
    });
  });

  it('has a status of 400 or more for every code', () => {
    for (const { status, title } of Object.values(PROBLEMS)) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(title).not.toBe('');
    }
  });
});

function databaseError(code: string): pg.DatabaseError {
  const error = new pg.DatabaseError('select secret from payments', 1, 'error');
  error.code = code;
  return error;
}
const withCode = (code: string): Error =>
  Object.assign(new Error(`connect ${code} 127.0.0.1:5432`), { code });

describe('an error that is not a problem', () => {
  it.each([
    ['the vault is away', new VaultUnavailable('no answer'), 'service_unavailable'],
    [
      'the vault is asked too much',
      new VaultUnavailable('mer_1 raised an alarm text', { tooMany: { retryAfterS: 7 } }),
      'rate_limited',
    ],
    ['PostgreSQL refuses connections', withCode('ECONNREFUSED'), 'service_unavailable'],
    ['PostgreSQL resets connections', withCode('ECONNRESET'), 'service_unavailable'],
    [
      'every address of PostgreSQL refuses',
      new AggregateError([withCode('ECONNREFUSED'), withCode('ECONNREFUSED')]),
      'service_unavailable',
    ],
    ['PostgreSQL shuts down', databaseError('57P01'), 'service_unavailable'],
    ['a statement took too long', databaseError('57014'), 'service_unavailable'],
    ['PostgreSQL has no connection left', databaseError('53300'), 'service_unavailable'],
    [
      'no connection of the pool is free',
      new Error('timeout exceeded when trying to connect'),
      'service_unavailable',
    ],
    ['PostgreSQL went in the middle', new Error('Connection terminated unexpectedly'), 'service_unavailable'],
    ['the key service is away', new KmsUnavailable('no answer'), 'service_unavailable'],
    ['the master key was turned meanwhile', databaseError('QK001'), 'service_unavailable'],
    ['a constraint is broken', databaseError('23514'), 'internal_error'],
    ['a column does not exist', databaseError('42703'), 'internal_error'],
    ['anything else', new TypeError('x is not a function'), 'internal_error'],
    ['what is no error', 'text', 'internal_error'],
  ])('because %s is told as it is: %#', (_what, error, code) => {
    const problem = problemOf(error);
    expect(problem.code).toBe(code);
    const body = problemBody(problem, 'req_1');
    expect(body).not.toMatch(/select|127\.0|function|text/);
    const retryAfter: Readonly<Record<string, string>> = { service_unavailable: '2', rate_limited: '7' };
    expect(problem.headers['retry-after']).toBe(retryAfter[code]);
  });
});
