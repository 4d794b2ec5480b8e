import { z } from 'zod';
import { loadConfig, loadSettings, setting } from '../../../platform/config.ts';
import { createLogger } from '../../../platform/logger.ts';
import { runProcess } from '../../../platform/process.ts';
import { startSimulator } from './server.ts';

const port = z.coerce.number().int().min(0).max(65_535);

const SIMULATOR_SETTINGS = {
  port: setting('SIMULATOR_PORT', port, 'TCP port', 'Where the simulator speaks Adyen’s API, on 127.0.0.1.'),
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
  hmacKey: setting(
    'SIMULATOR_HMAC_KEY',
    z.string().regex(/^([0-9A-Fa-f]{2}){16,64}$/),
    'secret',
    'Hexadecimal; its events are signed with it.',
    null,
    true,
  ),
  webhookUrl: setting(
    'SIMULATOR_WEBHOOK_URL',
    z.url(),
    'URL',
    'Where its events go; they are repeated until they are answered 2xx.',
  ),
  settleAfterMs: setting(
    'SIMULATOR_SETTLE_AFTER_MS',
    z.coerce.number().int().min(0),
    'ms',
    'How long what was received waits for its result.',
    '100',
  ),
} as const;

const settings = loadSettings(SIMULATOR_SETTINGS, [
  'port',
  'controlPort',
  'journal',
  'apiKey',
  'hmacKey',
  'webhookUrl',
  'settleAfterMs',
]);
const { logLevel, shutdownGraceMs } = loadConfig(['logLevel', 'shutdownGraceMs']);
const logger = createLogger('adyen-simulator', logLevel);

await runProcess(logger, shutdownGraceMs, async () => {
  const simulator = await startSimulator({
    port: settings.port,
    controlPort: settings.controlPort,
    journalPath: settings.journal,
    apiKey: settings.apiKey,
    hmacKey: settings.hmacKey,
    webhookUrl: settings.webhookUrl,
    settleAfterMs: settings.settleAfterMs,
    logger,
  });
  return { healthy: () => Promise.resolve(true), stop: () => simulator.close() };
});
