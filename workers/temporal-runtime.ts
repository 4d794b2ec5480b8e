import { IllegalStateError } from '@temporalio/common';
import type { LogLevel } from '@temporalio/common';
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { LogEntry } from '@temporalio/worker';
import type { Logger } from '../platform/logger.ts';

const SEVERITY = {
  TRACE: 'debug',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
} as const satisfies Record<LogLevel, keyof Logger>;

/** How our own code names what it logs from workflows and activities. */
const EVENT_NAME = /^[a-z][a-z0-9_]*$/;

/** One line of the SDK, or of workflow and activity code through it, as a line of ours. */
export function logThrough(logger: Logger): (entry: LogEntry) => void {
  return ({ level, message, meta }) => {
    const { message: text, workflowId, runId, ...rest }: Record<string, unknown> = meta ?? {};
    // By the names that our own lines have for them.
    const fields = {
      ...(workflowId === undefined ? {} : { workflow_id: workflowId }),
      ...(runId === undefined ? {} : { run_id: runId }),
      ...rest,
    };
    const severity = SEVERITY[level];
    if (EVENT_NAME.test(message))
      logger[severity](message, text === undefined ? fields : { ...fields, text });
    else logger[severity]('temporal_sdk', { text: message, ...fields });
  };
}

/**
 * Sets up the Temporal core of this process, before its first connection: its lines go to our log,
 * and signals stop it only through us (its own handlers would stop it before we have drained).
 * A second call changes nothing.
 * @param metricsAddress where it shows its metrics: host:port of this machine.
 */
export function installTemporalRuntime(logger: Logger, metricsAddress: string): void {
  try {
    Runtime.install({
      logger: new DefaultLogger('INFO', logThrough(logger)),
      shutdownSignals: [],
      telemetryOptions: {
        logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} },
        metrics: {
          prometheus: {
            bindAddress: metricsAddress,
            countersTotalSuffix: true,
            unitSuffix: true,
            useSecondsForDurations: true,
          },
        },
      },
    });
  } catch (error) {
    if (!(error instanceof IllegalStateError)) throw error;
  }
}
