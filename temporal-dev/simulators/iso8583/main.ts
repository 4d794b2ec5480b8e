import { z } from 'zod';
import { loadConfig, loadSettings, setting } from '../../../platform/config.ts';
import { createLogger } from '../../../platform/logger.ts';
import { runProcess } from '../../../platform/process.ts';
import { startSimulator } from './server.ts';

const port = z.coerce.number().int().min(0).max(65_535);

const SIMULATOR_SETTINGS = {
  port: setting('SIMULATOR_PORT', port, 'TCP port', 'Where the simulator speaks ISO 8583, on 127.0.0.1.'),
  controlPort: setting(
    'SIMULATOR_CONTROL_PORT',
    port,
    'TCP port',
    'Where it answers tests over HTTP, on 127.0.0.1.',
  ),
  journal: setting(
    'SIMULATOR_JOURNAL',
    z.string().min(1),
    'file',
    'Its append-only journal; created where there is none.',
  ),
  slowMs: setting(
    'SIMULATOR_SLOW_MS',
    z.coerce.number().int().min(0),
    'ms',
    'How late the slow test card is answered.',
    '3000',
  ),
} as const;

const {
  port: wirePort,
  controlPort,
  journal,
  slowMs,
} = loadSettings(SIMULATOR_SETTINGS, ['port', 'controlPort', 'journal', 'slowMs']);
const { logLevel, shutdownGraceMs } = loadConfig(['logLevel', 'shutdownGraceMs']);
const logger = createLogger('acquirer-simulator', logLevel);

await runProcess(logger, shutdownGraceMs, async () => {
  const simulator = await startSimulator({
    port: wirePort,
    controlPort,
    journalPath: journal,
    slowMs,
    logger,
  });
  return { healthy: () => Promise.resolve(true), stop: () => simulator.close() };
});
