import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GOOD_CARD, idOf, openWorld, sale, type World } from '../support/world.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/** The promise: whatever a merchant may write goes through unharmed, or is refused before anything is written. */
let world: World;
beforeAll(async () => {
  world = await openWorld(stackRunFile());
});
afterAll(() => world.close());

describe('what merchants write', () => {
  it.each([
    ['500 characters outside the basic plane', '😀'.repeat(500)],
    ['characters that would be cut in half', `a${'😀'.repeat(300)}`],
    ['quotes, markup and a line break', `"'\\ <b> \n {"x":1} --; drop`],
    ['right-to-left and combining marks', 'שלום e\u0301 \u202e'],
  ])('a refund with %s succeeds and keeps its reason', async (_what, reason) => {
    const created = await world.post('/v1/payments', sale(GOOD_CARD));
    const refunded = await world.post(`/v1/payments/${idOf(created)}/refunds`, { amount: 100, reason });
    expect(refunded.status, refunded.text).toBe(201);
    expect(refunded.body).toMatchObject({ status: 'succeeded', reason });
  });

  it('half a character is refused, and nothing is written', async () => {
    const refused = await world.post('/v1/payments', sale(GOOD_CARD, { description: '\ud83d' }));
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ param: '/description' });
  });
});
