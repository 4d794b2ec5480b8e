import winston from 'winston';
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
  const scrubbing = winston.format((info) => {
    const clean = scrub({ ...info }) as winston.Logform.TransformableInfo;
    return Object.assign(info, clean);
  });
  const logger = winston.createLogger({
    level,
    format: winston.format.combine(
      winston.format.splat(),
      winston.format.timestamp({ alias: 'at' }),
      scrubbing(),
      winston.format.printf(({ at, level: severity, message, timestamp: _, ...fields }) =>
        JSON.stringify({ at, level: severity, role, event: message, ...fields }),
      ),
    ),
    transports: [new winston.transports.Console({ stderrLevels: [] })],
  });
  const log = (severity: string) => (event: string, fields: Readonly<Record<string, unknown>> = {}) => {
    logger.log(severity, event, fields);
  };
  return { error: log('error'), warn: log('warn'), info: log('info'), debug: log('debug') };
}
