import { readFileSync } from 'node:fs';
import { format } from 'node:util';
import type { Logger } from './logger.ts';

/** Where a limit of a process is written down (Linux; proc(5)). */
const LIMITS_FILE = '/proc/self/limits';

/**
 * Sends through the scrubbed log whatever a process would otherwise print by itself: an error nobody
 * handled (which ends it), Node's warnings, and what a library writes to the console. Crash reports,
 * which copy the environment and the heap's strings into a file, stay off whatever NODE_OPTIONS says.
 * What native code prints as it dies (an assertion of V8, a panic in Temporal's core) passes by here;
 * it holds no values of ours.
 */
export function speakThrough(logger: Logger): void {
  const crash = (event: string) => (error: unknown) => {
    logger.error(event, { error });
    process.exitCode = 1;
    setImmediate(() => process.exit(1));
  };
  process.on('uncaughtException', crash('process_uncaught_exception'));
  process.on('unhandledRejection', crash('process_unhandled_rejection'));

  // Node's own listener prints the warning as it is.
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    logger.warn('process_warning', { warning });
  });

  for (const [method, severity] of Object.entries(CONSOLE))
    // eslint-disable-next-line no-console -- taken away from those who would write to it
    console[method as keyof typeof CONSOLE] = (...said: unknown[]) => {
      logger[severity]('console', { text: format(...said) });
    };

  process.report.reportOnFatalError = false;
  process.report.reportOnUncaughtException = false;
  process.report.reportOnSignal = false;

  if (coreDumpsPossible()) {
    logger.warn('core_dumps_possible', {
      advice:
        'the limit of core files is not 0: start this process with ulimit -c 0, its memory may hold card data',
    });
  }
}

const CONSOLE = {
  log: 'info',
  info: 'info',
  debug: 'debug',
  trace: 'debug',
  warn: 'warn',
  error: 'error',
} as const satisfies Record<string, keyof Logger>;

/** Whether the kernel may write this process's memory to a file when it crashes; false where it does not tell. */
function coreDumpsPossible(): boolean {
  try {
    const soft = /^Max core file size\s+(\S+)/m.exec(readFileSync(LIMITS_FILE, 'utf8'))?.[1];
    return soft !== undefined && soft !== '0';
  } catch {
    return false;
  }
}
