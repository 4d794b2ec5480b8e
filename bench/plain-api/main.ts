/**
 * The process of the plain api: a bench starts it with an IPC channel, tells it what to answer, and hears
 * where it listens. It ends with its channel.
 */
import type { PlainOrder, PlainReady } from './order.ts';
import { servePlain } from './server.ts';

process.once('message', (order: PlainOrder) => {
  servePlain(order).then(
    (port) => process.send?.({ port } satisfies PlainReady),
    (error: unknown) => {
      process.stderr.write(`the plain api did not start: ${String(error)}\n`);
      process.exit(1);
    },
  );
});
process.once('disconnect', () => process.exit(0));
