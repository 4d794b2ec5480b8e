import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startChild } from './child.ts';
import type { Child, Command, Ending } from './child.ts';
import type { Guard } from './guard.ts';

/** A part of the stack that is a process of its own, kept running. */
export interface ServiceSpec {
  /** Its name in run.json, in log lines and of its log file. */
  readonly role: string;
  readonly command: Command;
  readonly log: string;
  /** Resolves when the part does its work; rejects with the reason why not (yet). */
  readonly probe: (signal: AbortSignal) => Promise<void>;
  /** From the first start to healthy; a part that is not by then has failed. */
  readonly startDeadlineMs: number;
  /** The signal that asks it to finish its work and leave. */
  readonly stopSignal: NodeJS.Signals;
  /** How long it may take for that; then it is killed. */
  readonly stopGraceMs: number;
  /** How it is ended when the supervisor was killed. */
  readonly guardSignal: NodeJS.Signals;
}

export interface Service {
  readonly role: string;
  /** @throws PartFailure when it does not become healthy within its deadline. */
  start(): Promise<void>;
  /** Asks it to leave, waits, at last kills it. Resolves when it is gone. */
  stop(): Promise<void>;
}

export interface ServiceDeps {
  readonly guard: Guard;
  readonly say: (line: string) => void;
  /** Told the process id each time the part has become healthy. */
  readonly onHealthy: (role: string, pid: number) => void;
  /** Told the process id as soon as the part runs. */
  readonly onLaunched: (role: string, pid: number) => void;
  /** The longest pause before a part that ended is started again (ms). */
  readonly restartPauseMaxMs: number;
}

/** A part that did not start: which, why, its log file and the end of it. */
class PartFailure extends Error {
  override readonly name = 'PartFailure';
}

const PROBE_EVERY_MS = 50;
const PROBE_LIMIT_MS = 2_000;
// An end before the first health is most often a wrong setting: a few tries cover the rest (a port
// or a lock that the previous run has not let go yet).
const EARLY_ENDS_MAX = 4;
const BACKOFF_FIRST_MS = 100;
/** A part that was healthy this long starts again without delay growing further. */
const STEADY_AFTER_MS = 30_000;
const LOG_TAIL_LINES = 15;

export function createService(spec: ServiceSpec, deps: ServiceDeps): Service {
  let child: Child | null = null;
  const stopping = new AbortController();
  const isStopping = () => stopping.signal.aborted;

  async function launch(): Promise<Child> {
    const launched = await startChild(spec.command, spec.log, deps.guard, spec.guardSignal);
    child = launched;
    deps.onLaunched(spec.role, launched.pid);
    if (isStopping()) launched.signal(spec.stopSignal);
    return launched;
  }

  /** null = healthy; else how it ended, or why it is not healthy at the deadline. */
  async function settle(launched: Child, deadline: number): Promise<Ending | string | null> {
    const endings: Ending[] = [];
    void launched.ended.then((how) => endings.push(how));
    let reason = 'no answer yet';
    while (Date.now() < deadline) {
      const limit = AbortSignal.timeout(PROBE_LIMIT_MS);
      const failure = await Promise.race([
        spec.probe(limit).then(
          () => null,
          (error: unknown) => text(error),
        ),
        launched.ended.then(() => 'ended'),
        new Promise<string>((resolve) => {
          limit.addEventListener(
            'abort',
            () => {
              resolve(`no answer within ${PROBE_LIMIT_MS} ms`);
            },
            { once: true },
          );
        }),
      ]);
      // A probe may be answered by a stranger on the same port: what ended is not healthy.
      const [ending] = endings;
      if (ending !== undefined) return ending;
      if (failure === null) return null;
      reason = failure;
      await Promise.race([delay(PROBE_EVERY_MS), launched.ended]);
    }
    return reason;
  }

  async function fail(reason: string): Promise<PartFailure> {
    return new PartFailure(
      `${spec.role} cannot start: ${reason}\nits log: ${spec.log}${await tail(spec.log)}`,
    );
  }

  async function keepRunning(first: Child): Promise<void> {
    let current = first;
    let healthySince: number | null = Date.now();
    let pauseMs = BACKOFF_FIRST_MS;
    for (;;) {
      const how = await current.ended;
      if (isStopping()) return;
      if (healthySince !== null && Date.now() - healthySince > STEADY_AFTER_MS) pauseMs = BACKOFF_FIRST_MS;
      deps.say(
        `${spec.role} (process ${current.pid}) ended by ${how.text}: starting it again in ${pauseMs} ms, log ${spec.log}`,
      );
      await delay(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      pauseMs = Math.min(pauseMs * 2, deps.restartPauseMaxMs);
      if (isStopping()) return;
      current = await launch();
      const outcome = await settle(current, Date.now() + spec.startDeadlineMs);
      healthySince = outcome === null ? Date.now() : null;
      if (outcome === null) deps.onHealthy(spec.role, current.pid);
      else if (typeof outcome === 'string' && !isStopping()) {
        deps.say(
          `${spec.role} (process ${current.pid}) is not healthy after ${spec.startDeadlineMs} ms: ${outcome}`,
        );
        current.signal('SIGKILL');
      }
    }
  }

  return {
    role: spec.role,
    async start() {
      const deadline = Date.now() + spec.startDeadlineMs;
      for (let ends = 1; ; ends += 1) {
        const launched = await launch();
        const outcome = await settle(launched, deadline);
        if (outcome === null) {
          deps.onHealthy(spec.role, launched.pid);
          keepRunning(launched).catch((error: unknown) => {
            deps.say(`${spec.role} is no longer watched: ${text(error)}`);
          });
          return;
        }
        if (typeof outcome === 'string') {
          throw await fail(`not healthy within ${spec.startDeadlineMs} ms (${outcome})`);
        }
        if (isStopping()) throw new PartFailure(`${spec.role} was stopped before it was healthy`);
        if (ends >= EARLY_ENDS_MAX) throw await fail(`it ended with ${outcome.text} (${ends} times)`);
        await delay(BACKOFF_FIRST_MS * 2 ** (ends - 1));
      }
    },
    async stop() {
      stopping.abort();
      if (child === null) return;
      const last = child;
      last.signal(spec.stopSignal);
      const grace = new AbortController();
      const late = delay(spec.stopGraceMs, 'late' as const, { signal: grace.signal }).catch(
        () => 'gone' as const,
      );
      if ((await Promise.race([last.ended, late])) === 'late') {
        deps.say(
          `${spec.role} (process ${last.pid}) did not leave within ${spec.stopGraceMs} ms: killing it`,
        );
        last.signal('SIGKILL');
      }
      await last.ended;
      grace.abort();
    },
  };
}

async function tail(log: string): Promise<string> {
  const lines = (await readFile(log, 'utf8').catch(() => '')).trimEnd().split('\n').slice(-LOG_TAIL_LINES);
  return lines.length === 1 && lines[0] === ''
    ? ' (empty)'
    : `\n${lines.map((line) => `  ${basename(log)}| ${line}`).join('\n')}`;
}

function text(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
