import { z } from 'zod';
import { loadSettings } from '../../platform/config.ts';
import { setting } from '../../platform/settings/setting.ts';
import { createLogger } from '../../platform/logger.ts';
import { runProcess } from '../../platform/process.ts';
import { KMS_REGION, SEEDED_KEYS } from '../key-aliases.ts';
import { startKmsServer } from './server.ts';

const KMS_SETTINGS = {
  port: setting(
    'KMS_PORT',
    z.coerce.number().int().min(0).max(65_535),
    'TCP port',
    'Where the emulator listens, on 127.0.0.1.',
  ),
  keyFile: setting('KMS_KEY_FILE', z.string().min(1), 'path', 'The file of its master keys.'),
} as const;

const STOP_GRACE_MS = 1_000;

const config = loadSettings(KMS_SETTINGS, ['port', 'keyFile']);
const logger = createLogger('kms', 'info');

await runProcess(logger, STOP_GRACE_MS, async () => {
  const server = await startKmsServer({
    port: config.port,
    keyFile: config.keyFile,
    region: KMS_REGION,
    seededAliases: SEEDED_KEYS,
    now: () => Date.now() / 1_000,
  });
  return { healthy: async () => true, stop: () => server.close() };
});
