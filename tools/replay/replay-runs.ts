import { availableParallelism } from 'node:os';
import type { DataConverter } from '@temporalio/common';
import { DefaultLogger, Runtime, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import type { Run } from '../histories/history-file.ts';

export interface Replayed {
  readonly run: Run;
  /** What the SDK says of a run that did not replay; null when it did. */
  readonly error: Error | null;
}

export interface ReplayOptions {
  readonly bundle: WorkflowBundleOption;
  readonly dataConverter: DataConverter;
}

/** A replay worker takes one run at a time: more in its cache would only be memory. */
const CACHED_WORKFLOWS = 2;
/** A run takes two threads in turn: its worker's, and the one of its sandbox. */
const LANES = Math.max(2, availableParallelism());

/** Quiets the SDK's core in this process: what does not replay is in the results. Called once. */
export function quietRuntime(): void {
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: { logging: { forward: {}, filter: 'ERROR' } },
  });
}

/**
 * Replays runs as they come, some at once, on the given workflows, and tells of each as it ends. A
 * payload opens only in the namespace that it was sealed for: runs of another one come last.
 * @throws what the SDK throws on something that is no history of a workflow.
 */
export async function replayRuns(
  options: ReplayOptions,
  runs: AsyncIterable<Run>,
  tell: (replayed: Replayed) => void,
): Promise<void> {
  const { first, rest } = await byNamespace(runs);
  for (let now = first; now !== null; now = rest.shift() ?? null) {
    const shared = now.runs[Symbol.asyncIterator]();
    const { namespace } = now;
    const end = meeting(LANES);
    await Promise.all(
      Array.from({ length: LANES }, () =>
        lane(options, namespace, shared, end, tell).catch((error: unknown) => {
          end.callOff();
          throw error;
        }),
      ),
    );
  }
}

interface OfNamespace {
  readonly namespace: string;
  readonly runs: AsyncIterable<Run>;
}

/** The namespace of the first run as its runs come, then those of the others, once they have all come. */
async function byNamespace(
  runs: AsyncIterable<Run>,
): Promise<{ readonly first: OfNamespace | null; readonly rest: OfNamespace[] }> {
  const rest: OfNamespace[] = [];
  const others = new Map<string, Run[]>();
  const source = runs[Symbol.asyncIterator]();
  const head = await source.next();
  if (head.done === true) return { first: null, rest };
  const begin = head.value;
  const namespace = namespaceOf(begin);

  async function* own(): AsyncGenerator<Run> {
    yield begin;
    for (let next = await source.next(); next.done !== true; next = await source.next()) {
      const of = namespaceOf(next.value);
      const known = others.get(of);
      if (of === namespace) yield next.value;
      else if (known === undefined) {
        const list = [next.value];
        others.set(of, list);
        rest.push({ namespace: of, runs: each(list) });
      } else known.push(next.value);
    }
  }
  return { first: { namespace, runs: own() }, rest };
}

interface Meeting {
  /** Resolves when as many have come as were expected, or it was called off. */
  readonly come: () => Promise<void>;
  readonly callOff: () => void;
}

/** Lets the first ones wait for the last of so many. */
function meeting(count: number): Meeting {
  let missing = count;
  let open = (): void => undefined;
  const all = new Promise<void>((resolve) => (open = resolve));
  return {
    come() {
      missing -= 1;
      if (missing === 0) open();
      return all;
    },
    callOff: () => open(),
  };
}

async function* each(runs: readonly Run[]): AsyncGenerator<Run> {
  yield* runs;
}

/** The namespace that the run's input was sealed for; it is not in the history itself. */
function namespaceOf({ history }: Run): string {
  const input = history.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
  const sealedFor = Buffer.from(input?.metadata?.['namespace'] ?? []).toString();
  return sealedFor === '' ? 'default' : sealedFor;
}

async function lane(
  { bundle, dataConverter }: ReplayOptions,
  namespace: string,
  shared: AsyncIterator<Run>,
  end: Meeting,
  tell: (replayed: Replayed) => void,
): Promise<void> {
  const begun: Run[] = [];
  async function* histories() {
    for (let next = await shared.next(); next.done !== true; next = await shared.next()) {
      begun.push(next.value);
      yield { workflowId: next.value.workflowId, history: next.value.history };
    }
    // The SDK ends its core with the last worker that it knows of, also while another is just beginning.
    await end.come();
  }
  const worker = {
    workflowBundle: bundle,
    // Its own failures are for us: with the converter that seals them they would say nothing.
    dataConverter: { payloadCodecs: dataConverter.payloadCodecs ?? [] },
    // Not among the documented options of a replay worker, and taken: it is what payloads are checked against.
    namespace,
    maxCachedWorkflows: CACHED_WORKFLOWS,
    // Without a thread of its own the sandbox would stop whoever reads and decodes the next run.
    debugMode: false,
    workflowThreadPoolSize: 1,
  };
  for await (const { error } of Worker.runReplayHistories(worker, histories())) {
    const run = begun.shift();
    if (run === undefined) throw new Error('the SDK told of more runs than it was given');
    tell({ run, error: error ?? null });
  }
}
