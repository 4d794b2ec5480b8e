import { loadConfig } from '../platform/config.ts';
import { createLogger } from '../platform/logger.ts';
import { PROCESS_SETTINGS } from '../platform/process-settings.ts';
import { runProcess } from '../platform/process.ts';
import { startGateway } from './gateway.ts';

/** The operator gateway: Temporal Web behind a login, with payloads readable and every write written down. */
const config = loadConfig(PROCESS_SETTINGS.gateway);
const logger = createLogger('gateway', config.logLevel);

await runProcess(logger, config.shutdownGraceMs, () => startGateway(config, logger));
