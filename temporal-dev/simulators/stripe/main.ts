import { z } from 'zod';
import { loadSettings } from '../../../platform/config.ts';
import { setting } from '../../../platform/settings/setting.ts';
import { API_KEY_SETTING, placeSettings, runSimulator } from '../process.ts';
import { startSimulator } from './server.ts';

const SIMULATOR_SETTINGS = {
  ...placeSettings('Stripe’s API'),
  apiKey: API_KEY_SETTING,
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

const { eventUrl, eventSecret, ...settings } = loadSettings(SIMULATOR_SETTINGS, [
  'port',
  'controlPort',
  'journalPath',
  'apiKey',
  'refundsPendMs',
  'eventUrl',
  'eventSecret',
]);
const events = eventUrl === null || eventSecret === null ? null : { url: eventUrl, secret: eventSecret };

await runSimulator('stripe-simulator', (logger) => startSimulator({ ...settings, events, logger }));
