import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUTHORIZATION_STATES, CONCLUSIONS, REVIEW_STATES, statusOf } from '../workflows/domain/status.ts';
import { openMainDatabase, type MainDatabase } from './testing/main-database.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

/** The promise: there is one status function, though it is written down twice. */

/** Authorized, captured, refunded: nothing, all, part, more than all, on either side of each comparison. */
const AMOUNTS = [
  [0n, 0n, 0n],
  [9_000n, 0n, 0n],
  [9_000n, 1n, 0n],
  [9_000n, 8_999n, 0n],
  [9_000n, 9_000n, 0n],
  [9_000n, 9_000n, 1n],
  [9_000n, 9_000n, 8_999n],
  [9_000n, 9_000n, 9_000n],
  [9_000n, 4_000n, 1n],
  [9_000n, 4_000n, 3_999n],
  [9_000n, 4_000n, 4_000n],
  [9_000n, 4_000n, 4_001n],
  [4_000n, 9_000n, 0n],
  [0n, 0n, 1n],
  [999_999_999_999n, 999_999_999_999n, 999_999_999_998n],
] as const;

let database: MainDatabase;
beforeAll(async () => {
  database = await openMainDatabase(stackRunFile());
});
afterAll(() => database.close());

describe('payment_status', () => {
  it('equals statusOf for every combination of states, at every boundary of the amounts', async () => {
    const combinations = AUTHORIZATION_STATES.flatMap((authorizationState) =>
      CONCLUSIONS.flatMap((conclusion) =>
        REVIEW_STATES.flatMap((review) =>
          AMOUNTS.map(([amountAuthorized, amountCaptured, amountRefunded]) => ({
            authorizationState,
            conclusion,
            review,
            amountAuthorized,
            amountCaptured,
            amountRefunded,
          })),
        ),
      ),
    );
    const { rows } = await database.owner.query<{ status: string }>(
      `select payment_status(a, c, r, authorized, captured, refunded) as status
       from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[])
         with ordinality as one (a, c, r, authorized, captured, refunded, place)
       order by place`,
      [
        combinations.map(({ authorizationState }) => authorizationState),
        combinations.map(({ conclusion }) => conclusion),
        combinations.map(({ review }) => review),
        combinations.map(({ amountAuthorized }) => amountAuthorized),
        combinations.map(({ amountCaptured }) => amountCaptured),
        combinations.map(({ amountRefunded }) => amountRefunded),
      ],
    );
    expect(rows).toHaveLength(6 * 4 * 4 * AMOUNTS.length);
    expect(combinations.map((parts, index) => ({ ...parts, status: rows[index]?.status }))).toEqual(
      combinations.map((parts) => ({ ...parts, status: statusOf(parts) })),
    );
  });

  it('is the default of a payment that has just been asked for', async () => {
    const id = await database.addPayment();
    const { rows } = await database.owner.query('select status from payments where id = $1', [id]);
    expect(rows).toEqual([{ status: 'processing' }]);
  });
});
