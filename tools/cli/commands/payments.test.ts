import { afterEach, expect, it } from 'vitest';
import {
  answer,
  problem,
  scriptedServer,
  type Step,
} from '../../../clients/typescript/testing/scripted-server.ts';
import { EXIT, failureOf } from '../failure.ts';
import { createProgram } from '../program.ts';

// The promise: how the command ends says what became of what was asked for, not of the payment it was asked of.

let open: Awaited<ReturnType<typeof scriptedServer>> | null = null;
afterEach(async () => {
  await open?.close();
  open = null;
});

const REFUND = { id: 'ref_1', object: 'refund', amount: 100, currency: 'EUR', failure_code: null };
const payment = (lists: object) => ({
  ...{ id: 'pay_1', object: 'payment', status: 'captured', amount: 100, currency: 'EUR', card: null },
  ...{ amount_capturable: 0, amount_captured: 100, amount_refunded: 0, acquirer: null, failure_code: null },
  ...{ captures: [], voids: [], refunds: [], ...lists },
});
const failed = { ...REFUND, status: 'failed', failure_code: 'refund_failed' };
const pending = (object: string, id: string): Step =>
  answer(202, {
    ...payment({}),
    pending: { id, object },
    next_poll_after: new Date(0).toISOString(),
  });

async function ended(args: readonly string[], ...script: readonly Step[]): Promise<number> {
  open = await scriptedServer(...script);
  const program = createProgram({
    terminal: { out: () => undefined, say: () => undefined, live: false },
    configPath: '/nonexistent',
    checkout: '/nonexistent',
    signal: new AbortController().signal,
  });
  return program
    .parseAsync(['payments', ...args, '--api', open.url, '--key', 'sk_test_1'], { from: 'user' })
    .then(
      () => EXIT.done,
      (error: unknown) => failureOf(error).exitCode,
    );
}

it.each([
  [
    'a refund that is done',
    ['refund', 'pay_1'],
    EXIT.done,
    [
      answer(201, { ...REFUND, status: 'succeeded' }),
      answer(200, payment({ refunds: [{ ...REFUND, status: 'succeeded' }] })),
    ],
  ],
  [
    'a refund that failed',
    ['refund', 'pay_1'],
    EXIT.notPaid,
    [answer(201, failed), answer(200, payment({ refunds: [failed] }))],
  ],
  [
    'a refund that failed while it was waited for',
    ['refund', 'pay_1'],
    EXIT.notPaid,
    [pending('refund', 'ref_1'), answer(200, payment({ refunds: [failed] }))],
  ],
  [
    'a refund that nobody waits for',
    ['refund', 'pay_1', '--wait', '0'],
    EXIT.processing,
    [pending('refund', 'ref_1')],
  ],
  [
    'a refund by who may not look at its payment',
    ['refund', 'pay_1'],
    EXIT.done,
    [answer(201, { ...REFUND, status: 'succeeded' }), problem(403, 'scope_missing')],
  ],
  [
    'a failed refund by who may not look at its payment',
    ['refund', 'pay_1'],
    EXIT.notPaid,
    [answer(201, failed), problem(403, 'scope_missing')],
  ],
  [
    'a capture under way by who may not look at its payment',
    ['capture', 'pay_1'],
    EXIT.processing,
    [pending('capture', 'cap_1'), problem(403, 'scope_missing')],
  ],
  [
    'a void that nobody waits for',
    ['void', 'pay_1', '--wait', '0'],
    EXIT.processing,
    [pending('void', 'void_1')],
  ],
  [
    'a capture that failed',
    ['capture', 'pay_1'],
    EXIT.notPaid,
    [
      answer(
        200,
        payment({
          captures: [
            { id: 'cap_1', status: 'succeeded', failure_code: null },
            { id: 'cap_2', status: 'failed', failure_code: 'capture_failed' },
          ],
        }),
      ),
    ],
  ],
] as const)('%s ends as it says', async (_, args, code, script) => {
  expect(await ended(args, ...script)).toBe(code);
});
