import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../platform/new-id.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';
import { insert, openMainDatabase, type MainDatabase } from './testing/main-database.ts';
import { refusalOf } from './testing/refusal.ts';

/**
 * The promise: a card verification ends once, as an issuer's answer says or as unknown; neither a row nor a
 * process can make a yes or a no of anything else, and nothing of it reaches the ledger.
 */
let database: MainDatabase;
beforeAll(async () => {
  database = await openMainDatabase(stackRunFile());
});
afterAll(() => database.close());

const CARD = {
  token: 'card_1',
  brand: 'visa',
  bin: '42424242',
  last_four: '4242',
  expiry_month: 12,
  expiry_year: 2034,
  fingerprint: 'f'.repeat(64),
};

async function added(over: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const id = newId('ver');
  await insert(database.api, 'card_verifications', {
    merchant_id: database.shop.merchant,
    id,
    mode: 'test',
    currency: 'EUR',
    staging_id: 'stg_1',
    verify_by: new Date(Date.now() + 600_000),
    ...over,
  });
  return id;
}

async function plan(id: string, number: number, account = database.shop.testAccount): Promise<string> {
  const attempt = {
    id: `att_${id}_${number}`,
    number,
    acquirer_id: 'acquirer-1',
    account_id: account,
    wire: { mti: '0100' },
    send_within_ms: 15_000,
  };
  const { rows } = await database.worker.query<{ planned: string }>(
    'select plan_verification_attempt($1, $2, $3, $4) as planned',
    [database.shop.merchant, id, JSON.stringify(CARD), JSON.stringify(attempt)],
  );
  return rows[0]?.planned ?? '';
}

const set = (id: string, number: number, change: string): Promise<unknown> =>
  database.worker.query(`update verification_attempts set ${change} where id = $1`, [`att_${id}_${number}`]);
const send = (id: string, number: number): Promise<unknown> =>
  set(id, number, "state = 'sending', sending_at = now()");
const answer = (id: string, number: number, outcome: string): Promise<unknown> =>
  set(id, number, `state = 'answered', outcome = '${outcome}', answered_at = now()`);
const giveUp = (id: string, number: number): Promise<unknown> => set(id, number, 'given_up_at = now()');

async function conclude(id: string, over: Readonly<Record<string, unknown>>): Promise<string> {
  const ended = {
    merchant_id: database.shop.merchant,
    id,
    unknown_reason: null,
    attempt_id: null,
    concluded_at: new Date().toISOString(),
    answer_body: '{}',
    event: { id: newId('evt'), type: 'card_verification.completed', body: '{}' },
    ...over,
  };
  const { rows } = await database.worker.query<{ concluded: string }>(
    'select conclude_card_verification($1) as concluded',
    [JSON.stringify(ended)],
  );
  return rows[0]?.concluded ?? '';
}
const asUnknown = { status: 'unknown', unknown_reason: 'no_answer' };

describe('an attempt', () => {
  it('is planned once, with the card, and the next one only when nobody waits for it any more', async () => {
    const id = await added();
    expect(await plan(id, 1)).toBe('planned');
    expect(await plan(id, 1)).toBe('repeated');
    expect(await plan(id, 2)).toBe('stale');
    await send(id, 1);
    expect(await plan(id, 2)).toBe('stale');
    await giveUp(id, 1);
    expect(await plan(id, 3)).toBe('stale');
    expect(await plan(id, 2)).toBe('planned');
    const { rows } = await database.owner.query(
      'select card_token, card_fingerprint from card_verifications where id = $1',
      [id],
    );
    expect(rows).toEqual([{ card_token: CARD.token, card_fingerprint: CARD.fingerprint }]);
  });

  it('of a test verification cannot reach a live account, nor one of another merchant', async () => {
    const other = await database.addShop();
    for (const account of [database.shop.liveAccount, other.testAccount])
      expect((await refusalOf(plan(await added(), 1, account))).message).toContain('is not one of');
  });

  it('moves along its states alone, and keeps its plan and its answer', async () => {
    const id = await added();
    await plan(id, 1);
    expect((await refusalOf(answer(id, 1, 'approved'))).message).toContain(
      'cannot go from planned to answered',
    );
    await send(id, 1);
    await answer(id, 1, 'approved');
    for (const change of ["state = 'sending'", "outcome = 'declined'", "response_code = '05'"])
      expect((await refusalOf(set(id, 1, change))).code).toBe('check_violation');
    const { rowCount } = await database.owner
      .query("update verification_attempts set wire = '{}' where id = $1", [`att_${id}_1`])
      .catch(() => ({ rowCount: 0 }));
    expect(rowCount).toBe(0);
  });
});

describe('the end', () => {
  it('rests on an answer that says so, and on no other', async () => {
    const id = await added();
    const verified = { status: 'verified', attempt_id: `att_${id}_1` };
    await plan(id, 1);
    expect((await refusalOf(conclude(id, verified))).message).toContain('was not answered as verified');
    await send(id, 1);
    await answer(id, 1, 'declined');
    expect((await refusalOf(conclude(id, verified))).message).toContain('was not answered as verified');
    expect((await refusalOf(conclude(id, { status: 'declined' }))).constraint).toBe(
      'card_verifications_rest_on_an_answer',
    );
    expect(await conclude(id, { ...verified, status: 'declined' })).toBe('concluded');
  });

  it('is one: a second one changes nothing, and tells nobody', async () => {
    const endpoint = newId('whe');
    await database.owner.query(
      `insert into webhook_endpoints (merchant_id, id, mode, url, sealed_secret) values ($1, $2, 'test', 'https://shop.example', '{}')`,
      [database.shop.merchant, endpoint],
    );
    const id = await added();
    await plan(id, 1);
    await send(id, 1);
    await giveUp(id, 1);
    const event = { id: newId('evt'), type: 'card_verification.completed', body: `{"of":"${id}"}` };
    expect(await conclude(id, { ...asUnknown, answer_body: '{"first":1}', event })).toBe('concluded');
    // A late answer is kept, and is no second end.
    await answer(id, 1, 'approved');
    const verified = { status: 'verified', attempt_id: `att_${id}_1`, answer_body: '{"second":2}' };
    expect(await conclude(id, verified)).toBe('repeated');
    const { rows } = await database.owner.query(
      `select v.status, v.answer_body, (select count(*)::integer from events e where e.body = $2) as events,
              (select count(*)::integer from deliveries d where d.event_id = $3 and d.endpoint_id = $4) as deliveries
       from card_verifications v where v.id = $1`,
      [id, event.body, event.id, endpoint],
    );
    expect(rows).toEqual([{ status: 'unknown', answer_body: '{"first":1}', events: 1, deliveries: 1 }]);
    expect(
      (
        await refusalOf(
          database.owner.query("update card_verifications set answer_body = '{}' where id = $1", [id]),
        )
      ).message,
    ).toContain('has ended as unknown and cannot change');
  });

  it('is not unknown where an answer came in between', async () => {
    const id = await added();
    await plan(id, 1);
    await send(id, 1);
    await answer(id, 1, 'approved');
    expect(await conclude(id, asUnknown)).toBe('stale');
  });

  it('says why nothing is known', async () => {
    expect((await refusalOf(conclude(await added(), { status: 'unknown' }))).constraint).toBe(
      'card_verifications_say_why',
    );
  });
});

it('a key is of a command, of a verification, or of a kept answer, and of one of them', async () => {
  const row = (columns: string, values: string): Promise<unknown> =>
    database.owner.query(
      `insert into idempotency_keys (merchant_id, mode, key, fingerprint, ${columns}) values ('mer_1', 'test', '${newId('cmd')}', sha256('x'), ${values})`,
    );
  await row('verification_id', "'ver_1'");
  for (const [columns, values] of [
    ['verification_id, payment_id, command_id', "'ver_1', 'pay_1', 'cmd_1'"],
    ['payment_id', "'pay_1'"],
    ['verification_id, answer_status, sealed_answer', "'ver_1', 200, '{}'"],
    ['verification_id', 'null'],
  ] as const)
    expect(await refusalOf(row(columns, values))).toMatchObject({
      constraint: 'key_of_a_command_or_of_an_answer',
    });
});
