import { linesOf } from '../check/lines.ts';
import { exchangeSchema } from '../check/client-log.ts';
import type { BlowKind } from './schedule.ts';
import type { Fallen } from './breaker.ts';

const ENDS_A_PROCESS: ReadonlySet<BlowKind> = new Set<BlowKind>(['crash', 'kill', 'restart', 'forget']);

/** From each end of a process to the end of the first request that was begun after it and succeeded (ms). */
export async function recoveryTimes(
  clientLog: string,
  fallen: readonly Fallen[],
): Promise<readonly number[]> {
  const good: { readonly asked: number; readonly ended: number }[] = [];
  for await (const { lines } of linesOf(clientLog))
    for (const line of lines) {
      const { status, kind, asked_at: asked, ended_at: ended } = exchangeSchema.parse(JSON.parse(line));
      if (kind !== 'read' && status !== null && status >= 200 && status < 202)
        good.push({ asked: Date.parse(asked), ended: Date.parse(ended) });
    }
  return fallen
    .filter(({ kind }) => ENDS_A_PROCESS.has(kind))
    .flatMap(({ at }) => {
      const from = Date.parse(at);
      const ends = good.filter(({ asked }) => asked >= from).map(({ ended }) => ended - from);
      return ends.length === 0 ? [] : [Math.min(...ends)];
    })
    .sort((a, b) => a - b);
}

/** The value that so many percent are at or below; NaN of nothing. `sorted` ascending. */
export function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}
