import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CardVerification } from '../../clients/typescript/index.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';
import { expectAgreement } from '../support/agreement.ts';
import { testCard } from '../support/cards.ts';
import { addFault } from '../support/faults.ts';
import { GOOD_CARD, openWorld, SLOW_CARD, until, type World } from '../support/world.ts';

/**
 * The promise: what an issuer says of a card is what its merchant is told, once: in the answer, in GET and by one
 * event; what nobody said is unknown, never a decline; and nothing is held or posted anywhere. All are asked
 * about at the same time.
 */
let world: World;
/** Its first account is where the wire has no verification. */
let twoAcquirers: World;
let onlyStripe: World;

/** No route to the issuer: whatever the card is worth, this says nothing of it. */
const UNREACHABLE = testCard(3_600_001);
const LOST_RUN = testCard(3_600_002);

let ended: Readonly<Record<string, Promise<CardVerification>>>;

beforeAll(async () => {
  world = await openWorld(stackRunFile(), { acquirers: ['acquirer-1'] });
  twoAcquirers = await openWorld(stackRunFile(), { acquirers: ['acquirer-3', 'acquirer-1'] });
  onlyStripe = await openWorld(stackRunFile(), { acquirers: ['acquirer-3'] });
  const silent = { type: 'decline', code: '91' } as const;
  await addFault(world, {
    times: 3,
    match: { kind: 'verification', lastFour: UNREACHABLE.slice(-4) },
    action: silent,
  });
  await addFault(world, {
    times: 2,
    match: { kind: 'verification', lastFour: LOST_RUN.slice(-4) },
    action: silent,
  });
  ended = Object.fromEntries(
    [GOOD_CARD, '4000000000000002', '4000000000009995', '4000000000000069', SLOW_CARD, UNREACHABLE].map(
      (number) => [number, verify(world, number)],
    ),
  );
  await Promise.allSettled(Object.values(ended));
});
afterAll(async () => {
  for (const one of [world, twoAcquirers, onlyStripe]) {
    await expectAgreement(one);
    const [count] = await one.sql<{ postings: number }>(
      'select count(*)::integer as postings from ledger_postings where merchant_id = $1',
      [one.merchant],
    );
    expect(count).toEqual({ postings: 0 });
    await one.close();
  }
});

async function verify({ client }: World, number: string): Promise<CardVerification> {
  const { id } = await client.cardVerifications.create(
    { currency: 'EUR', card: { number, expiry_month: 12, expiry_year: 2034, cvv: '123' } },
    { wait: 0 },
  );
  return client.cardVerifications.wait(id, { deadlineMs: 60_000, pauseMs: 100, longestPauseMs: 500 });
}

describe('a card that is verified', () => {
  it.each([
    [GOOD_CARD, { status: 'verified', decline_code: null, cvv_result: 'M', avs_result: 'U' }],
    ['4000000000000002', { status: 'declined', decline_code: '05', remedy: 'none', advice_code: null }],
    ['4000000000009995', { status: 'declined', decline_code: '51', advice_code: 'try_again_later' }],
    ['4000000000000069', { status: 'declined', decline_code: '54', advice_code: 'confirm_card_data' }],
    [SLOW_CARD, { status: 'verified' }],
    [
      UNREACHABLE,
      { status: 'unknown', unknown_reason: 'no_answer', decline_code: null, remedy: null, acquirer: null },
    ],
  ])('%s ends as documented, and tells so once', async (number, expected) => {
    const verification = await ended[number];
    expect(verification).toMatchObject(expected);
    const events = await world.sql<{ type: string; body: string }>(
      "select type, body from events where merchant_id = $1 and body like '%' || $2 || '%'",
      [world.merchant, verification?.id],
    );
    expect(events.map(({ type }) => type)).toEqual(['card_verification.completed']);
    expect(JSON.parse(events[0]?.body ?? '{}')).toMatchObject({ data: { card_verification: verification } });
  });

  it('is held nowhere: the acquirer wrote down that it looked, each time under another number', async () => {
    await ended[UNREACHABLE];
    const journal = await world.journal();
    expect(new Set(journal.map(({ kind }) => kind))).toEqual(new Set(['verified', 'declined']));
    expect(new Set(journal.map(({ rrn }) => rrn)).size).toBe(journal.length);
    expect(journal.filter(({ amount }) => Number(amount) !== 0)).toEqual([]);
  });

  it('is not asked about where the wire cannot: the account that can is, and none is no decline', async () => {
    const [asked, nobody] = await Promise.all([
      verify(twoAcquirers, GOOD_CARD),
      verify(onlyStripe, GOOD_CARD),
    ]);
    expect(asked).toMatchObject({ status: 'verified', acquirer: { id: 'acquirer-1' } });
    expect(nobody).toMatchObject({
      status: 'unknown',
      unknown_reason: 'no_route',
      card: { last_four: '4242' },
    });
  });

  it('can be verified and paid with again by its token; its security code went to one attempt and is gone', async () => {
    const { client } = world;
    const first = (await ended[SLOW_CARD]) ?? (await verify(world, SLOW_CARD));
    const token = first.card?.token ?? '';
    const again = await client.cardVerifications.create({ currency: 'EUR', card_token: token }, { wait: 30 });
    expect(again).toMatchObject({ status: 'verified', cvv_result: null, card: { token } });
    const run = await world.run();
    const vault = new pg.Client({ connectionString: run.postgres.urls.vaultOwner });
    await vault.connect();
    try {
      const { rows: codes } = await vault.query(
        'select payment from vault.security_codes where payment = any ($1)',
        [[first.id, again.id]],
      );
      expect(codes).toEqual([]);
      const { rows: audited } = await vault.query(
        "select purpose, granted, security_code from vault.audit_log where action = 'detokenize' and payment = $1 order by id",
        [first.id],
      );
      expect(audited).toEqual([{ purpose: 'verification', granted: true, security_code: true }]);
    } finally {
      await vault.end();
    }
  });

  it('whose run was lost in a pause is gone on with by the keeper, and ends with one answer', async () => {
    const { client } = world;
    const { address, namespace } = (await world.run()).temporal;
    // Before it begins: the pause in which its run is lost, the second one, takes eight seconds.
    const connection = await Connection.connect({ address });
    const { id } = await client.cardVerifications.create(
      { currency: 'EUR', card: { number: LOST_RUN, expiry_month: 12, expiry_year: 2034, cvv: '123' } },
      { wait: 0 },
    );
    await until(
      `two questions about ${id} are unknown`,
      () =>
        world.sql(
          'select from verification_attempts where verification_id = $1 and given_up_at is not null',
          [id],
        ),
      (rows) => rows.length === 2,
    );
    try {
      await new Client({ connection, namespace }).workflow.getHandle(id).terminate('a test pulls the plug');
    } finally {
      await connection.close();
    }
    expect(await client.cardVerifications.wait(id, { longestPauseMs: 500 })).toMatchObject({
      status: 'verified',
      // The code went with the first question.
      cvv_result: null,
    });
  });
});
