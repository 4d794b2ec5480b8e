import { loadConfig } from '../platform/config.ts';
import { armCrashPoints } from '../platform/crash-orders.ts';
import { createLogger } from '../platform/logger.ts';
import { PROCESS_SETTINGS } from '../platform/process-settings.ts';
import { runProcess } from '../platform/process.ts';
import { startTracing } from '../platform/tracing/start-tracing.ts';
import { startApi } from './api.ts';

const config = loadConfig(PROCESS_SETTINGS.api);
const logger = createLogger('api', config.logLevel);
const stopTracing = await startTracing({ endpoint: config.otlpEndpoint, service: 'api' });

await runProcess(logger, { ...config, last: stopTracing }, () => {
  armCrashPoints('api', config, config.databaseUrl);
  return startApi(config, logger);
});
