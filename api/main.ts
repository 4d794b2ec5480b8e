import { loadConfig } from '../platform/config.ts';
import { createLogger } from '../platform/logger.ts';
import { PROCESS_SETTINGS } from '../platform/process-settings.ts';
import { runProcess } from '../platform/process.ts';
import { startApi } from './api.ts';

const config = loadConfig(PROCESS_SETTINGS.api);
const logger = createLogger('api', config.logLevel);

await runProcess(logger, config.shutdownGraceMs, () => startApi(config, logger));
