import { createAuthority } from './authority.ts';
import type { Transaction } from './book.ts';
import type { TlsOptions } from 'node:tls';
import { z } from 'zod';
import { startControlServer } from '../control-server.ts';
import { openJournal } from '../journal.ts';
import type { SimulatorPlaces } from '../process.ts';
import { createFaults, faultSchema, type Fault } from './faults.ts';
import { journalEntrySchema, type JournalEntry } from './journal-entry.ts';
import { startWireServer } from './wire-server.ts';

/** How late the slow card is answered. */
const settingsSchema = z.strictObject({ slowMs: z.number().int().min(0).max(600_000) });

export interface SimulatorOptions extends SimulatorPlaces {
  /** How late the slow card is answered (ms). */
  readonly slowMs: number;
  /** Whether an original is refused that comes after its reversal; it is unless told. */
  readonly fencesByReversal?: boolean;
  /** The wire over TLS; left out = plain TCP. */
  readonly tls?: TlsOptions | undefined;
}

export interface Simulator {
  readonly port: number;
  readonly controlPort: number;
  entries(): readonly JournalEntry[];
  /** Every authorization and sale as it stands. */
  transactions(): readonly Transaction[];
  addFault(fault: Fault): void;
  clearFaults(): void;
  /** Looks now at what a fault holds, however long it was to be held. */
  release(): void;
  connections(): number;
  /** Echo requests answered so far. */
  echoes(): number;
  /** Sign-offs answered so far. */
  signOffs(): number;
  /** Breaks every connection, as a crash would; what is in the journal stays. */
  close(): Promise<void>;
}

/** An acquirer's host on one machine: the wire, its memory, its journal, and a way to make it misbehave. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { logger } = options;
  const journal = await openJournal(options.journalPath, journalEntrySchema);
  const authority = createAuthority(journal.recovered, options.fencesByReversal ?? true);
  const faults = createFaults(options.slowMs);
  const wire = await startWireServer(options.port, { authority, journal, faults, logger, tls: options.tls });
  const control = await startControlServer(options.controlPort, {
    entries: authority.entries,
    state: () => ({
      connections: wire.connections(),
      lines: authority.entries().length,
      transactions: authority.transactions(),
    }),
    faultSchema,
    faults,
    settingsSchema,
    set: ({ slowMs }) => {
      faults.setSlowMs(slowMs);
    },
  });
  logger.info('simulator_ready', {
    port: wire.port,
    control_port: control.port,
    journal_lines: journal.recovered.length,
  });
  return {
    port: wire.port,
    controlPort: control.port,
    entries: authority.entries,
    transactions: () => authority.transactions(),
    addFault: faults.add,
    clearFaults: faults.clear,
    release: wire.release,
    connections: wire.connections,
    echoes: wire.echoes,
    signOffs: wire.signOffs,
    async close() {
      await Promise.all([wire.close(), control.close()]);
      await journal.close();
    },
  };
}
