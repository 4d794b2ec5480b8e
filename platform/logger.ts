import winston from 'winston';
import { logFields } from './log-context.ts';
import { scrub } from './scrub.ts';

/** One event a line: `event` is a fixed name per kind of line, the rest are its fields. */
export interface Logger {
  error(event: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(event: string, fields?: Readonly<Record<string, unknown>>): void;
  info(event: string, fields?: Readonly<Record<string, unknown>>): void;
  debug(event: string, fields?: Readonly<Record<string, unknown>>): void;
}

/**
 * The logger of one process: JSON lines on standard output, every value scrubbed after the format
 * has put the line together, so that no field escapes it.
 */
export function createLogger(role: string, level: 'error' | 'warn' | 'info' | 'debug'): Logger {
  const scrubbing = winston.format((info) => Object.assign(info, scrub({ ...info })));
  const logger = winston.createLogger({
    level,
    format: winston.format.combine(
      winston.format.timestamp(),
      scrubbing(),
      // The fields come apart from the line's own names, and after them: none can replace another.
      winston.format.printf(({ timestamp, level: severity, message, fields }) => {
        const own = { at: timestamp, level: severity, role, event: message };
        return JSON.stringify({ ...own, ...(fields as object), ...own });
      }),
    ),
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- winston's own types disagree
    transports: [new winston.transports.Console({ stderrLevels: [] })],
  });
  const log =
    (severity: string) =>
    (event: string, fields: Readonly<Record<string, unknown>> = {}) => {
      logger.log({ level: severity, message: event, fields: { ...logFields(), ...fields } });
    };
  return { error: log('error'), warn: log('warn'), info: log('info'), debug: log('debug') };
}
