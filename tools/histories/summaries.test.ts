import { createPayloadCodec } from '../../platform/payload-codec/codec.ts';
import { expect, it } from 'vitest';
import { developmentKeyring } from './development-keyring.ts';
import { readHistory } from './history-file.ts';

/** The promise: what Temporal Web lists of a run says in one line what it is for; and a run does what its name says. */

const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

async function eventsOf(path: string) {
  const { history } = await readHistory(`workflows/${path}.json`);
  return history.events ?? [];
}

/** Of activities and timers, in order. */
async function summariesOf(path: string): Promise<readonly string[]> {
  const codec = createPayloadCodec(await developmentKeyring(), silent);
  const said = (await eventsOf(path)).flatMap((event) =>
    event.activityTaskScheduledEventAttributes != null || event.timerStartedEventAttributes != null
      ? [event.userMetadata?.summary ?? null]
      : [],
  );
  return Promise.all(
    said.map(async (payload) => {
      const [opened] = payload === null ? [] : await codec.decode([payload]);
      return opened?.data == null ? 'nothing' : (JSON.parse(Buffer.from(opened.data).toString()) as string);
    }),
  );
}

it('of a delivery each timer says which attempt comes and when, and each attempt which it is', async () => {
  expect(await summariesOf('webhook-delivery/histories/delivery-waiting-for-the-third-time')).toEqual([
    expect.stringMatching(/^attempt 2 of 10 in [1-6] s$/),
    'attempt 2 of 10 of the webhook',
    expect.stringMatching(/^attempt 3 of 10 in [56] min$/),
  ]);
});

it('of a payment likewise', async () => {
  expect(await summariesOf('payment/histories/unknown-then-asked-then-approved')).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^(sale|authorization) at acquirer-3, attempt 1$/),
      expect.stringMatching(/^inquire about the (sale|authorization) at acquirer-3, attempt 1$/),
    ]),
  );
});

it('what is unknown is asked about, or repeated, where the name says so: no event of the acquirer came before', async () => {
  const calls = async (name: string) =>
    (await eventsOf(`payment/histories/${name}`)).flatMap(
      ({ activityTaskScheduledEventAttributes: call }) => call?.activityType?.name ?? [],
    );
  expect(await calls('unknown-then-asked-then-approved')).toContain('inquire');
  const repeated = await calls('unknown-then-repeated-under-its-key');
  expect(repeated.filter((name) => name === 'authorize').length).toBeGreaterThan(1);
});
