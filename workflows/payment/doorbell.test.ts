import { expect, it } from 'vitest';
import type { CommandId } from '../domain/ids.ts';
import { Doorbell } from './doorbell.ts';

/** Who waits is let go by what the loop has seen, or by a timer: never by what a clock says in between. */

const [ONE, TWO] = ['cmd_1' as CommandId, 'cmd_2' as CommandId];

it('lets go, when a timer came, whoever had waited until then, and nobody else', () => {
  const doorbell = new Doorbell();
  const early = doorbell.wait(ONE, 1_000);
  const late = doorbell.wait(TWO, 2_000);
  // Whatever the time may be: nobody is let go before the loop has slept.
  expect([doorbell.isDismissed(early), doorbell.isDismissed(late)]).toEqual([false, false]);
  expect(doorbell.patience).toBe(1_000);
  doorbell.dismiss(1_000);
  expect([doorbell.isDismissed(early), doorbell.isDismissed(late)]).toEqual([true, false]);
  expect(doorbell.patience).toBe(2_000);
  doorbell.leave(early);
  doorbell.leave(late);
  expect(doorbell.patience).toBeNull();
});

it('lets everybody go once it is closed, also who rings after that, and still tells the loop that they rang', () => {
  const doorbell = new Doorbell();
  const before = doorbell.wait(ONE, 1_000);
  doorbell.hear();
  doorbell.close();
  const after = doorbell.wait(TWO, 2_000);
  expect([doorbell.isDismissed(before), doorbell.isDismissed(after)]).toEqual([true, true]);
  expect([doorbell.isAnswered(before), doorbell.isAnswered(after)]).toEqual([false, false]);
  expect(doorbell.rung).toBe(true);
});
