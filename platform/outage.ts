import type { Logger } from './logger.ts';

/** Reports a thing that fails again and again as one line when it begins and one when it is over. */
export interface Outage {
  failed(error: unknown): void;
  worked(): void;
}

/** @param subject begins the names of the log lines: `<subject>_failed`, `<subject>_recovered`. */
export function createOutage(subject: string, logger: Logger): Outage {
  let failures = 0;
  return {
    failed(error) {
      failures += 1;
      if (failures === 1) logger.error(`${subject}_failed`, { error });
    },
    worked() {
      if (failures > 0) logger.info(`${subject}_recovered`, { failures });
      failures = 0;
    },
  };
}
