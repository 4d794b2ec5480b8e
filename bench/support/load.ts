import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { quantile } from './statistics.ts';

/** Sends one request and waits for its whole answer. @throws Error when the answer is not what it must be. */
export type Send = () => Promise<void>;

/** One answered request; times in ms on one clock. */
export interface Sample {
  /** When it should have been sent. In a closed loop, when it was. */
  readonly intended: number;
  readonly sent: number;
  readonly answered: number;
}

export interface Latency {
  /** ms, from when a request should have been sent. */
  readonly p50: number;
  readonly p99: number;
  /** ms, from when it was sent: what a load generator that waits its turn would have seen. */
  readonly servedP99: number;
}

/**
 * The latencies of a load. In an open loop latency counts from the moment a request was due: one that
 * was sent late, because something stood still, waited all that time (coordinated omission).
 */
export function latencyOf(samples: readonly Sample[]): Latency {
  const ordered = (of: (sample: Sample) => number): number[] =>
    samples.map(of).sort((left, right) => left - right);
  const waited = ordered(({ intended, answered }) => answered - intended);
  const served = ordered(({ sent, answered }) => answered - sent);
  return {
    p50: quantile(waited, 0.5),
    p99: quantile(waited, 0.99),
    servedP99: quantile(served, 0.99),
  };
}

export interface MeasuredLoad extends Latency {
  /** Answers a second. */
  readonly rate: number;
  readonly answered: number;
  /** What failed, and how. */
  readonly errors: readonly string[];
}

/**
 * So many clients, each sending its next request when its last one is answered, for so long. The rate is the
 * sum of theirs, each until its own last answer: nobody is counted while he does not ask.
 */
export async function closedLoop(send: Send, inFlight: number, forMs: number): Promise<MeasuredLoad> {
  const samples: Sample[] = [];
  const errors: string[] = [];
  const beganAt = performance.now();
  const until = beganAt + forMs;
  const client = async (): Promise<number> => {
    let answers = 0;
    let sent = performance.now();
    for (; sent < until; sent = performance.now()) {
      await send().then(
        () => {
          answers += 1;
          samples.push({ intended: sent, sent, answered: performance.now() });
        },
        (error: unknown) => errors.push(String(error)),
      );
    }
    return (answers * 1_000) / (sent - beganAt);
  };
  const rates = await Promise.all(Array.from({ length: inFlight }, client));
  const rate = rates.reduce((sum, one) => sum + one, 0);
  return { ...latencyOf(samples), rate, answered: samples.length, errors };
}

export interface OpenLoop {
  /** Requests a second, whatever comes back. */
  readonly rate: number;
  readonly forMs: number;
  /** Between 0 and 1, evenly: when the next one comes is drawn from it, as of buyers who know nothing of each other. */
  readonly random: () => number;
  /** Beyond so many unanswered ones nothing is held back either: they are counted as errors. */
  readonly unansweredMax: number;
  /** No more are sent after this. */
  readonly signal?: AbortSignal;
}

/** When each request is due (ms from the start): a Poisson process of that rate. */
export function schedule({ rate, forMs, random }: Pick<OpenLoop, 'rate' | 'forMs' | 'random'>): number[] {
  const due: number[] = [];
  for (let at = 0; ;) {
    at += (-Math.log(1 - random()) * 1_000) / rate;
    if (at >= forMs) return due;
    due.push(at);
  }
}

/** Requests at times that were fixed before, answered or not. The rate is of what was answered within that time. */
export async function openLoop(
  send: Send,
  { rate, forMs, random, unansweredMax, signal }: OpenLoop,
): Promise<MeasuredLoad> {
  const samples: Sample[] = [];
  const errors: string[] = [];
  const unanswered = new Set<Promise<void>>();
  const beganAt = performance.now();
  for (const offset of schedule({ rate, forMs, random })) {
    if (signal?.aborted === true) break;
    const intended = beganAt + offset;
    const early = intended - performance.now();
    if (early > 0) await delay(early);
    if (unanswered.size >= unansweredMax) {
      errors.push(`${unansweredMax} requests had no answer yet`);
      continue;
    }
    const sent = performance.now();
    const answer: Promise<void> = send()
      .then(
        () => {
          samples.push({ intended, sent, answered: performance.now() });
        },
        (error: unknown) => {
          errors.push(String(error));
        },
      )
      .finally(() => unanswered.delete(answer));
    unanswered.add(answer);
  }
  await Promise.all(unanswered);
  const inTime = samples.filter(({ answered }) => answered <= beganAt + forMs).length;
  return { ...latencyOf(samples), rate: (inTime * 1_000) / forMs, answered: samples.length, errors };
}
