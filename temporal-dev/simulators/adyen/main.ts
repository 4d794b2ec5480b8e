import { z } from 'zod';
import { loadSettings } from '../../../platform/config.ts';
import { setting } from '../../../platform/settings/setting.ts';
import { API_KEY_SETTING, placeSettings, runSimulator } from '../process.ts';
import { startSimulator } from './server.ts';

const SIMULATOR_SETTINGS = {
  ...placeSettings('Adyen’s API'),
  apiKey: API_KEY_SETTING,
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
  'journalPath',
  'apiKey',
  'hmacKey',
  'webhookUrl',
  'settleAfterMs',
]);

await runSimulator('adyen-simulator', (logger) => startSimulator({ ...settings, logger }));
