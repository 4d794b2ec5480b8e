import type { Proof } from './run-proof.ts';
import { percentile } from './recovery.ts';

/** What was done to it and how it came through, beside the report of proof:check. */
export function textOfProof({ seed, fallen, boundaries, endings, recovery, underway }: Proof): string {
  const tally = new Map<string, number>();
  for (const { what } of fallen) tally.set(what, (tally.get(what) ?? 0) + 1);
  const told = (counts: ReadonlyMap<string, number>): string[] =>
    [...counts]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([name, count]) => `  ${String(count).padStart(5)}  ${name}`);
  return [
    `${fallen.length} blows:`,
    ...told(tally),
    'blows that fell while a payment was between:',
    ...told(boundaries),
    'payments, as their clients saw them end:',
    ...told(endings),
    `recovery from a kill to the next success: p50 ${percentile(recovery, 50)} ms, p99 ${percentile(recovery, 99)} ms (${recovery.length} kills)`,
    underway === 0
      ? 'everything came to rest'
      : `NOT AT REST: ${underway} operations, commands and deliveries`,
    `seed ${seed}`,
    '',
  ].join('\n');
}
