import { z } from 'zod';
import { loadConfig, loadSettings, setting } from '../../../platform/config.ts';
import { createLogger } from '../../../platform/logger.ts';
import { runProcess } from '../../../platform/process.ts';
import { startSimulator } from './server.ts';

const port = z.coerce.number().int().min(0).max(65_535);

const SIMULATOR_SETTINGS = {
  port: setting('SIMULATOR_PORT', port, 'TCP port', 'Where the simulator speaks Stripe’s API, on 127.0.0.1.'),
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
  apiKey: setting(
    'SIMULATOR_API_KEY',
    z.string().min(8),
    'secret',
    'What every request must carry.',
    null,
    true,
  ),
  refundsPendMs: setting(
    'SIMULATOR_REFUNDS_PEND_MS',
    z.coerce.number().int().min(0),
    'ms',
    'How long a refund of the slow test card stays pending.',
    '3000',
  ),
  eventUrl: setting(
    'SIMULATOR_EVENT_URL',
    z.url().nullable(),
    'URL',
    'Where its signed events go; empty = it sends none.',
    '',
  ),
  eventSecret: setting(
    'SIMULATOR_EVENT_SECRET',
    z.string().min(16).nullable(),
    'secret',
    'What they are signed with.',
    '',
    true,
  ),
} as const;

const settings = loadSettings(SIMULATOR_SETTINGS, [
  'port',
  'controlPort',
  'journal',
  'apiKey',
  'refundsPendMs',
  'eventUrl',
  'eventSecret',
]);
const { logLevel, shutdownGraceMs } = loadConfig(['logLevel', 'shutdownGraceMs']);
const logger = createLogger('stripe-simulator', logLevel);

await runProcess(logger, shutdownGraceMs, async () => {
  const simulator = await startSimulator({
    port: settings.port,
    controlPort: settings.controlPort,
    journalPath: settings.journal,
    apiKey: settings.apiKey,
    refundsPendMs: settings.refundsPendMs,
    events:
      settings.eventUrl === null || settings.eventSecret === null
        ? null
        : { url: settings.eventUrl, secret: settings.eventSecret },
    logger,
  });
  return { healthy: () => Promise.resolve(true), stop: () => simulator.close() };
});
