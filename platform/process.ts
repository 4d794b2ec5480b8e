import { createServer } from 'node:http';
import { listenOn } from './http-server.ts';
import { speakThrough } from './last-words.ts';
import type { Logger } from './logger.ts';
import { METRICS_CONTENT_TYPE, type Metrics } from './metrics.ts';

/** What a composition root gives back: how to tell that it works, and how to leave. */
export interface RunningProcess {
  /** Rejects, or answers false, when the process cannot do its work now. */
  healthy(): Promise<boolean>;
  /** Finishes what was begun and lets go of everything. Called once. */
  stop(): Promise<void>;
}

/** How a process leaves. */
export interface Ending {
  /** How long it may finish what was begun (ms). */
  readonly shutdownGraceMs: number;
  /** Done after it has stopped: what tells of it is the last to go. */
  readonly last: () => Promise<void>;
}

/**
 * Runs one process: starts it, stays until SIGTERM or SIGINT, then drains within the grace and
 * leaves. An error nobody handled ends the process at once (a supervisor starts it again): a
 * process in an unknown state must not go on with money.
 */
export async function runProcess(
  logger: Logger,
  ending: number | Ending,
  start: () => Promise<RunningProcess>,
): Promise<void> {
  speakThrough(logger);
  const { shutdownGraceMs, last }: Ending =
    typeof ending === 'number' ? { shutdownGraceMs: ending, last: async () => {} } : ending;

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
    running
      .stop()
      .then(last)
      .then(
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

/**
 * Answers GET /livez (200 as long as the process can answer), GET /healthz (200 while healthy, 503
 * otherwise), GET /readyz (the same of `ready`: whether an orchestrator may count on it) and GET /metrics.
 * Resolves once it listens. Who ends what does not answer asks /livez: a process that is unhealthy because a
 * database is away is not mended by starting it anew.
 */
export async function serveHealth(
  { healthHost: host, healthPort: port }: { readonly healthHost: string; readonly healthPort: number },
  healthy: () => Promise<boolean>,
  metrics: Metrics,
  ready: () => Promise<boolean> = healthy,
): Promise<() => Promise<void>> {
  const server = createServer((request, response) => {
    const say = (asked: Promise<boolean>, no: string): void => {
      asked.then(
        (ok) => response.writeHead(ok ? 200 : 503).end(ok ? 'ok\n' : no),
        () => response.writeHead(503).end(no),
      );
    };
    if (request.url === '/livez') response.writeHead(200).end('ok\n');
    else if (request.url === '/healthz') say(healthy(), 'unhealthy\n');
    else if (request.url === '/readyz') say(ready(), 'not ready\n');
    else if (request.url === '/metrics') {
      metrics.text().then(
        (text) => response.writeHead(200, { 'content-type': METRICS_CONTENT_TYPE }).end(text),
        () => response.writeHead(500).end(),
      );
    } else response.writeHead(404).end();
  });
  const listening = await listenOn(server, port, host);
  return () => listening.close(0);
}
