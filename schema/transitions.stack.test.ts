import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ATTEMPT_STATES, OPERATION_KINDS } from '../workflows/domain/payment.ts';
import { AUTHORIZATION_STATES, CONCLUSIONS, REVIEW_STATES } from '../workflows/domain/status.ts';
import { openMainDatabase, type MainDatabase } from './testing/main-database.ts';
import { refusalOf, refusalOrNull, type Refusal } from './testing/refusal.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: each part moves along legal_transitions and no other way. Every pair of states is
 * tried; the scene is set with the triggers off, the move is made by the owner with them on.
 */

interface Part {
  /** Of legal_transitions. */
  readonly part: string;
  readonly states: readonly string[];
  /** Sets $2 (the from-state) or moves to it (the to-state) on the row whose id is $1. */
  readonly set: string;
  readonly move: string;
}

const PAYMENT = (column: string): Pick<Part, 'set' | 'move'> => {
  const state = (name: string): string => (name === column ? '$2' : name);
  const status = `payment_status(${['authorization_state', 'conclusion', 'review'].map(state).join(', ')}, 0, 0, 0)`;
  const set = `update payments set ${column} = $2, status = ${status}`;
  return { set: `${set} where id = $1`, move: `${set}, version = version + 1 where id = $1` };
};

const OPERATION = `update operations set state = $2, phase = case $2 when 'pending' then 'ready' else 'concluded' end,
  concluded_at = case $2 when 'pending' then null else now() end where id = $1`;

// Going to answered brings the answer; leaving it keeps it.
const ATTEMPT = `update attempts set state = $2, outcome = case $2 when 'answered' then coalesce(outcome, 'approved') else outcome end,
  answered_at = case $2 when 'answered' then coalesce(answered_at, now()) else answered_at end where id = $1`;

const PAYMENT_PARTS: readonly Part[] = [
  { part: 'authorization', states: AUTHORIZATION_STATES, ...PAYMENT('authorization_state') },
  { part: 'conclusion', states: CONCLUSIONS, ...PAYMENT('conclusion') },
  { part: 'review', states: REVIEW_STATES, ...PAYMENT('review') },
];

const REPORTED = ['chargeback', 'chargeback_reversal', 'withdrawal'] as const;
const ASKED = OPERATION_KINDS.filter((kind) => !REPORTED.some((one) => one === kind));

let database: MainDatabase;
let client: pg.PoolClient;
let payment: string;

beforeAll(async () => {
  database = await openMainDatabase(stackRunFile());
  client = await database.superuser.connect();
  payment = await database.addPayment();
});
afterAll(async () => {
  client.release();
  await database.close();
});

/** Sets the scene, makes one move, and takes everything back: null when the move was accepted. */
async function tryMove(part: Part, id: string, from: string, to: string): Promise<Refusal | null> {
  await client.query('begin');
  try {
    await client.query('set local session_replication_role = replica');
    await client.query(part.set, [id, from]);
    await client.query('set local session_replication_role = origin');
    await client.query('set local role quittance_owner');
    return await refusalOrNull(client.query(part.move, [id, to]));
  } finally {
    await client.query('rollback');
  }
}

async function legalMoves(part: string): Promise<string[]> {
  const { rows } = await client.query<{ move: string }>(
    `select from_state || ' -> ' || to_state as move from legal_transitions where part = $1 order by 1`,
    [part],
  );
  return rows.map(({ move }) => move);
}

/** Every move between two different states: those accepted, and what the others were refused with. */
async function tryAll(
  part: Part,
  id: string,
): Promise<{ accepted: string[]; refused: Map<string, Refusal> }> {
  const accepted: string[] = [];
  const refused = new Map<string, Refusal>();
  for (const from of part.states) {
    for (const to of part.states.filter((state) => state !== from)) {
      const refusal = await tryMove(part, id, from, to);
      if (refusal === null) accepted.push(`${from} -> ${to}`);
      else refused.set(`${from} -> ${to}`, refusal);
    }
  }
  return { accepted: accepted.sort(), refused };
}

function expectNamed(refused: ReadonlyMap<string, Refusal>, part: string, id: string): void {
  for (const [move, refusal] of refused) {
    const [from, to] = move.split(' -> ');
    expect(refusal).toEqual({
      code: 'check_violation',
      constraint: 'legal_transitions',
      message: `${part} of ${id} cannot go from ${from ?? ''} to ${to ?? ''} `,
    });
  }
}

describe('of all pairs of states, the database accepts exactly the legal ones and names the others', () => {
  it.each(PAYMENT_PARTS)('$part of a payment', async (part) => {
    const { accepted, refused } = await tryAll(part, payment);
    expect(accepted).toEqual(await legalMoves(part.part));
    expectNamed(refused, part.part, payment);
    expect(accepted.length + refused.size).toBe(part.states.length * (part.states.length - 1));
  });

  it.each(REPORTED)('a %s has happened before we hear of it: it is never on its way', async (kind) => {
    const row = (state: string, rest: string): Promise<unknown> =>
      database.owner.query(
        `insert into operations (merchant_id, id, payment_id, kind, amount, state, phase, created_at, concluded_at, acquirer_reference, withdraws_operation_id)
         values ($1, $2, $3, $4, 100, $5, $6, now(), $7, ${rest}, $8)`,
        [
          database.shop.merchant,
          `dsp_${kind}`,
          payment,
          kind,
          state,
          state === 'pending' ? 'ready' : 'concluded',
          state === 'pending' ? null : new Date(),
          kind === 'withdrawal' ? 'cap_1' : null,
        ],
      );
    for (const [state, reference] of [
      ['pending', "'CB-1'"],
      ['failed', "'CB-1'"],
      ['succeeded', 'null'],
    ] as const)
      expect(await refusalOf(row(state, reference))).toMatchObject({ constraint: 'operations_of_acquirers' });
    await row('succeeded', "'CB-1'");
    expect(
      await refusalOf(
        database.owner.query("update operations set acquirer_reference = 'CB-2' where id = $1", [
          `dsp_${kind}`,
        ]),
      ),
    ).toMatchObject({ message: `operation dsp_${kind}: what was asked cannot change ` });
  });

  it.each(ASKED)('state of an operation: %s', async (kind) => {
    const id = `cap_${kind}`;
    await database.owner.query(
      `insert into operations (merchant_id, id, payment_id, kind, amount, state, phase, created_at)
       values ($1, $2, $3, $4, 100, 'pending', 'ready', now())`,
      [database.shop.merchant, id, payment, kind],
    );
    const states = ['pending', 'succeeded', 'failed'];
    const { accepted, refused } = await tryAll(
      { part: 'operation', states, set: OPERATION, move: OPERATION },
      id,
    );
    const withdrawn = 'succeeded -> failed';
    if (kind === 'capture' || kind === 'refund') {
      expect(accepted).toEqual(await legalMoves('operation'));
    } else {
      expect(accepted).toEqual((await legalMoves('operation')).filter((move) => move !== withdrawn));
      expect(refused.get(withdrawn)?.message).toContain(
        `operation ${id}: only a capture or a refund can fail after it succeeded`,
      );
      refused.delete(withdrawn);
    }
    expectNamed(refused, 'operation', id);
  });

  it('state of an attempt', async () => {
    await database.owner.query(
      `insert into attempts (merchant_id, id, payment_id, operation_id, number, kind, acquirer_id, account_id, on_unknown,
                             amount, currency, wire, planned_at, send_by)
       values ($1, 'att_1', $2, 'auth_1', 1, 'authorization', 'acquirer-1', $3, 'reverse', 9000, 'EUR', '{}', now(), now())`,
      [database.shop.merchant, payment, database.shop.testAccount],
    );
    const part = { part: 'attempt', states: ATTEMPT_STATES, set: ATTEMPT, move: ATTEMPT };
    const { accepted, refused } = await tryAll(part, 'att_1');
    expect(accepted).toEqual(await legalMoves('attempt'));
    expectNamed(refused, 'attempt', 'att_1');
  });
});
