import { z } from 'zod';
import { loadSettings } from '../../../platform/config.ts';
import { setting } from '../../../platform/settings/setting.ts';
import { placeSettings, runSimulator } from '../process.ts';
import { startSimulator } from './server.ts';

const SIMULATOR_SETTINGS = {
  ...placeSettings('ISO 8583'),
  slowMs: setting(
    'SIMULATOR_SLOW_MS',
    z.coerce.number().int().min(0),
    'ms',
    'How late the slow test card is answered.',
    '3000',
  ),
} as const;

const settings = loadSettings(SIMULATOR_SETTINGS, ['port', 'controlPort', 'journalPath', 'slowMs']);

await runSimulator('acquirer-simulator', (logger) => startSimulator({ ...settings, logger }));
