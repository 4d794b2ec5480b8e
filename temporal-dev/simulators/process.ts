import { z } from 'zod';
import { loadConfig } from '../../platform/config.ts';
import { setting } from '../../platform/settings/setting.ts';
import { createLogger, type Logger } from '../../platform/logger.ts';
import { runProcess } from '../../platform/process.ts';

/** What every simulator is started with. */
export interface SimulatorPlaces {
  /** The wire; 0 takes a free port. */
  readonly port: number;
  /** HTTP, for tests; 0 takes a free port. */
  readonly controlPort: number;
  /** File of the journal; its state is taken over. */
  readonly journalPath: string;
  readonly logger: Logger;
}

const port = z.coerce.number().int().min(0).max(65_535);

/** The settings of SimulatorPlaces. @param wire what it speaks, for people. */
export const placeSettings = (wire: string) =>
  ({
    port: setting('SIMULATOR_PORT', port, 'TCP port', `Where the simulator speaks ${wire}, on 127.0.0.1.`),
    controlPort: setting(
      'SIMULATOR_CONTROL_PORT',
      port,
      'TCP port',
      'Where it answers tests over HTTP, on 127.0.0.1.',
    ),
    journalPath: setting(
      'SIMULATOR_JOURNAL',
      z.string().min(1),
      'file',
      'Its append-only journal; created where there is none.',
    ),
  }) as const;

/** Of a simulator of an HTTP API. */
export const API_KEY_SETTING = setting(
  'SIMULATOR_API_KEY',
  z.string().min(8),
  'secret',
  'What every request must carry.',
  null,
  true,
);

/** Runs a simulator until it is told to stop. */
export async function runSimulator(
  name: string,
  start: (logger: Logger) => Promise<{ close(): Promise<void> }>,
): Promise<void> {
  const { logLevel, shutdownGraceMs } = loadConfig(['logLevel', 'shutdownGraceMs']);
  const logger = createLogger(name, logLevel);
  await runProcess(logger, shutdownGraceMs, async () => {
    const simulator = await start(logger);
    return { healthy: () => Promise.resolve(true), stop: () => simulator.close() };
  });
}
