import { createServer } from 'node:http';
import type { Logger } from './logger.ts';

/** What a composition root gives back: how to tell that it works, and how to leave. */
export interface RunningProcess {
  /** Rejects, or answers false, when the process cannot do its work now. */
  healthy(): Promise<boolean>;
  /** Finishes what was begun and lets go of everything. Called once. */
  stop(): Promise<void>;
}

/**
 * Runs one process: starts it, stays until SIGTERM or SIGINT, then drains within the grace and
 * leaves. An error nobody handled ends the process at once (a supervisor starts it again): a
 * process in an unknown state must not go on with money.
 */
export async function runProcess(
  logger: Logger,
  shutdownGraceMs: number,
  start: () => Promise<RunningProcess>,
): Promise<void> {
  const crash = (event: string) => (error: unknown) => {
    logger.error(event, { error });
    process.exitCode = 1;
    setImmediate(() => process.exit(1));
  };
  process.on('uncaughtException', crash('process_uncaught_exception'));
  process.on('unhandledRejection', crash('process_unhandled_rejection'));

  let running: RunningProcess;
  try {
    running = await start();
  } catch (error) {
    logger.error('process_start_failed', { error });
    process.exit(1);
  }
  logger.info('process_started', { pid: process.pid });

  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    logger.info('process_stopping', { signal, grace_ms: shutdownGraceMs });
    const limit = setTimeout(() => {
      logger.error('process_stop_timed_out', { grace_ms: shutdownGraceMs });
      process.exit(1);
    }, shutdownGraceMs + 2_000);
    running.stop().then(
      () => {
        clearTimeout(limit);
        logger.info('process_stopped');
        process.exit(0);
      },
      (error: unknown) => {
        logger.error('process_stop_failed', { error });
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => {
    stop('SIGTERM');
  });
  process.on('SIGINT', () => {
    stop('SIGINT');
  });
}

/** Answers GET /healthz on 127.0.0.1: 200 while healthy, 503 otherwise. Resolves once it listens. */
export async function serveHealth(
  port: number,
  healthy: () => Promise<boolean>,
): Promise<() => Promise<void>> {
  const server = createServer((request, response) => {
    if (request.url !== '/healthz') {
      response.writeHead(404).end();
      return;
    }
    healthy().then(
      (ok) => response.writeHead(ok ? 200 : 503).end(ok ? 'ok\n' : 'unhealthy\n'),
      () => response.writeHead(503).end('unhealthy\n'),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => {
        resolve();
      });
    });
}
