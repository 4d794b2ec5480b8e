import type { AcquirerActivities } from '../../../workflows/ports/acquirer.ts';
import { bug, createAcquirerActivities, type CallDependencies } from '../calls.ts';
import type { AcquirerWire } from '../wire.ts';
import { exchangeWith, readyPool, written, type HostCallOptions, type HostMessage } from './host-call.ts';

export { createBlockLeases, createNumberBlocks } from './number-blocks.ts';
export { createIso8583Planner } from './plan.ts';
export { readLinkTls } from './link-tls.ts';
export { createLinkPool, type LinkPoolOptions } from './pool.ts';
export { createStrays } from './strays.ts';
export { createIso8583Verification } from './verify.ts';

export type Iso8583Dependencies = CallDependencies & HostCallOptions;

/** The acquirer port over ISO 8583: one message, one answer; what is unknown cannot be asked about. */
export function createIso8583Activities(deps: Iso8583Dependencies): AcquirerActivities {
  return createAcquirerActivities(createIso8583Wire(deps), deps);
}

function createIso8583Wire(options: HostCallOptions): AcquirerWire<HostMessage> {
  return {
    async prepare(ref, { account, kind, wire }, { repeated, card }) {
      const { acquirer } = account;
      const pool = await readyPool(options, acquirer, () =>
        bug(
          ref,
          `goes to ${acquirer}, to which this worker keeps no connection: check QUITTANCE_ACQUIRER_LINKS`,
        ),
      );
      return { pool, outgoing: written(kind, wire, await card(), repeated), kind, repeated };
    },
    exchange: (message, told) => exchangeWith(message, options.callLimitMs, told),
    inquire: null,
  };
}
